import * as z from 'zod';
import { type Cause, type Hint, isChange } from './change-event.ts';
import { PairStateSchema } from './pair.ts';
import type { Link, LinkKey, Millis } from './ports.ts';
import { OUTCOMES } from './trail.ts';

/** Outcomes kept on the link for an instant answer; the trail has them all. */
export const KEPT_OUTCOMES = 5;

const OutcomeSchema = z.object({
  at: z.number(),
  outcome: z.enum(OUTCOMES),
  cause: z.string(),
  trace: z.string(),
  attempt: z.number(),
  reason: z.string().optional(),
  fields: z.array(z.string()).optional(),
});
export type LinkOutcome = z.infer<typeof OutcomeSchema>;

const ParkedSchema = z.object({
  reason: z.string(),
  fingerprint: z.string(),
  since: z.number(),
  kind: z.string(),
  field: z.string().optional(),
  /** The deployment whose mapping parked it; replay's verdict compares. */
  deployment: z.string().optional(),
});
export type Parked = z.infer<typeof ParkedSchema>;

const LinkBodySchema = z.object({
  version: z.literal(1),
  /** Our clock when the read that was last settled began. */
  readAt: z.number().optional(),
  /** Hash of the fields the target was last brought to; absent = it must be written. */
  hash: z.string().optional(),
  /** The record's id at the target while it exists there. */
  targetId: z.string().optional(),
  /** `present` at the target, deliberately `absent` from it, or `gone` at the source. */
  state: z.enum(['present', 'absent', 'gone']).optional(),
  /** Our clock after the last write; a reading of the target that began too soon after it shows the past. */
  wroteAt: z.number().optional(),
  /** A write may have happened that was never settled: the next step writes whatever the hash says. */
  doubt: z.boolean().optional(),
  /** We have set out to take the record off the target, and do not know whether that was done. */
  removing: z.boolean().optional(),
  /** How many fields were not empty, so that a clearing is noticed without keeping values. */
  filled: z.number().optional(),
  /** Our clock at the reading of which the records in `affects` were last told. */
  rangAt: z.number().optional(),
  /** A message is on its way that looks at this waiting record again then; another one need not be sent. */
  comesBackAt: z.number().optional(),
  /** Hash of what a waiting record would be, as those who depend on it were last told. */
  toldAs: z.string().optional(),
  /** Why the mapping keeps the record away from the target. */
  absentBecause: z.string().optional(),
  /** Records that were told of this one's last change; told again when it changes. */
  affects: z.array(z.string()).optional(),
  /** Hash of what they depend on, as they were last told of it. */
  basis: z.string().optional(),
  /** When time alone will change the outcome. */
  recheckAt: z.number().optional(),
  parked: ParkedSchema.optional(),
  /** The person was erased on request: nothing is made for this record any more. */
  erasedAt: z.number().optional(),
  /** Of a pair whose both sides may change. */
  pair: PairStateSchema.optional(),
  /** Newest first, at most KEPT_OUTCOMES. */
  outcomes: z.array(OutcomeSchema),
});
export type LinkBody = z.infer<typeof LinkBodySchema>;

/** Of a link that has just been made. */
export const emptyBody: LinkBody = { version: 1, outcomes: [] };

/** Throws on a body of a version this code does not know: a host must not overwrite what it cannot read. */
export function parseLinkBody(json: unknown): LinkBody {
  const parsed = LinkBodySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Error(
    `stored link has an unreadable body (${where}): it was written by a newer version; deploy that version again`,
  );
}

/** What a host indexes of a body: parked links by age, and links by the moment of their recheck. */
export function linkIndex(body: LinkBody | undefined): { parkedSince?: Millis; recheckAt?: Millis } {
  const index: { parkedSince?: Millis; recheckAt?: Millis } = {};
  if (body?.parked) index.parkedSince = body.parked.since;
  if (body?.recheckAt !== undefined) index.recheckAt = body.recheckAt;
  return index;
}

/** One string per link, for maps, logs and waiters' lists. */
export function keyText(key: LinkKey): string {
  return `${key.flow}/${key.collection}/${key.id}`;
}

/** `collection/id`: how links of one flow name each other. */
export function localName(key: LinkKey): string {
  return `${key.collection}/${key.id}`;
}

/** The opposite of `localName`. */
export function fromLocalName(flow: string, name: string): LinkKey {
  const slash = name.indexOf('/');
  if (slash < 1) throw new Error(`"${name}" names no record: it must be <collection>/<id>`);
  return { flow, collection: name.slice(0, slash), id: name.slice(slash + 1) };
}

/**
 * May this hint be dropped unread? Only if the read that was last settled began after everything the hint
 * can stand for became visible: its observation, the source's read lag, and the difference of two clocks.
 */
export function covered(link: Link | undefined, hint: Hint, lag: Millis, tolerance: Millis): boolean {
  if (!link?.body || link.lease || link.body.parked || hint.verify) return false;
  const { readAt } = link.body;
  return readAt !== undefined && readAt > hint.observedAt + lag + tolerance;
}

/**
 * Has the source said that this record changed, and have those who depend on it not been told since? They may
 * have seen a value that is gone again, so that comparing with what we last settled is not enough.
 */
export function untold(body: LinkBody | undefined, of: { hint: Hint; cause: Cause }, late: Millis): boolean {
  return isChange(of.cause) && (body?.rangAt ?? 0) <= of.hint.observedAt + late;
}

/** The body with one more outcome at the front. */
export function withOutcome(body: LinkBody, outcome: LinkOutcome): LinkBody {
  return { ...body, outcomes: [outcome, ...body.outcomes].slice(0, KEPT_OUTCOMES) };
}
