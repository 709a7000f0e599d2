import * as z from 'zod';
import { announce } from './announce.ts';
import { freshHint, isRecordId } from './change-event.ts';
import { type Held, holdCursor, readCursor, resetCursor } from './cursor.ts';
import type { Engine, Work } from './engine.ts';
import { Fault, unusableId, vendorCall } from './fault.ts';
import type { Collection, Flow } from './flow.ts';
import type { Millis } from './ports.ts';
import { beginScan } from './scan.ts';
import { openSession } from './session-open.ts';

/** Messages on the bulk queue above which the backfill waits: enough to keep every worker busy, not more. */
const HIGH_WATER = 50;
/** The same for messages that wait for their time: an outage must not pile up the whole source. */
const MOST_DELAYED = 500;
const ENOUGH: Millis = 10_000;
const LOOK_EVERY: Millis = 250;

const BackfillSchema = z.object({
  version: z.literal(1),
  sent: z.number(),
  total: z.number().optional(),
  startedAt: z.number(),
  finishedAt: z.number().optional(),
  page: z.string().optional(),
});
type BackfillState = z.infer<typeof BackfillSchema>;

/** How far a backfill is: ids sent, of how many if the source tells. */
export interface BackfillProgress {
  sent: number;
  total?: number;
  startedAt: Millis;
  finishedAt?: Millis;
}

/** Begins anew from the first page, also over one that is under way. */
export async function startBackfill(engine: Engine, flow: Flow, collection: string): Promise<void> {
  const known = flow.collection(collection);
  if (known) await beginScan(engine, flow, known);
  const startedAt = engine.ports.clock.now();
  await resetCursor(engine.ports, key(flow, collection), BackfillSchema, { version: 1, sent: 0, startedAt });
}

/** Undefined if none was ever started. */
export async function backfillProgress(
  engine: Engine,
  flow: Flow,
  collection: string,
): Promise<BackfillProgress | undefined> {
  const state = await readCursor(engine.ports, key(flow, collection), BackfillSchema);
  return state && progress(state);
}

/**
 * Sends hints for the next pages while the bulk queue has room, until the time is up or the list ends.
 * Undefined when no backfill was started or another worker is at it.
 */
export async function continueBackfill(
  engine: Engine,
  flow: Flow,
  name: string,
  work: Work,
): Promise<BackfillProgress | undefined> {
  const collection = flow.collection(name);
  const before = collection && (await readCursor(engine.ports, key(flow, name), BackfillSchema));
  if (!collection || !before || before.finishedAt !== undefined) return before && progress(before);
  const held = await holdCursor(engine.ports, key(flow, name), BackfillSchema);
  if (!held?.state) return progress(before);
  return progress(await walk({ engine, flow, collection, work }, held, held.state));
}

interface BackfillRun {
  engine: Engine;
  flow: Flow;
  collection: Collection;
  work: Work;
}

async function walk(
  run: BackfillRun,
  held: Held<BackfillState>,
  from: BackfillState,
): Promise<BackfillState> {
  const { engine, work } = run;
  let state = from;
  try {
    while (state.finishedAt === undefined && engine.ports.clock.now() < work.deadline - ENOUGH) {
      if (!(await hasRoom(run))) {
        await engine.ports.clock.sleep(LOOK_EVERY, work.signal);
        continue;
      }
      const next = await onePage(run, state);
      if (!next) break;
      state = next;
      if (!(await held.save(state))) return state;
    }
  } finally {
    await held.release();
  }
  return state;
}

async function hasRoom({ engine, flow }: BackfillRun): Promise<boolean> {
  const depth = await engine.ports.queue.depth({ flow: flow.name, lane: 'bulk' });
  return depth.visible + depth.inFlight < HIGH_WATER && depth.delayed < MOST_DELAYED;
}

/** Undefined when the account cannot be called now; the next run continues. */
async function onePage(
  { engine, flow, collection, work }: BackfillRun,
  state: BackfillState,
): Promise<BackfillState | undefined> {
  const account = engine.account(collection.source.account);
  const permit = await account.enter('bulk', work.deadline);
  if ('why' in permit) return undefined;
  try {
    const session = openSession(engine, account, permit, work);
    const page = await vendorCall(`list ${collection.source.title}`, () =>
      collection.source.list(session, state.page),
    );
    if (!page.items.every(isRecordId)) throw unusableId(collection.source.account.vendor, 'list');
    const now = engine.ports.clock.now();
    const trace = engine.ports.random.token();
    const hints = page.items.map((id) => freshHint(id, now, true));
    const envelope = { flow: flow.name, collection: collection.name, cause: 'backfill', trace } as const;
    await announce(engine.ports, 'bulk', envelope, hints);
    await account.succeeded();
    return advanced(state, page, now);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    await account.learnFault(thrown);
    if (thrown.kind === 'contract-changed') await engine.gate(flow).hold('contract', thrown.message);
    engine.ports.meter.count(flow.name, `backfill.failed.${thrown.kind}`);
    return undefined;
  } finally {
    await account.leave(permit);
  }
}

function advanced(
  state: BackfillState,
  page: { items: string[]; next?: string; total?: number },
  now: Millis,
): BackfillState {
  const { page: _, ...rest } = state;
  const next: BackfillState = { ...rest, sent: state.sent + page.items.length };
  if (page.total !== undefined) next.total = page.total;
  if (page.next === undefined) next.finishedAt = now;
  else next.page = page.next;
  return next;
}

function progress(state: BackfillState): BackfillProgress {
  const { sent, total, startedAt, finishedAt } = state;
  const told: BackfillProgress = { sent, startedAt };
  if (total !== undefined) told.total = total;
  if (finishedAt !== undefined) told.finishedAt = finishedAt;
  return told;
}

function key(flow: { name: string }, collection: string): string {
  return `backfill/${flow.name}/${collection}`;
}
