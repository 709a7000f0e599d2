import { type AuditRun, judge, ring, withSession } from './audit-judge.ts';
import {
  type AuditReport,
  AuditSchema,
  type AuditState,
  begun,
  counted,
  newAudit,
  reportOf,
  STEP,
  stillDiffers,
  survived,
  type Verdict,
} from './audit-state.ts';
import { type Held, holdCursor, readCursor, resetCursor } from './cursor.ts';
import type { Engine, Work } from './engine.ts';
import { Fault, vendorCall } from './fault.ts';
import type { Flow } from './flow.ts';
import type { Link, LinkKey, Millis, Page } from './ports.ts';

export type { AuditReport } from './audit-state.ts';

const ENOUGH: Millis = 20_000;
/** How long a difference may take to be repaired before it counts. */
const PATIENCE: Millis = 600_000;

/** Begins a new audit, also over one that is under way. */
export async function startAudit(engine: Engine, flow: Flow, collection: string): Promise<void> {
  await resetCursor(engine.ports, key(flow, collection), AuditSchema, newAudit(engine.ports.clock.now()));
}

/** How the last audit stands or ended; undefined if there was none. */
export async function auditReport(
  engine: Engine,
  flow: Flow,
  collection: string,
): Promise<AuditReport | undefined> {
  const state = await readCursor(engine.ports, key(flow, collection), AuditSchema);
  return state && reportOf(state);
}

/**
 * Compares both sides of every record, a page at a time, until the time is up or it is done: by id and by the
 * values of the fields that the flow owns. What differs is rung with `verify` and counts only if it still
 * differs afterwards.
 */
export async function continueAudit(
  engine: Engine,
  flow: Flow,
  name: string,
  work: Work,
): Promise<AuditReport | undefined> {
  const collection = flow.collection(name);
  const before = collection && (await readCursor(engine.ports, key(flow, name), AuditSchema));
  if (!collection || !before || before.phase === 'done') return before && reportOf(before);
  const held = await holdCursor(engine.ports, key(flow, name), AuditSchema);
  if (!held?.state) return reportOf(before);
  return reportOf(await walk({ engine, flow, collection, work }, held, held.state));
}

async function walk(run: AuditRun, held: Held<AuditState>, from: AuditState): Promise<AuditState> {
  let state = from;
  try {
    while (state.phase !== 'done' && run.engine.ports.clock.now() < run.work.deadline - ENOUGH) {
      const step = begun(state);
      if (!(await held.save(step.state))) break;
      const next = await oneStep(run, step.state, step);
      state = survived(next ?? step.state);
      if (!(await held.save(state)) || !next) break;
    }
  } catch (thrown) {
    // The account rests or a side did not answer: the next run continues at this page.
    if (!(thrown instanceof Fault)) throw thrown;
    await held.save(survived(state));
    run.engine.ports.meter.count(run.flow.name, `audit.failed.${thrown.kind}`);
  } finally {
    await held.release();
  }
  return state;
}

/** Undefined when there is nothing to do but to wait. */
async function oneStep(run: AuditRun, state: AuditState, step: Step): Promise<AuditState | undefined> {
  switch (state.phase) {
    case 'links':
      return walkLinks(run, state, step);
    case 'source':
      return listSource(run, state);
    case 'target':
      return listTarget(run, state);
    case 'again':
      return lookAgain(run, state, step);
    case 'done':
      return undefined;
  }
}

/** How many records, and whether they are to be passed by unseen. */
interface Step {
  records: number;
  skip: boolean;
}

async function walkLinks(run: AuditRun, state: AuditState, { records, skip }: Step): Promise<AuditState> {
  const { engine, flow, collection } = run;
  const of = { flow: flow.name, collection: collection.name };
  const page = await engine.ports.links.page(of, records, state.page);
  const subjects = page.items.map((link) => ({ key: link.key, link }));
  const verdicts = skip ? subjects.map(deadly) : await judge(run, subjects);
  const now = engine.ports.clock.now();
  await ring(
    run,
    verdicts
      .filter(({ verdict }) => verdict.kind === 'differs' || verdict.kind === 'unsure')
      .map(({ id }) => id),
  );
  return turned(counted(state, verdicts, now), page, 'source');
}

function deadly({ key }: { key: LinkKey }): { id: string; verdict: Verdict } {
  return { id: key.id, verdict: { kind: 'differs', cause: 'workers die when they read it' } };
}

/** Records of the source that no hint has ever told us of. */
async function listSource(run: AuditRun, state: AuditState): Promise<AuditState> {
  const { engine, collection } = run;
  const { source } = collection;
  const page = await withSession(run, source.account, (session) =>
    vendorCall(`list ${source.title}`, () => source.list(session, state.page)),
  );
  const unknown: string[] = [];
  for (let at = 0; at < page.items.length; at += 100) {
    const ids = page.items.slice(at, at + 100);
    const links = await engine.ports.links.read(ids.map((id) => keyOf(run, id)));
    unknown.push(...ids.filter((_, index) => links[index]?.body === undefined));
  }
  return turned(await differing(run, state, { ids: unknown, cause: 'never delivered' }), page, 'target');
}

/** Records of the target that carry our reference although no link leads to them. */
async function listTarget(run: AuditRun, state: AuditState): Promise<AuditState> {
  const { engine, collection } = run;
  const { target } = collection;
  const page = await withSession(run, target.account, (session) =>
    vendorCall(`list ${target.title}`, () => target.list(session, state.page)),
  );
  const orphans: string[] = [];
  for (let at = 0; at < page.items.length; at += 100) {
    const some = page.items.slice(at, at + 100);
    const links = await engine.ports.links.read(some.map(({ ref }) => keyOf(run, ref)));
    orphans.push(
      ...some.filter((item, index) => links[index]?.body?.targetId !== item.targetId).map(({ ref }) => ref),
    );
  }
  return turned(
    await differing(run, state, { ids: orphans, cause: 'at the target without a link' }),
    page,
    'again',
  );
}

async function differing(
  run: AuditRun,
  state: AuditState,
  found: { ids: readonly string[]; cause: string },
): Promise<AuditState> {
  const now = run.engine.ports.clock.now();
  await ring(run, found.ids);
  const verdicts = found.ids.map((id) => ({ id, verdict: { kind: 'differs', cause: found.cause } as const }));
  return counted(state, verdicts, now);
}

/** A difference counts when it is still there after a read that began later than it was rung. */
async function lookAgain(
  run: AuditRun,
  state: AuditState,
  { records, skip }: Step,
): Promise<AuditState | undefined> {
  const { clock } = run.engine.ports;
  const some = state.pending.slice(0, STEP);
  if (some.length === 0) return finished(state, clock.now());
  const patience = state.patience ?? clock.now() + PATIENCE;
  const links = await run.engine.ports.links.read(some.map(({ id }) => keyOf(run, id)));
  const settledSince = some.filter((each, at) => isSettledSince(links[at], each.rungAt));
  const impatient = clock.now() > patience;
  const due = (impatient ? some : settledSince).slice(0, records);
  if (due.length === 0) return state.patience === undefined ? { ...state, patience } : undefined;
  const subjects = due.map(({ id }) => ({
    key: keyOf(run, id),
    link: links[some.findIndex((each) => each.id === id)],
  }));
  const verdicts = skip ? subjects.map(deadly) : await judge(run, subjects);
  const rest = state.pending.filter((each) => !due.includes(each));
  const wordOf = (id: string): Verdict | undefined => verdicts.find((each) => each.id === id)?.verdict;
  return due.reduce<AuditState>((so, each) => finalWord(so, each, wordOf(each.id)), {
    ...state,
    patience,
    pending: rest,
  });
}

function finalWord(
  state: AuditState,
  pending: { id: string; cause: string },
  verdict: Verdict | undefined,
): AuditState {
  switch (verdict?.kind) {
    case 'agree':
      return { ...state, agree: state.agree + 1, repaired: state.repaired + 1 };
    case 'explained':
      return counted(state, [{ id: pending.id, verdict }], 0);
    case 'differs':
      return stillDiffers(state, { id: pending.id, cause: verdict.cause });
    case 'unsure':
    case undefined:
      return stillDiffers(state, pending);
  }
}

function isSettledSince(link: Link | undefined, rungAt: Millis): boolean {
  if (!link?.body || link.lease) return false;
  return (
    link.body.parked !== undefined ||
    (link.body.readAt ?? 0) > rungAt ||
    link.body.outcomes[0]?.outcome === 'waiting'
  );
}

function turned(state: AuditState, page: Page<unknown>, next: AuditState['phase']): AuditState {
  const { page: _, ...rest } = state;
  return page.next === undefined ? { ...rest, phase: next } : { ...rest, page: page.next };
}

function finished(state: AuditState, now: Millis): AuditState {
  return { ...state, phase: 'done', finishedAt: now };
}

function keyOf({ flow, collection }: AuditRun, id: string): LinkKey {
  return { flow: flow.name, collection: collection.name, id };
}

function key(flow: { name: string }, collection: string): string {
  return `audit/${flow.name}/${collection}`;
}
