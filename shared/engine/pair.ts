import * as z from 'zod';
import type { Fields } from './fields.ts';
import { type History, PositionSchema } from './history.ts';
import type { Millis } from './ports.ts';
import type { SourceWriter } from './resource.ts';

/** The two systems of a pair: `left` is the source of the collection, `right` its target. */
export type SideName = 'left' | 'right';

/** Both, the source's first. */
export const SIDES: readonly SideName[] = ['left', 'right'];

/**
 * Who decides on a field that both sides may change. A field that has no rule belongs to the left side.
 * - `right`: the right side's value holds, whatever the left one says.
 * - `left-wins`: whichever side changed; where both did, the left one.
 * - `latest`: the newer edit; two edits within the tolerance of two clocks are a person's to decide.
 * - `fill-if-empty`: the left side's value holds; where it has none, the right side's is taken.
 * - `union`: values separated by `;`, merged as sets.
 * - `deny-wins`: consent, `granted`, `denied` or null. A no beats a yes, except a later yes by the person.
 */
export type Policy = 'right' | 'left-wins' | 'latest' | 'fill-if-empty' | 'union' | 'deny-wins';

export interface FieldRule {
  policy: Policy;
  /** Whose value holds when two records meet for the first time and both have one; `left` unless said. */
  first?: SideName;
}

/** What the source is to be told, and what of it only a person may do. */
export interface Edited<E> {
  /** Absent when there is nothing that we may write. */
  edit?: E;
  /** Fields that a person has to bring over, and why. */
  items: readonly { field: string; because: string }[];
  /** Fields that mean nothing at the target until the items are done: they are left as they are there. */
  waits?: readonly string[];
}

/** What an edit is made from, besides record and values. */
export interface EditContext {
  /** When the record was read. */
  now: Millis;
  /** Fields whose value a person has chosen: what a person may decide needs no second word. */
  chosen: readonly string[];
}

/** The way back of a collection: what the target may change at the source, and how. */
export interface Back<R = unknown, E = unknown> {
  /** By the target's field names; each must also be among those the collection owns. */
  readonly fields: Readonly<Record<string, FieldRule>>;
  /** Who wrote the source's values of these fields; undefined where the vendor does not tell. */
  history(record: R): History | undefined;
  /** Fields of this record that may not flow back, because its value there is not the record's own. */
  ownedHere?(record: R): readonly string[];
  /** Pure. What to write so that the source's record maps to these values. */
  edit(record: R, changed: Fields, context: EditContext): Edited<E>;
  readonly writer: SourceWriter<R, E>;
  /** By what a person is recognised, normalised (an e-mail): kept as a salted hash of somebody who was erased. */
  identity?(fields: Fields): readonly string[];
  /** A target's record that we do not know: leave it, or link it to the one source record that matches it. */
  readonly whenNew: 'ignore' | 'match';
  /** A target's record that was deleted there: make it again, or leave it deleted until it is restored. */
  readonly whenDeleted: 'again' | 'leave';
}

const ValueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const ValuesSchema = z.record(z.string(), ValueSchema);
const SideSchema = z.enum(['left', 'right']);

const OpenItemSchema = z.object({
  /** Empty when it is about the records as such. */
  field: z.string(),
  because: z.string(),
  left: ValueSchema,
  right: ValueSchema,
  since: z.number(),
  /** Stays until a person has looked at it, although both sides agree by now. */
  stays: z.boolean().optional(),
  /** What a person said; it holds as long as both values are the ones that they were shown. */
  keep: SideSchema.optional(),
  /** What they said before, where we may not write it: the item stays open until they have brought it over. */
  chosen: SideSchema.optional(),
});
/** Something that only a person can decide: both values, and why. */
export type OpenItem = z.infer<typeof OpenItemSchema>;

const OverruledSchema = z.object({ at: z.number(), field: z.string(), side: SideSchema, value: ValueSchema });
/** A value that lost against the other side's. */
export type Overruled = z.infer<typeof OverruledSchema>;

/** How many overruled values a link keeps, and how long. */
export const KEPT_OVERRULED = 5;
/** After this an overruled value is forgotten. */
export const OVERRULED_FOR: Millis = 90 * 86_400_000;

/** A field that is written so often without anybody's edit does not settle. */
export const MOST_REWRITES = 3;

const SeenSchema = z.record(z.string(), PositionSchema);

/** What a link remembers of a pair, besides what every link does. */
export const PairStateSchema = z.object({
  /** The values that both sides last agreed on, of the fields with a rule; absent before the first agreement. */
  base: ValuesSchema.optional(),
  /** How far each side's history had been read then. */
  seen: z.object({ left: SeenSchema, right: SeenSchema }),
  /** What we have set out to write since, oldest first: only kept where a side does not tell who wrote what. */
  plans: z.array(ValuesSchema).optional(),
  /** The target's record without our reference that the plans were made for; absent for one of our own. */
  plansFor: z.string().optional(),
  /** When a denial was given that still stands, by field: only a later yes of the person ends it. */
  deniedAt: z.record(z.string(), z.number()).optional(),
  overruled: z.array(OverruledSchema).optional(),
  /** How often in a row a field has been written that nobody had edited, by field. */
  rewritten: z.record(z.string(), z.number()).optional(),
  items: z.array(OpenItemSchema).optional(),
});
export type PairState = z.infer<typeof PairStateSchema>;

/** Of a pair that has never been looked at. */
export const newPair: PairState = { seen: { left: {}, right: {} } };

/** One side as it has been read. */
export interface SideRead {
  values: Fields;
  /** Absent where the vendor does not tell who wrote what. */
  history?: History;
}
