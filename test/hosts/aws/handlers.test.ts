import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { auditReport } from '../../../shared/engine/audit.ts';
import { freshHint } from '../../../shared/engine/change-event.ts';
import { openEngine } from '../../../shared/engine/engine.ts';
import { defineFlow } from '../../../shared/engine/flow.ts';
import type { WebhookEndpoint } from '../../../shared/engine/webhook.ts';
import { auditHandler } from '../../../shared/hosts/aws/handlers/audit.ts';
import { keepHandler } from '../../../shared/hosts/aws/handlers/keep.ts';
import { receiveHandler } from '../../../shared/hosts/aws/handlers/receive.ts';
import { reconcileHandler } from '../../../shared/hosts/aws/handlers/reconcile.ts';
import { scanHandler } from '../../../shared/hosts/aws/handlers/scan.ts';
import { membersPayroll } from '../../functions/example-flow.ts';
import { payroll, rehearsals } from '../../functions/example-vendors.ts';
import { type LocalCloud, startCloud } from '../../support/aws/cloud.ts';
import { noDynamoDb } from '../../support/aws/dynamodb.ts';
import { CONTEXT, type LocalHost, localHost, poll, sqsEvent } from '../../support/aws/lambda.ts';

/** Signed with the word of the account's secret, over the bytes and the public address. */
const endpoint: WebhookEndpoint = {
  account: { vendor: 'rehearsals', name: 'main', limits: () => ({}) },
  methods: ['POST'],
  read: async (_session, { headers, body, url }) => {
    const text = Buffer.from(body).toString('utf8');
    if (headers['x-signature'] !== `${url}|${text.length}`) return { kind: 'forged', reason: 'signature' };
    return { kind: 'accepted', changes: [{ collection: 'member', id: text }], ignored: 0 };
  },
};
const { collection: _, accounts: __, ...definition } = membersPayroll;
const flow = defineFlow({ ...definition, webhooks: { rehearsals: endpoint } });
const LIVE = { flow: flow.name, lane: 'live' } as const;

describe.skipIf(noDynamoDb !== undefined)('the functions of a flow', () => {
  let cloud: LocalCloud | undefined;
  let host: LocalHost;
  const open = () => host;
  beforeAll(async () => {
    cloud = await startCloud();
  });
  afterAll(() => cloud?.stop());
  beforeEach(async () => {
    rehearsals.clear();
    payroll.clear();
    if (cloud) host = localHost(flow, await cloud.open([flow.name]));
  });

  const call = (parts: { body: string; signature?: string; path?: string; base64?: boolean }) => {
    const rawPath = parts.path ?? `/hooks/${flow.name}/rehearsals`;
    return receiveHandler(flow, open)(
      {
        rawPath,
        rawQueryString: 'a=b%20c',
        headers: {
          'X-Signature': parts.signature ?? `https://fn.example${rawPath}?a=b%20c|${parts.body.length}`,
          Host: 'evil.example',
        },
        body: parts.base64 ? Buffer.from(parts.body).toString('base64') : parts.body,
        isBase64Encoded: parts.base64 ?? false,
        requestContext: { domainName: 'fn.example', http: { method: 'POST' } },
      },
      CONTEXT,
    );
  };
  const metric = (name: string) =>
    host.lines.map((line): Record<string, unknown> => JSON.parse(line)).findLast((line) => name in line)?.[
      name
    ];

  test('a webhook is on the queue when it is answered; its signature is over the bytes and our own address', async () => {
    expect(await call({ body: 'm1', base64: true })).toMatchObject({ statusCode: 200 });
    rehearsals.set('m1', { name: 'Ada' });
    const turn = await poll(host, LIVE, (event) => reconcileHandler(flow, open)(event, CONTEXT));
    expect(turn).toEqual({ messages: 1, failed: 0 });
    expect([...payroll.values()]).toMatchObject([{ ref: 'm1', fields: { name: 'Ada' } }]);
  });

  test('a forged webhook gets 401, reaches no queue and is counted; another path gets 404', async () => {
    expect(await call({ body: 'm1', signature: 'no' })).toMatchObject({ statusCode: 401 });
    expect(await call({ body: 'm1', path: '/hooks/other/rehearsals' })).toMatchObject({ statusCode: 404 });
    expect(await call({ body: 'm1', path: '/' })).toMatchObject({ statusCode: 404 });
    expect(await host.ports.queue.receive(LIVE, 10, 1_000)).toEqual([]);
    expect(metric('ForgedWebhooks')).toBe(1);
  });

  test('messages that this code cannot read stay on the queue, and the others of their batch do not', async () => {
    rehearsals.set('m1', { name: 'Ada' });
    const event = {
      version: 1 as const,
      flow: flow.name,
      collection: 'member',
      cause: 'webhook' as const,
      trace: 't',
      records: [freshHint('m1', Date.now())],
    };
    const bodies = [event, { ...event, version: 2 }, { ...event, flow: 'another' }].map((each) =>
      JSON.stringify(each),
    );
    bodies.push('not even JSON');
    const deliveries = bodies.map((body, at) => ({ receipt: `r${at}`, body, receiveCount: 1 }));
    const answer = await reconcileHandler(flow, open)(sqsEvent(host, LIVE, deliveries), CONTEXT);
    expect(answer.batchItemFailures.map((each) => each.itemIdentifier)).toEqual(['m1', 'm2', 'm3']);
    expect(payroll.size).toBe(1);
    expect(metric('UnreadableMessages')).toBe(3);
  });

  test('messages of a queue that is not ours fail the whole batch, with both names', async () => {
    const event = {
      Records: [
        { messageId: 'm', receiptHandle: 'r', body: '{}', eventSourceARN: 'arn:aws:sqs:eu-west-1:1:foreign' },
      ],
    };
    await expect(reconcileHandler(flow, open)(event, CONTEXT)).rejects.toThrow(
      /foreign.*members-payroll-live/,
    );
  });

  test('what is put off is told with its age', async () => {
    const engine = openEngine({ ports: host.ports, flows: [flow], deployment: 'one' });
    await engine.gate(flow).pause('a test');
    const old = { ...freshHint('m1', Date.now()), firstObservedAt: Date.now() - 3_600_000 };
    const event = {
      version: 1 as const,
      flow: flow.name,
      collection: 'member',
      cause: 'scan' as const,
      trace: 't',
      records: [old],
    };
    await host.ports.queue.send([{ lane: 'live', event, delay: 0 }]);
    expect(await poll(host, LIVE, (each) => reconcileHandler(flow, open)(each, CONTEXT))).toMatchObject({
      failed: 0,
    });
    expect(Number(metric('OldestUnfinished'))).toBeGreaterThanOrEqual(3_600);
  });

  test('scan, audit and keep do their errands; an unknown errand is refused', async () => {
    rehearsals.set('m1', { name: 'Ada' });
    await scanHandler(flow, open)({ errand: 'scan' }, CONTEXT);
    await scanHandler(flow, open)({ errand: 'tick' }, CONTEXT);
    const turn = await poll(host, LIVE, (event) => reconcileHandler(flow, open)(event, CONTEXT));
    expect(turn).toEqual({ messages: 1, failed: 0 });
    const audit = auditHandler(flow, open);
    await audit({ errand: 'start-audit' }, CONTEXT);
    for (let turns = 0; turns < 10; turns += 1) await audit({ errand: 'continue-audit' }, CONTEXT);
    const engine = openEngine({ ports: host.ports, flows: [flow], deployment: 'one' });
    expect(await auditReport(engine, flow, 'member')).toMatchObject({ agree: 1, differ: 0 });
    await keepHandler(flow, open)({ errand: 'keep' }, CONTEXT);
    expect(metric('Parked')).toBe(0);
    await keepHandler(flow, open)({ errand: 'health' }, CONTEXT);
    expect(metric('HeartbeatAge')).toBeLessThan(60);
    expect(metric('FlowHeld')).toBe(0);
    expect(() => scanHandler(flow, open)({ errand: 'dance' }, CONTEXT)).toThrow(/errand/);
  });

  test('a record that cannot be mapped is parked: its letter, its metric and its reason are there', async () => {
    rehearsals.set('m1', { name: ' ' });
    await scanHandler(flow, open)({ errand: 'scan' }, CONTEXT);
    await poll(host, LIVE, (event) => reconcileHandler(flow, open)(event, CONTEXT));
    expect(metric('NewParkings')).toBe(1);
    await keepHandler(flow, open)({ errand: 'health' }, CONTEXT);
    expect(metric('DeadLetters')).toBe(1);
    expect(host.lines.find((line) => line.includes('"parked"'))).toContain('is empty');
  });
});
