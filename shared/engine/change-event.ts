import * as z from 'zod';
import type { Millis } from './ports.ts';

/** Why a hint exists. Only the operator-like causes compare with a fresh read of the target (`verify`). */
export const CAUSES = [
  'webhook',
  'scan',
  'audit',
  'backfill',
  'replay',
  'retry',
  'affected',
  'recheck',
] as const;
export type Cause = (typeof CAUSES)[number];

/** Causes by which the source itself says that a record has changed; the others only ask for a look. */
export function isChange(cause: Cause): boolean {
  return cause === 'webhook' || cause === 'scan' || cause === 'retry';
}

/** The queues of a flow: `urgent` is optional (consent), `live` for webhooks and scans, `bulk` for everything that can wait. */
export const LANES = ['urgent', 'live', 'bulk'] as const;
export type Lane = (typeof LANES)[number];

/** The most records one message carries; 100 hints stay far below the 256 KB that every queue accepts. */
export const MAX_RECORDS = 100;

const MAX_ID = 200;
const RecordId = z.string().min(1).max(MAX_ID);
/** A mark and an id, see alias.ts. */
const MarkedId = z
  .string()
  .startsWith('>')
  .max(MAX_ID + 1);

/**
 * Can this be a record's id? Checked where ids enter: one that cannot would spoil the message of the others. `>` in
 * front marks a hint of the target's (see alias.ts).
 */
export function isRecordId(id: string): boolean {
  return !id.startsWith('>') && RecordId.safeParse(id).success;
}

const HintSchema = z.strictObject({
  /** The record's id at the source, or at the target behind its mark. */
  id: z.union([RecordId, MarkedId]),
  /** Our clock when the newest hint of this record was received or scanned. */
  observedAt: z.number().int(),
  /** Our clock when the oldest unfinished hint was received: the age that horizons and alarms use. */
  firstObservedAt: z.number().int(),
  /** Tries that counted; a rate limit or an outage spends none. */
  attempt: z.number().int().min(0),
  /** Compare with a fresh read of the target, never with what the link remembers. */
  verify: z.boolean().optional(),
});
/** "This record may have changed": never what it changed to. */
export type Hint = z.infer<typeof HintSchema>;

const ChangeEventSchema = z.strictObject({
  version: z.literal(1),
  flow: z.string().min(1),
  collection: z.string().min(1),
  cause: z.enum(CAUSES),
  /** Ties the lines of the trail together; records that are packed into one message go on under its first one's. */
  trace: z.string().min(1).max(64),
  records: z.array(HintSchema).min(1).max(MAX_RECORDS),
  /** Not before this moment; a queue cannot delay longer than 15 minutes by itself. */
  dueAt: z.number().int().optional(),
});
export type ChangeEvent = z.infer<typeof ChangeEventSchema>;

/** Undefined for anything that is not a change event of a version this code knows. */
export function parseChangeEvent(body: string): ChangeEvent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  const parsed = ChangeEventSchema.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}

/** Two hints of one record are one hint: newest observation, oldest age, most attempts, verify if either asks. */
export function mergeHints(a: Hint, b: Hint): Hint {
  const merged: Hint = {
    id: a.id,
    observedAt: Math.max(a.observedAt, b.observedAt),
    firstObservedAt: Math.min(a.firstObservedAt, b.firstObservedAt),
    attempt: Math.max(a.attempt, b.attempt),
  };
  if (a.verify || b.verify) merged.verify = true;
  return merged;
}

/** A hint for a record seen just now. */
export function freshHint(id: string, now: Millis, verify = false): Hint {
  const hint: Hint = { id, observedAt: now, firstObservedAt: now, attempt: 0 };
  if (verify) hint.verify = true;
  return hint;
}

/** What every message of one packing run has in common. */
export interface Envelope {
  flow: string;
  collection: string;
  cause: Cause;
  trace: string;
  dueAt?: Millis;
}

/** Packs hints into as few messages as possible; hints of one record are merged on the way. */
export function pack(envelope: Envelope, hints: Iterable<Hint>): ChangeEvent[] {
  const byId = new Map<string, Hint>();
  for (const hint of hints) {
    const known = byId.get(hint.id);
    byId.set(hint.id, known ? mergeHints(known, hint) : hint);
  }
  const records = [...byId.values()];
  const events: ChangeEvent[] = [];
  for (let at = 0; at < records.length; at += MAX_RECORDS) {
    events.push({ version: 1, ...envelope, records: records.slice(at, at + MAX_RECORDS) });
  }
  return events;
}
