import * as z from 'zod';
import type { FieldValue } from './fields.ts';
import type { Millis } from './ports.ts';

/** Who wrote a value: this installation, the person whom the record is about, or anybody else. */
export type Writer = 'us' | 'person' | 'other';

/** One value that a field has had, as the vendor tells it. */
export interface Version {
  value: FieldValue;
  /** The vendor's clock. */
  at: Millis;
  by: Writer;
}

/**
 * Oldest first, by field. A field without an entry has no history that the vendor tells. It may begin later than
 * the field did: vendors keep a limited number of versions.
 */
export type History = Readonly<Record<string, readonly Version[]>>;

/**
 * How far a history had been read: the stamp of its newest version, and how many versions carry that stamp.
 * A count of all versions would not do, because vendors drop the oldest ones.
 */
export const PositionSchema = z.object({ at: z.number(), n: z.number().int().min(1) });
export type Position = z.infer<typeof PositionSchema>;

/** The position of a history that has been read whole; undefined for an empty one. */
export function positionOf(versions: readonly Version[]): Position | undefined {
  const at = versions.at(-1)?.at;
  if (at === undefined) return undefined;
  return { at, n: versions.filter((version) => version.at === at).length };
}

/** What has been written after a position; everything where there is none. */
export function after(versions: readonly Version[], seen: Position | undefined): readonly Version[] {
  if (!seen) return versions;
  let same = 0;
  return versions.filter((version) => {
    if (version.at === seen.at) same += 1;
    return version.at > seen.at || (version.at === seen.at && same > seen.n);
  });
}
