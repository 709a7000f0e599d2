import * as z from 'zod';

/** What the API answers of records that both sides may change. Moments are milliseconds since 1970. */

export const ValueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** What people call the two systems of a flow. */
const SidesSchema = z.object({ left: z.string(), right: z.string() });
export type SidesAnswer = z.infer<typeof SidesSchema>;

const OpenItemSchema = z.object({
  /** Empty when it is about the records as such. */
  field: z.string(),
  because: z.string(),
  left: ValueSchema,
  right: ValueSchema,
  since: z.number(),
  /** Sent along with a decision: it is refused if the values have changed since. */
  mark: z.string(),
});

const ItemSchema = OpenItemSchema.extend({
  collection: z.string(),
  id: z.string(),
  label: z.string().optional(),
});
export type ItemAnswer = z.infer<typeof ItemSchema>;

/** What only a person can decide, oldest first; `count` may be more than are shown. */
export const ItemsSchema = z.object({
  flow: z.string(),
  sides: SidesSchema,
  count: z.number(),
  items: z.array(ItemSchema),
});
export type ItemsAnswer = z.infer<typeof ItemsSchema>;

export const AllItemsSchema = z.object({ flows: z.array(ItemsSchema) });

export const DecidedSchema = z.object({
  ok: z.literal(true),
  /** Name of the system whose value holds. */ keep: z.string(),
});

export const PairSchema = z.object({
  sides: SidesSchema,
  items: z.array(OpenItemSchema),
  /** Values that lost against the other side's, newest first. */
  overruled: z.array(
    z.object({
      at: z.number(),
      field: z.string(),
      side: z.enum(['left', 'right']),
      system: z.string(),
      value: ValueSchema,
    }),
  ),
});
export type PairAnswer = z.infer<typeof PairSchema>;
