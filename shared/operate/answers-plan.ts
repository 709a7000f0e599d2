import * as z from 'zod';
import { FINDING_KINDS } from '../engine/match.ts';
import { ValueSchema } from './answers-pair.ts';

/** What the API answers of records that it looks at without touching them. */

/** Records by `collection/id`. */
export const ListingSchema = z.object({
  records: z.array(z.string()),
  next: z.string().optional(),
  total: z.number().optional(),
  strangers: z.number(),
});
export type ListingAnswer = z.infer<typeof ListingSchema>;

const DifferenceSchema = z.object({ name: z.string(), current: ValueSchema, planned: ValueSchema });

const PlanItemSchema = z.object({
  collection: z.string(),
  id: z.string(),
  action: z.enum(['create', 'update', 'remove', 'none', 'park', 'wait']),
  targetId: z.string().optional(),
  /** It is not linked yet and would be paired with this record, found so. */
  adopts: z.enum(['reference', 'match']).optional(),
  /** At the target. */
  fields: z.array(DifferenceSchema),
  /** At the source. */
  back: z.array(DifferenceSchema).optional(),
  /** Fields that wait for a person. */
  open: z.array(z.string()).optional(),
  why: z.string().optional(),
});
export type PlanItemAnswer = z.infer<typeof PlanItemSchema>;

export const PlanSchema = z.object({
  flow: z.string(),
  sides: z.object({ left: z.string(), right: z.string() }),
  items: z.array(PlanItemSchema),
});
export type PlanAnswer = z.infer<typeof PlanSchema>;

/** The findings of several records of one collection. */
export const FindingsSchema = z.object({
  flow: z.string(),
  collections: z.array(
    z.object({
      collection: z.string(),
      findings: z.array(
        z
          .object({
            id: z.string(),
            label: z.string(),
            kind: z.enum(FINDING_KINDS),
            by: z.enum(['reference', 'match']),
            targetIds: z.array(z.string()),
            because: z.string(),
          })
          .partial({ label: true, by: true, because: true }),
      ),
    }),
  ),
});
export type FindingsAnswer = z.infer<typeof FindingsSchema>;
