import { announce } from './announce.ts';
import type { Verdict } from './audit-state.ts';
import { freshHint } from './change-event.ts';
import type { Engine, Work } from './engine.ts';
import type { Collection, Flow } from './flow.ts';
import { type Inspection, inspect, SURPLUS, type Subject } from './inspect.ts';
import type { AccountRef, Session } from './session.ts';
import { sessionOf, visit } from './visit.ts';

/** One invocation of an audit. */
export interface AuditRun {
  engine: Engine;
  flow: Flow;
  collection: Collection;
  work: Work;
}

/** Both sides of each record, compared; a parked one is explained, and a leased one left, without a look. */
export async function judge(
  run: AuditRun,
  subjects: readonly Subject[],
): Promise<{ id: string; verdict: Verdict }[]> {
  const parked = subjects.filter(({ link }) => link?.body?.parked);
  // Somebody holds it, or has died of it: either way it is not for us to read it now.
  const leased = subjects.filter(({ link }) => link?.lease && !link.lease.reported && !link.body?.parked);
  const open = subjects.filter((subject) => !parked.includes(subject) && !leased.includes(subject));
  const verdicts = parked.map(({ key, link }): { id: string; verdict: Verdict } => ({
    id: key.id,
    verdict: { kind: 'explained', cause: `parked: ${link?.body?.parked?.kind ?? ''}` },
  }));
  const inspected = open.length > 0 ? await inspect(run.engine, run.collection, open, run.work) : [];
  const unsure = leased.map(({ key }): { id: string; verdict: Verdict } => ({
    id: key.id,
    verdict: { kind: 'unsure' },
  }));
  return [
    ...verdicts,
    ...unsure,
    ...inspected.map((each) => ({ id: each.key.id, verdict: verdictOf(each) })),
  ];
}

/** Pure. */
function verdictOf(inspection: Inspection): Verdict {
  const { fault, differs, link, open = [] } = inspection;
  if (fault?.kind === 'waiting') return { kind: 'explained', cause: 'waiting for another record' };
  if (fault)
    return {
      kind: 'differs',
      cause: fault.field === undefined ? `cannot be read: ${fault.kind}` : `cannot be mapped: ${fault.field}`,
    };
  if (differs.length === 0 && open.length > 0) return { kind: 'explained', cause: 'waiting for a person' };
  if (differs.length === 0) return { kind: 'agree' };
  if (link?.body?.outcomes[0]?.outcome === 'waiting')
    return { kind: 'explained', cause: 'waiting for another record' };
  return {
    kind: 'differs',
    cause:
      differs[0] === SURPLUS || link === undefined ? differs.join(', ') : `fields: ${differs.join(', ')}`,
  };
}

/** Asks for a record to be compared and mended. */
export async function ring({ engine, flow, collection }: AuditRun, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const now = engine.ports.clock.now();
  const trace = engine.ports.random.token();
  const envelope = { flow: flow.name, collection: collection.name, cause: 'audit', trace } as const;
  const hints = ids.map((id) => freshHint(id, now, true));
  await announce(engine.ports, 'bulk', envelope, hints);
}

/** One listing call under the account's budget. */
export function withSession<T>(
  { engine, work }: AuditRun,
  ref: AccountRef,
  call: (session: Session) => Promise<T>,
): Promise<T> {
  return visit(engine, { accounts: [ref], lane: 'bulk', work }, (sessions) => call(sessionOf(sessions, ref)));
}
