import { continueBackfill, startBackfill } from '../../../shared/engine/backfill.ts';
import { freshHint, pack } from '../../../shared/engine/change-event.ts';
import { openEngine } from '../../../shared/engine/engine.ts';
import { defineFlow } from '../../../shared/engine/flow.ts';
import { reconcileHandler } from '../../../shared/hosts/aws/handlers/reconcile.ts';
import { membersPayroll } from '../../functions/example-flow.ts';
import { payroll, rehearsals } from '../../functions/example-vendors.ts';
import { type LocalCloud, startCloud } from './cloud.ts';
import { type Counts, countDynamo, countSqs, noCounts } from './counting.ts';
import { CONTEXT, type LocalHost, localHost, poll } from './lambda.ts';

const RECORDS = 100;

// The example's guard would rightly stop a test that renames everybody six times.
const { collection: _, accounts: __, ...definition } = membersPayroll;
const boundless = { share: 1, atLeast: 1_000_000 };
const flow = defineFlow({
  ...definition,
  whenItBreaks: { ...definition.whenItBreaks, changes: boundless, removals: boundless },
});

/** Per delivered record; `wrong` records did not arrive as they should. */
export interface Counted {
  what: 'page of 100, creates' | 'page of 100, updates' | 'webhooks of one record' | 'trickle' | 'backfill';
  perRecord: Counts;
  wrong: number;
}

/** Runs the real engine on the AWS adapters and counts what AWS would bill; the vendors live in memory. */
export async function countCosts(): Promise<Counted[]> {
  const cloud = await startCloud();
  let counts = noCounts();
  countSqs(cloud.sqs, () => counts);
  countDynamo(cloud.dynamo, () => counts);
  const rows: Counted[] = [];
  const count = async (what: Counted['what'], stage: Stage, work: () => Promise<void>) => {
    counts = noCounts();
    stage.host.lines.length = 0;
    await work();
    counts.logBytes = stage.host.lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    const { sqsRequests, writeUnits, readUnits, logBytes } = counts;
    const perRecord = {
      sqsRequests: sqsRequests / RECORDS,
      writeUnits: writeUnits / RECORDS,
      readUnits: readUnits / RECORDS,
      logBytes: logBytes / RECORDS,
    };
    rows.push({ what, perRecord, wrong: wrongOnes() });
  };
  try {
    await pages(await openStage(cloud), count);
    await webhooks(await openStage(cloud), count);
    await trickle(await openStage(cloud), count);
    await backfill(await openStage(cloud), count);
  } finally {
    await cloud.stop();
  }
  return rows;
}

type Count = (what: Counted['what'], stage: Stage, work: () => Promise<void>) => Promise<void>;

async function pages(stage: Stage, count: Count): Promise<void> {
  await count('page of 100, creates', stage, () => deliverPage(stage));
  // Five more deliveries, so that the links remember as many outcomes as they ever do.
  for (let round = 0; round < 5; round += 1) {
    rename();
    await deliverPage(stage);
  }
  rename();
  await count('page of 100, updates', stage, () => deliverPage(stage));
}

async function webhooks(stage: Stage, count: Count): Promise<void> {
  await deliverPage(stage);
  rename();
  await count('webhooks of one record', stage, async () => {
    for (const id of rehearsals.keys()) await send(stage.host, [id]);
    await drain(stage, 'live');
  });
}

/** One webhook, one invocation: nothing shares a request. */
async function trickle(stage: Stage, count: Count): Promise<void> {
  await deliverPage(stage);
  rename();
  await count('trickle', stage, async () => {
    for (const id of rehearsals.keys()) {
      await send(stage.host, [id]);
      await poll(stage.host, { flow: flow.name, lane: 'live' }, stage.reconcile, 1);
    }
  });
}

async function backfill(stage: Stage, count: Count): Promise<void> {
  const engine = openEngine({ ports: stage.host.ports, flows: [flow], deployment: 'one' });
  await count('backfill', stage, async () => {
    await startBackfill(engine, flow, 'member');
    const deadline = Date.now() + 60_000;
    const work = { deadline, signal: new AbortController().signal, background: () => undefined };
    await continueBackfill(engine, flow, 'member', work);
    await drain(stage, 'bulk');
  });
}

interface Stage {
  host: LocalHost;
  reconcile(event: object): ReturnType<ReturnType<typeof reconcileHandler>>;
}

async function openStage(cloud: LocalCloud): Promise<Stage> {
  rehearsals.clear();
  payroll.clear();
  for (let at = 0; at < RECORDS; at += 1) rehearsals.set(`${10_000 + at}`, { name: `Member ${at}` });
  const host = localHost(flow, await cloud.open([flow.name]));
  const handler = reconcileHandler(flow, () => host);
  return { host, reconcile: (event) => handler(event, CONTEXT) };
}

async function deliverPage(stage: Stage): Promise<void> {
  await send(stage.host, [...rehearsals.keys()]);
  await drain(stage, 'live');
}

async function send(host: LocalHost, ids: readonly string[]): Promise<void> {
  const hints = ids.map((id) => freshHint(id, Date.now(), true));
  const envelope = {
    flow: flow.name,
    collection: 'member',
    cause: 'webhook',
    trace: host.ports.random.token(),
  } as const;
  await host.ports.queue.send(pack(envelope, hints).map((event) => ({ lane: 'live', event, delay: 0 })));
}

async function drain(stage: Stage, lane: 'live' | 'bulk'): Promise<void> {
  for (;;) {
    const { messages } = await poll(stage.host, { flow: flow.name, lane }, stage.reconcile);
    if (messages === 0) return;
  }
}

function rename(): void {
  for (const [id, member] of rehearsals) rehearsals.set(id, { name: `${member.name} again` });
}

function wrongOnes(): number {
  const names = new Map([...payroll.values()].map((person) => [person.ref, person.fields.name]));
  return [...rehearsals].filter(([id, { name }]) => names.get(id) !== name).length;
}
