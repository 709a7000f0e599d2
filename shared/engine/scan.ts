import { hash } from 'node:crypto';
import * as z from 'zod';
import { announce } from './announce.ts';
import { freshHint, isRecordId } from './change-event.ts';
import { establishCursor, type Held, holdCursor } from './cursor.ts';
import type { Engine, Work } from './engine.ts';
import { Fault, unusableId } from './fault.ts';
import type { Collection, Flow } from './flow.ts';
import { beat } from './heartbeat.ts';
import type { Millis } from './ports.ts';
import type { Change } from './resource.ts';
import { type Feed, feedsOf, pageOf } from './scan-feed.ts';
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
 * Asks both sides of a collection, the target only where it flows back, what changed since the cursor, and sends a
 * hint for each record. The upper bound is fixed before the first page; the cursor is saved only after a page's
 * events are durable. A side that cannot be asked does not keep the other waiting; its fault is thrown at the end.
 */
export async function scan(
  engine: Engine,
  flow: Flow,
  collectionName: string,
  work: Work,
): Promise<ScanReport> {
  const collection = flow.collection(collectionName);
  if (!collection) return { sent: 0, finished: true, skipped: `no collection "${collectionName}"` };
  const report: ScanReport = { sent: 0, finished: true };
  let failed: unknown;
  for (const feed of feedsOf(flow, collection)) {
    try {
      const part = await scanFeed({ engine, flow, collection, feed, work });
      report.sent += part.sent;
      report.finished &&= part.finished;
      if (part.skipped !== undefined) report.skipped ??= part.skipped;
    } catch (thrown) {
      failed ??= thrown;
    }
  }
  if (failed !== undefined) throw failed;
  if (report.finished) await beat(engine, flow, collection);
  return report;
}

async function scanFeed(run: Omit<ScanRun, 'session'>): Promise<ScanReport> {
  const { engine, flow, feed, work } = run;
  const account = engine.account(feed.account);
  // Where the very first scan begins must be known before anything can fail, or the next first one begins later.
  await establishCursor(engine.ports, feed.key, ScanSchema, firstState(engine.ports.clock.now()));
  const held = await holdCursor(engine.ports, feed.key, ScanSchema);
  if (!held) return { sent: 0, finished: false, skipped: 'another worker is scanning' };
  const permit = await account.enter('live', work.deadline);
  if ('why' in permit) {
    await held.release();
    const skipped = `account ${account.key} is not to be called now (${permit.why})`;
    return { sent: 0, finished: false, skipped };
  }
  try {
    const session = openSession(engine, account, permit, work);
    const report = await windows({ ...run, session }, held);
    await account.succeeded();
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
export async function beginScan(engine: Engine, flow: Flow, collection: Collection): Promise<void> {
  const first = firstState(engine.ports.clock.now());
  for (const { key } of feedsOf(flow, collection))
    await establishCursor(engine.ports, key, ScanSchema, first);
}

function firstState(at: Millis): ScanState {
  return { version: 1, at, sent: [] };
}

interface ScanRun {
  engine: Engine;
  flow: Flow;
  collection: Collection;
  feed: Feed;
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
  const { feed } = run;
  let state = begun;
  const to = state.open?.to ?? clock.now();
  const from = state.at - feed.overlap;
  let page = state.open?.page;
  let sent = 0;
  for (;;) {
    const window = page === undefined ? { from, to } : { from, to, page };
    const found = await pageOf(feed, window, { ...run, mayWait: () => !timeIsUp(run) });
    if (!found.items.every(({ id }) => isRecordId(id))) throw unusableId(feed.account.vendor, 'scan');
    const fresh = unsent(state, found.items);
    await send(run, fresh);
    sent += fresh.length;
    page = found.next;
    state = page === undefined ? closed(feed, state, { to, fresh }) : opened(state, { to, page, fresh });
    if (page === undefined) return { sent, state };
    if (!(await held.save(state))) throw lostCursor(run);
    if (timeIsUp(run)) return { sent, state };
  }
}

function timeIsUp({ engine, work }: ScanRun): boolean {
  return engine.ports.clock.now() > work.deadline - ENOUGH;
}

async function send({ engine, flow, collection, feed }: ScanRun, changes: readonly Change[]): Promise<void> {
  const now = engine.ports.clock.now();
  const trace = engine.ports.random.token();
  const isUrgent = ({ urgent }: Change) => urgent === true && flow.howOften.urgent !== undefined;
  for (const lane of ['urgent', 'live'] as const) {
    const some = changes.filter((change) => isUrgent(change) === (lane === 'urgent'));
    if (some.length === 0) continue;
    const hints = some.map((change) => freshHint(feed.named(change.id), now));
    const envelope = { flow: flow.name, collection: collection.name, cause: 'scan', trace } as const;
    await announce(engine.ports, lane, envelope, hints);
  }
}

function unsent(state: ScanState, changes: readonly Change[]): Change[] {
  const known = new Set(state.sent.map(([mark]) => mark));
  return changes.filter((change) => !known.has(short(change)));
}

function opened(state: ScanState, step: { to: Millis; page: string; fresh: readonly Change[] }): ScanState {
  return { ...state, sent: remembered(state, step), open: { to: step.to, page: step.page } };
}

function closed(
  { overlap }: Feed,
  state: ScanState,
  step: { to: Millis; fresh: readonly Change[] },
): ScanState {
  const inside = remembered(state, step).filter(([, to]) => to >= step.to - overlap);
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
