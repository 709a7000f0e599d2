import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { continueBackfill, startBackfill } from '../../../shared/engine/backfill.ts';
import { freshHint, pack } from '../../../shared/engine/change-event.ts';
import { openEngine } from '../../../shared/engine/engine.ts';
import { defineFlow } from '../../../shared/engine/flow.ts';
import { reconcileHandler } from '../../../shared/hosts/aws/handlers/reconcile.ts';
import { membersPayroll } from '../../functions/example-flow.ts';
import { payroll, rehearsals } from '../../functions/example-vendors.ts';
import { type LocalCloud, startCloud } from '../../support/aws/cloud.ts';
import { type Counts, countDynamo, countSqs, noCounts } from '../../support/aws/counting.ts';
import { noDynamoDb } from '../../support/aws/dynamodb.ts';
import { CONTEXT, type LocalHost, localHost, poll } from '../../support/aws/lambda.ts';

// Its guard would rightly stop a test that renames everybody six times.
const { collection: _, accounts: __, ...definition } = membersPayroll;
const boundless = { share: 1, atLeast: 1_000_000 };
const flow = defineFlow({
  ...definition,
  whenItBreaks: { ...definition.whenItBreaks, changes: boundless, removals: boundless },
});
const RECORDS = 100;

interface Measured {
  what: string;
  perRecord: Counts;
}
const table: Measured[] = [];

describe.skipIf(noDynamoDb !== undefined)('what a delivered record costs on AWS', () => {
  let cloud: LocalCloud | undefined;
  let counts = noCounts();
  beforeAll(async () => {
    cloud = await startCloud();
    countSqs(cloud.sqs, () => counts);
    countDynamo(cloud.dynamo, () => counts);
  });
  afterAll(async () => {
    await cloud?.stop();
    process.stdout.write(`${asText(table)}\n`);
  });

  async function fresh(): Promise<{
    host: LocalHost;
    drain(lane: 'live' | 'bulk'): Promise<void>;
    one(): Promise<void>;
  }> {
    if (!cloud) throw new Error('not started');
    rehearsals.clear();
    payroll.clear();
    for (let at = 0; at < RECORDS; at += 1) rehearsals.set(`${10_000 + at}`, { name: `Member ${at}` });
    const host = localHost(flow, await cloud.open([flow.name]));
    const handler = reconcileHandler(flow, () => host);
    return {
      host,
      one: async () => {
        await poll(host, { flow: flow.name, lane: 'live' }, (event) => handler(event, CONTEXT), 1);
      },
      drain: async (lane) => {
        for (;;) {
          const { messages, failed } = await poll(host, { flow: flow.name, lane }, (event) =>
            handler(event, CONTEXT),
          );
          expect(failed).toBe(0);
          if (messages === 0) return;
        }
      },
    };
  }

  /** A hint each, in one message of 100 or in messages of one. */
  async function send(
    host: LocalHost,
    size: 1 | 100,
    verify = false,
    ids: Iterable<string> = rehearsals.keys(),
  ): Promise<void> {
    const hints = [...ids].map((id) => freshHint(id, Date.now(), verify));
    const envelope = {
      flow: flow.name,
      collection: 'member',
      cause: 'webhook',
      trace: 'ZcGqxQ0bTz2kU9yM3nPv7A',
    } as const;
    const lots = size === 100 ? [hints] : hints.map((hint) => [hint]);
    for (const lot of lots) {
      const messages = pack(envelope, lot).map((event) => ({ lane: 'live' as const, event, delay: 0 }));
      await host.ports.queue.send(messages);
    }
  }

  async function measured(what: string, host: LocalHost, work: () => Promise<void>): Promise<Counts> {
    counts = noCounts();
    host.lines.length = 0;
    await work();
    counts.logBytes = host.lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    const perRecord = Object.fromEntries(
      Object.entries(counts).map(([name, value]) => [name, value / RECORDS]),
    ) as unknown as Counts;
    table.push({ what, perRecord });
    return perRecord;
  }

  function rename(): void {
    for (const [id, member] of rehearsals) rehearsals.set(id, { name: `${member.name} again` });
  }

  test('pages of 100', async () => {
    const { host, drain } = await fresh();
    const created = await measured('page of 100, creates', host, async () => {
      await send(host, 100);
      await drain('live');
    });
    expect(payroll.size).toBe(RECORDS);
    expect(created.writeUnits).toBeLessThanOrEqual(4);
    // Five more deliveries, so that the links remember as many outcomes as they ever do.
    for (let round = 0; round < 5; round += 1) {
      rename();
      await send(host, 100, true);
      await drain('live');
    }
    rename();
    const updated = await measured('page of 100, updates', host, async () => {
      await send(host, 100, true);
      await drain('live');
    });
    expect(
      [...payroll.values()].every((person) => String(person.fields.name).endsWith('again again again')),
    ).toBe(true);
    expect(updated.sqsRequests).toBeLessThanOrEqual(0.3);
    expect(updated.writeUnits).toBeLessThanOrEqual(2.1);
    expect(updated.readUnits).toBeLessThanOrEqual(1);
    expect(updated.logBytes).toBeLessThanOrEqual(400);
  });

  test('webhooks of one record', async () => {
    const { host, drain } = await fresh();
    await send(host, 100);
    await drain('live');
    rename();
    const updated = await measured('webhooks of one record, updates', host, async () => {
      await send(host, 1, true);
      await drain('live');
    });
    expect([...payroll.values()].every((person) => String(person.fields.name).endsWith('again'))).toBe(true);
    expect(updated.sqsRequests).toBeLessThanOrEqual(1.25);
    expect(updated.writeUnits).toBeLessThanOrEqual(2.1);
    expect(updated.readUnits).toBeLessThanOrEqual(1);
    expect(updated.logBytes).toBeLessThanOrEqual(400);
  });

  test('a trickle: one webhook, one invocation', async () => {
    const { host, drain, one } = await fresh();
    await send(host, 100);
    await drain('live');
    rename();
    const updated = await measured('trickle of webhooks, updates', host, async () => {
      for (const id of rehearsals.keys()) {
        await send(host, 1, true, [id]);
        await one();
      }
    });
    // Nothing shares a request here: one to send, one to receive, one to delete.
    expect(updated.sqsRequests).toBeLessThanOrEqual(3);
    expect(updated.writeUnits).toBeLessThanOrEqual(4);
    expect(updated.readUnits).toBeLessThanOrEqual(3);
    expect(updated.logBytes).toBeLessThanOrEqual(400);
  });

  test('a backfill', async () => {
    const { host, drain } = await fresh();
    const engine = openEngine({ ports: host.ports, flows: [flow], deployment: 'one' });
    const created = await measured('backfill, creates', host, async () => {
      await startBackfill(engine, flow, 'member');
      const work = {
        deadline: Date.now() + 60_000,
        signal: new AbortController().signal,
        background: () => undefined,
      };
      await continueBackfill(engine, flow, 'member', work);
      await drain('bulk');
    });
    expect(payroll.size).toBe(RECORDS);
    expect(created.sqsRequests).toBeLessThanOrEqual(0.3);
    expect(created.writeUnits).toBeLessThanOrEqual(4);
    expect(created.readUnits).toBeLessThanOrEqual(1);
    expect(created.logBytes).toBeLessThanOrEqual(400);
  });
});

function asText(rows: readonly Measured[]): string {
  const names = ['sqsRequests', 'writeUnits', 'readUnits', 'logBytes'] as const;
  const lines = rows.map(({ what, perRecord }) =>
    [what.padEnd(34), ...names.map((name) => perRecord[name].toFixed(2).padStart(12))].join(''),
  );
  return ['per delivered record'.padEnd(34) + names.map((name) => name.padStart(12)).join(''), ...lines].join(
    '\n',
  );
}
