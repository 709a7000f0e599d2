import * as z from 'zod';
import type { Millis } from './ports.ts';

/** Differences that are looked at a second time; beyond them a difference counts at once. */
const MOST_PENDING = 1_000;
/** Differences shown to people. */
const SHOWN = 100;

const DifferenceSchema = z.object({ id: z.string(), cause: z.string() });
const PendingSchema = DifferenceSchema.extend({ rungAt: z.number() });
export type Pending = z.infer<typeof PendingSchema>;

/** An audit walks the links, then lists each side, then looks again at what differed. */
export const AuditSchema = z.object({
  version: z.literal(1),
  phase: z.enum(['links', 'source', 'target', 'again', 'done']),
  page: z.string().optional(),
  agree: z.number(),
  differ: z.number(),
  explained: z.number(),
  /** Of those that agree: they did not at first. */
  repaired: z.number(),
  causes: z.record(z.string(), z.number()),
  differences: z.array(DifferenceSchema),
  pending: z.array(PendingSchema),
  startedAt: z.number(),
  /** Times the present step was begun; more than one means that a worker died of it. */
  tries: z.number().optional(),
  /** Steps still to be taken record by record, since a worker died of a whole page. */
  careful: z.number().optional(),
  /** When the second look may begin to count what is still open. */
  patience: z.number().optional(),
  finishedAt: z.number().optional(),
});
export type AuditState = z.infer<typeof AuditSchema>;

export interface AuditReport {
  phase: AuditState['phase'];
  agree: number;
  differ: number;
  explained: number;
  repaired: number;
  /** Of what differs and what is explained. */
  causes: Readonly<Record<string, number>>;
  differences: readonly { id: string; cause: string }[];
  startedAt: Millis;
  finishedAt?: Millis;
}

/** An audit that has looked at nothing yet. */
export function newAudit(now: Millis): AuditState {
  return {
    version: 1,
    phase: 'links',
    agree: 0,
    differ: 0,
    explained: 0,
    repaired: 0,
    causes: {},
    differences: [],
    pending: [],
    startedAt: now,
  };
}

/** What people see of it. */
export function reportOf(state: AuditState): AuditReport {
  const { phase, agree, differ, explained, repaired, causes, differences, startedAt, finishedAt } = state;
  const report = { phase, agree, differ, explained, repaired, causes, differences, startedAt };
  return finishedAt === undefined ? report : { ...report, finishedAt };
}

/** Links per step of the walk. */
export const STEP = 100;
/** Workers that may die of one record alone before the audit passes it by. */
const DEATHS = 2;

/** How the next step is to be taken, and the state to be saved before it: a death leaves its mark there. Pure. */
export function begun(state: AuditState): { state: AuditState; records: number; skip: boolean } {
  const tries = (state.tries ?? 0) + 1;
  const careful = tries > 1 && !state.careful ? STEP : (state.careful ?? 0);
  const records = careful > 0 ? 1 : STEP;
  return { state: { ...state, tries, careful }, records, skip: careful > 0 && tries > DEATHS };
}

/** After a step that nobody died of. Pure. */
export function survived(state: AuditState): AuditState {
  return { ...state, tries: 0, careful: Math.max(0, (state.careful ?? 0) - 1) };
}

/** What one record's look says. */
export type Verdict =
  | { kind: 'agree' }
  | { kind: 'explained'; cause: string }
  | { kind: 'differs'; cause: string }
  | { kind: 'unsure' };

/** The state with these verdicts counted; what differs is kept for a second look. Pure. */
export function counted(
  state: AuditState,
  verdicts: readonly { id: string; verdict: Verdict }[],
  now: Millis,
): AuditState {
  return verdicts.reduce((so, { id, verdict }) => countOne(so, id, verdict, now), state);
}

function countOne(state: AuditState, id: string, verdict: Verdict, now: Millis): AuditState {
  switch (verdict.kind) {
    case 'agree':
      return { ...state, agree: state.agree + 1 };
    case 'explained':
      return caused({ ...state, explained: state.explained + 1 }, id, verdict.cause);
    case 'unsure':
      return later(state, { id, cause: 'in work', rungAt: now });
    case 'differs':
      return later(state, { id, cause: verdict.cause, rungAt: now });
  }
}

/** The final word on a difference that is still there after it was rung. */
export function stillDiffers(state: AuditState, { id, cause }: { id: string; cause: string }): AuditState {
  return caused({ ...state, differ: state.differ + 1 }, id, cause);
}

function later(state: AuditState, pending: Pending): AuditState {
  if (state.pending.some((each) => each.id === pending.id)) return state;
  if (state.pending.length >= MOST_PENDING) return stillDiffers(state, pending);
  return { ...state, pending: [...state.pending, pending] };
}

function caused(state: AuditState, id: string, cause: string): AuditState {
  const causes = { ...state.causes, [cause]: (state.causes[cause] ?? 0) + 1 };
  const differences =
    state.differences.length < SHOWN ? [...state.differences, { id, cause }] : state.differences;
  return { ...state, causes, differences };
}
