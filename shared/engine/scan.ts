import { hash } from 'node:crypto';
import * as z from 'zod';
import { freshHint, isRecordId, pack } from './change-event.ts';
import { establishCursor, type Held, holdCursor } from './cursor.ts';
import { amend, readDocument } from './documents.ts';
import type { Engine, Work } from './engine.ts';
import { Fault, unusableId, vendorCall } from './fault.ts';
import type { Collection, Flow } from './flow.ts';
import type { Millis, Ports } from './ports.ts';
import type { Change } from './resource.ts';
import type { Session } from './session.ts';
import { openSession } from './session-open.ts';

/** Change ids remembered inside the overlap; beyond that the overlap is simply sent again, which is harmless. */
const MOST_REMEMBERED = 8_000;
const ENOUGH: Millis = 15_000;

const ScanSchema = z.object({
  version: z.literal(1),
  /** Everything up to here has been sent; our clock. */
  at: z.number(),
  /** Short hashes of the change ids sent inside the overlap, with the upper bound of their window. */
  sent: z.array(z.tuple([z.string(), z.number()])),
  /** A window that is not finished: its fixed upper bound and the next page. */
  open: z.object({ to: z.number(), page: z.string().optional() }).optional(),
});
type ScanState = z.infer<typeof ScanSchema>;

export interface ScanReport {
  sent: number;
  finished: boolean;
  /** Why nothing was scanned. */
  skipped?: string;
}

/**
 * Asks the source what changed since the cursor, and sends a hint for each record. The upper bound is fixed
 * before the first page; the cursor is saved only after a page's events are durable.
 */
export async function scan(
  engine: Engine,
  flow: Flow,
  collectionName: string,
  work: Work,
): Promise<ScanReport> {
  const collection = flow.collection(collectionName);
  if (!collection) return { sent: 0, finished: true, skipped: `no collection "${collectionName}"` };
  const account = engine.account(collection.source.account);
  // Where the very first scan begins must be known before anything can fail, or the next first one begins later.
  await beginScan(engine, flow, collection.name);
  const held = await holdCursor(engine.ports, scanKey(flow, collection.name), ScanSchema);
  if (!held) return { sent: 0, finished: false, skipped: 'another worker is scanning' };
  const permit = await account.enter('live', work.deadline);
  if ('why' in permit) {
    await held.release();
    return {
      sent: 0,
      finished: false,
      skipped: `account ${account.key} is not to be called now (${permit.why})`,
    };
  }
  try {
    const session = openSession(engine, account, permit, work);
    const report = await windows({ engine, flow, collection, session, work }, held);
    await account.succeeded();
    if (report.finished) await beat(engine, flow, collection);
    return report;
  } catch (fault) {
    await held.release();
    if (!(fault instanceof Fault)) throw fault;
    await account.learnFault(fault);
    if (fault.kind === 'contract-changed') await engine.gate(flow).hold('contract', fault.message);
    engine.ports.meter.count(flow.name, `scan.failed.${fault.kind}`);
    throw fault;
  } finally {
    await account.leave(permit);
  }
}

/** From now on no change is missed: a backfill calls this before it reads its first page. */
export async function beginScan(engine: Engine, flow: Flow, collection: string): Promise<void> {
  const first = firstState(engine.ports.clock.now());
  await establishCursor(engine.ports, scanKey(flow, collection), ScanSchema, first);
}

function scanKey(flow: Flow, collection: string): string {
  return `scan/${flow.name}/${collection}`;
}

function firstState(at: Millis): ScanState {
  return { version: 1, at, sent: [] };
}

interface ScanRun {
  engine: Engine;
  flow: Flow;
  collection: Collection;
  session: Session;
  work: Work;
}

/** A window that an earlier run left open ends in the past; what has changed since is not kept waiting for it. */
async function windows(run: ScanRun, held: Held<ScanState>): Promise<ScanReport> {
  const begun = held.state ?? firstState(run.engine.ports.clock.now());
  const first = await pages(run, held, begun);
  if (!begun.open || first.state.open || timeIsUp(run)) {
    await held.release(first.state);
    return { sent: first.sent, finished: !first.state.open };
  }
  if (!(await held.save(first.state))) throw lostCursor(run);
  await beat(run.engine, run.flow, run.collection);
  const second = await pages(run, held, first.state);
  await held.release(second.state);
  return { sent: first.sent + second.sent, finished: !second.state.open };
}

/** One window to its end, or as far as the time allows: then it is left open. */
async function pages(
  run: ScanRun,
  held: Held<ScanState>,
  begun: ScanState,
): Promise<{ sent: number; state: ScanState }> {
  const { clock } = run.engine.ports;
  const { source } = run.collection;
  let state = begun;
  const to = state.open?.to ?? clock.now();
  const from = state.at - source.overlap;
  let page = state.open?.page;
  let sent = 0;
  for (;;) {
    const window = page === undefined ? { from, to } : { from, to, page };
    const found = await vendorCall(`scan ${source.title}`, () => source.scan(run.session, window));
    if (!found.items.every(({ id }) => isRecordId(id))) throw unusableId(source.account.vendor, 'scan');
    const fresh = unsent(state, found.items);
    await send(run, fresh);
    sent += fresh.length;
    page = found.next;
    state =
      page === undefined ? closed(run.collection, state, { to, fresh }) : opened(state, { to, page, fresh });
    if (page === undefined) return { sent, state };
    if (!(await held.save(state))) throw lostCursor(run);
    if (timeIsUp(run)) return { sent, state };
  }
}

function timeIsUp({ engine, work }: ScanRun): boolean {
  return engine.ports.clock.now() > work.deadline - ENOUGH;
}

async function send({ engine, flow, collection }: ScanRun, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const now = engine.ports.clock.now();
  const trace = engine.ports.random.token();
  const hints = changes.map((change) => freshHint(change.id, now));
  const events = pack({ flow: flow.name, collection: collection.name, cause: 'scan', trace }, hints);
  await engine.ports.queue.send(events.map((event) => ({ lane: 'live', event, delay: 0 })));
}

function unsent(state: ScanState, changes: readonly Change[]): Change[] {
  const known = new Set(state.sent.map(([mark]) => mark));
  return changes.filter((change) => !known.has(short(change)));
}

function opened(state: ScanState, step: { to: Millis; page: string; fresh: readonly Change[] }): ScanState {
  return { ...state, sent: remembered(state, step), open: { to: step.to, page: step.page } };
}

function closed(
  collection: Collection,
  state: ScanState,
  step: { to: Millis; fresh: readonly Change[] },
): ScanState {
  const inside = remembered(state, step).filter(([, to]) => to >= step.to - collection.source.overlap);
  return { version: 1, at: step.to, sent: inside };
}

function remembered(state: ScanState, step: { to: Millis; fresh: readonly Change[] }): ScanState['sent'] {
  const all = [...state.sent, ...step.fresh.map((change): [string, number] => [short(change), step.to])];
  return all.slice(-MOST_REMEMBERED);
}

function short(change: Change): string {
  return hash('sha256', `${change.id}\n${change.changeId}`).slice(0, 12);
}

function lostCursor({ flow, collection }: ScanRun): Fault {
  return new Fault('unavailable', {
    vendor: 'intertie',
    operation: 'cursor',
    message: `scan ${flow.name}/${collection.name} took too long and another worker has continued it`,
  });
}

const HeartbeatSchema = z.object({ version: z.literal(1), at: z.number() });

async function beat(engine: Engine, flow: Flow, collection: Collection): Promise<void> {
  const at = engine.ports.clock.now();
  await amend(engine.ports, heartbeatKey(flow, collection), HeartbeatSchema, () => ({ version: 1, at }));
}

/** When the collection that has waited longest for a finished scan had its last one; undefined before all had one. */
export async function lastHeartbeat(
  ports: Pick<Ports, 'documents'>,
  flow: Flow,
): Promise<Millis | undefined> {
  const beats = await Promise.all(
    flow.collections.map((each) => readDocument(ports, heartbeatKey(flow, each), HeartbeatSchema)),
  );
  const known = beats.flatMap((each) => each?.at ?? []);
  return known.length < beats.length ? undefined : Math.min(...known);
}

function heartbeatKey(flow: Flow, collection: Collection): string {
  return `heartbeat/${flow.name}/${collection.name}`;
}
