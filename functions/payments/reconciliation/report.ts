import * as z from 'zod';

/** Milliseconds by our clock. */
const Moment = z.number().int();
/** Signed minor units: what left the account is negative. */
const Signed = z.number().int();
const Count = z.number().int().nonnegative();

/** What a row says. The last five need nobody: they are as they should be, or the provider's own business. */
export const ROW_KINDS = [
  'orphan-at-provider',
  'duplicate-capture',
  'missing-at-provider',
  'amount-mismatch',
  'currency-mismatch',
  'status-mismatch',
  'refund-unmatched',
  'dispute-open',
  'unsettled-late',
  'fee-variance',
  'dispute-closed',
  'matched',
  'fee',
  'payout',
  'reserve',
  'adjustment',
] as const;
/** What a row says. */
export type RowKind = (typeof ROW_KINDS)[number];

const QUIET: ReadonlySet<RowKind> = new Set([
  'dispute-closed',
  'matched',
  'fee',
  'payout',
  'reserve',
  'adjustment',
]);

/** Somebody has to look at it. */
export function isFinding(kind: RowKind): boolean {
  return !QUIET.has(kind);
}

/** Money moved that nobody asked for: these page. */
export function isStray(kind: RowKind): kind is 'orphan-at-provider' | 'duplicate-capture' {
  return kind === 'orphan-at-provider' || kind === 'duplicate-capture';
}

/** One line of a report: a provider's entry, or what the hub has and the provider does not show. */
export const RowSchema = z.strictObject({
  kind: z.enum(ROW_KINDS),
  of: z.enum([
    ...(['charge', 'refund', 'refund-failed', 'dispute'] as const),
    ...(['fee', 'reserve', 'payout', 'adjustment'] as const),
  ]),
  at: Moment,
  currency: z.string(),
  /** By what the entry and the payment were brought together. */
  by: z.enum(['id', 'reference', 'amount']).optional(),
  /** The provider's ids of its entry, and of the payment, refund or dispute that it is about. */
  entry: z.string().optional(),
  about: z.string().optional(),
  /** Ours: of the attempt, the payment and the refund. */
  reference: z.string().optional(),
  payment: z.string().optional(),
  refund: z.string().optional(),
  /** What the hub has; absent = nothing. */
  expected: Signed.optional(),
  /** What the provider has; absent = nothing. */
  gross: Signed.optional(),
  fee: Signed.optional(),
  net: Signed.optional(),
  payout: z.string().optional(),
  /** What is the matter, in words. */
  says: z.string().optional(),
});
/** One line of a report. */
export type Row = z.infer<typeof RowSchema>;

/** Sums of one currency in signed minor units; `fees` is what was kept, so it counts downwards. */
export const TotalsSchema = z.strictObject({
  currency: z.string(),
  entries: Count,
  charges: Signed,
  refunds: Signed,
  returned: Signed,
  disputes: Signed,
  fees: Signed,
  reserves: Signed,
  adjustments: Signed,
  payouts: Signed,
  net: Signed,
  /** By the hub: captured, less refunds, plus refunds that came back. */
  expected: Signed,
  /** Balance not paid out yet, by the provider: `closing = opening + net`. Opens at the report of the day before. */
  opening: Signed,
  closing: Signed,
  /** Closing by the provider less closing by the hub; anything but 0 is explained by the findings. */
  difference: Signed,
});
/** Sums of one currency. */
export type Totals = z.infer<typeof TotalsSchema>;

/** `net = Σ entries` of one payout in one currency. */
export const PayoutCheckSchema = z.strictObject({
  payout: z.string(),
  currency: z.string(),
  amount: Signed,
  entries: Count,
  sum: Signed,
  holds: z.boolean(),
});
/** `net = Σ entries` of one payout. */
export type PayoutCheck = z.infer<typeof PayoutCheckSchema>;

/** A report without its rows. */
export const SummarySchema = z.strictObject({
  schema: z.literal(1),
  /** `<provider>.<day>` or `<provider>.payout-<id>`. */
  id: z.string(),
  merchant: z.string(),
  provider: z.string(),
  scope: z.enum(['day', 'payout']),
  from: Moment,
  /** Left out. */
  to: Moment,
  madeAt: Moment,
  /** One more each time it was made anew. */
  version: z.number().int(),
  rows: Count,
  /** Rows that somebody has to look at. */
  findings: Count,
  counts: z.partialRecord(z.enum(ROW_KINDS), Count),
  totals: z.array(TotalsSchema),
  payouts: z.array(PayoutCheckSchema),
  /** Entries whose net is not gross less fee. */
  unbalanced: z.array(z.string()),
});
/** A report without its rows. */
export type Summary = z.infer<typeof SummarySchema>;

/** A whole report: rows with findings first. */
export const ReportSchema = z.strictObject({ ...SummarySchema.shape, lines: z.array(RowSchema) });
/** A whole report. */
export type Report = z.infer<typeof ReportSchema>;

/** What to do about a row, in words. Total over kinds. */
export function adviceOn(kind: RowKind): string {
  switch (kind) {
    case 'orphan-at-provider':
      return 'find out who charged it; refund it at the provider if nobody did, then settle it here with the reason';
    case 'duplicate-capture':
      return 'refund the second charge at the provider, then settle it here with the reason';
    case 'missing-at-provider':
      return 'sync the payment; if it stays, ask the provider with its id';
    case 'amount-mismatch':
    case 'currency-mismatch':
      return 'compare with the payment at the provider; a fee for conversion or an edit there explains it';
    case 'status-mismatch':
      return 'sync the payment; if it needs review, resolve it with what the provider shows';
    case 'refund-unmatched':
      return 'it was made at the provider and not here: note it with the order it belongs to';
    case 'dispute-open':
      return 'answer the dispute at the provider before its date';
    case 'unsettled-late':
      return 'ask the provider when it pays this out';
    case 'fee-variance':
      return 'compare with the price list of the account';
    case 'dispute-closed':
    case 'matched':
    case 'fee':
    case 'payout':
    case 'reserve':
    case 'adjustment':
      return '';
  }
}
