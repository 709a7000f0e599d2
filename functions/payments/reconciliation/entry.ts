import * as z from 'zod';

const AmountSchema = z.strictObject({ minor: z.number().int(), currency: z.string() });

/** A provider's settlement entry as it is kept while a report is being made. */
export const EntrySchema = z.strictObject({
  id: z.string(),
  about: z.string().optional(),
  reference: z.string().optional(),
  kind: z.enum([
    ...(['charge', 'refund', 'refund-failed', 'dispute'] as const),
    ...(['fee', 'reserve', 'payout', 'adjustment'] as const),
  ]),
  gross: AmountSchema,
  fee: AmountSchema,
  net: AmountSchema,
  at: z.number().int(),
  payout: z.string().optional(),
});
/** A provider's settlement entry. */
export type Entry = z.infer<typeof EntrySchema>;
