import * as z from 'zod';
import { exponentOf } from '../../../shared/values/money.ts';
import { Refusal, type Trouble } from './problem.ts';

/** Twelve digits: more than any provider takes at once. */
const MOST_MINOR = 999_999_999_999;
const WHOLE = 'must be a whole number of minor units of its currency, as a JSON number';

const Minor = z
  .int({ error: WHOLE })
  .min(1, { error: 'must be at least 1' })
  .max(MOST_MINOR, { error: `must be at most ${MOST_MINOR}` })
  .meta({ description: 'Whole minor units: 1000 is 10.00 EUR, and 1000 JPY is 1000.', examples: [1999] });

const Currency = z
  .string({ error: 'must be a text' })
  .regex(/^[A-Z]{3}$/, { error: 'must be three capital letters of ISO 4217' })
  .refine((code) => exponentOf(code) !== undefined, { error: 'is not a currency of ISO 4217' })
  .meta({ description: 'ISO 4217, in capital letters.', examples: ['EUR'] });

const Reference = z
  .string({ error: 'must be a text' })
  .regex(/^[\x21-\x7e]{1,40}$/, { error: 'must be 1 to 40 visible ASCII characters without spaces' })
  .meta({
    description:
      "Yours, e.g. the order's number. One payment at a time has it: it is free again once that one is declined, rejected, voided or expired.",
    examples: ['registration-2041'],
  });

/** Free text for people. */
function text(least: number, most: number) {
  return z
    .string({ error: 'must be a text' })
    .min(least, { error: `must have at least ${least} characters` })
    .max(most, { error: `must have at most ${most} characters` });
}

const Provider = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, { error: 'must be the name of a provider' });

const Instrument = z
  .strictObject({
    token: z
      .string({ error: 'must be a text' })
      .regex(/^[\x21-\x7e]{1,255}$/, { error: "must be the provider's own token" })
      .meta({ description: "The provider's token of a card or wallet. Never a card number." }),
    oneStep: z.boolean().optional().meta({
      description: 'It can only be charged at once, not held first; then it is never tried elsewhere.',
    }),
  })
  .meta({ examples: [{ token: 'pm_card_visa' }] });

/** Body of `POST /v1/payments`. */
export const NewPaymentSchema = z.strictObject({
  reference: Reference,
  amount: Minor,
  currency: Currency,
  instrument: z.record(Provider, Instrument).meta({
    description: "The payer's token at each provider that may be tried, by the provider's name.",
    examples: [{ stripe: { token: 'pm_card_visa' } }],
  }),
  capture: z.enum(['automatic', 'manual'], { error: 'must be "automatic" or "manual"' }).optional().meta({
    description: '`manual` holds the money until you ask for it; `automatic`, the default, takes it.',
  }),
  description: text(1, 200).optional().meta({ description: 'Shown to the payer where the provider does.' }),
  returnUrl: z
    .url({ protocol: /^https$/, error: 'must be an https address' })
    .max(2000, { error: 'must have at most 2000 characters' })
    .optional()
    .meta({ description: 'Where the payer comes back to after a step of their own.' }),
  processBefore: z.iso
    .datetime({ offset: true, error: 'must be a time such as 2026-11-24T12:00:00Z' })
    .optional()
    .meta({ description: 'Nothing is tried after it. During an outage the payment waits until then.' }),
  failover: z
    .enum(['never', 'proof', 'hold'], { error: 'must be "never", "proof" or "hold"' })
    .optional()
    .meta({ description: "When another provider may be tried; the merchant's own policy unless said." }),
});
export type NewPaymentBody = z.infer<typeof NewPaymentSchema>;

/** Body of a capture. */
export const CaptureSchema = z.strictObject({
  amount: Minor.optional().meta({
    description: 'Minor units; all that is held unless said. The rest is released.',
  }),
});

/** Body of what needs no word: a void, a sync. */
export const EmptySchema = z.strictObject({});

/** Body of a refund. */
export const RefundSchema = z.strictObject({ amount: Minor, reason: text(1, 200).optional() });

/** Body of an operator's word about an operation that nobody could clear up. */
export const ResolveSchema = z.strictObject({
  operation: z
    .int({ error: 'must be the number of an operation' })
    .min(1, { error: 'must be at least 1' })
    .meta({
      description: "The operation's number, from the payment's `review`.",
    }),
  outcome: z
    .enum(['executed', 'not-executed'], { error: 'must be "executed" or "not-executed"' })
    .meta({ description: 'What the provider shows: it was done, or it was not and cannot be any more.' }),
  reason: text(10, 500).meta({ description: 'Who looked where and what they found; kept in the timeline.' }),
  providerId: z
    .string()
    .regex(/^[\x21-\x7e]{1,120}$/, { error: 'must be an id of the provider' })
    .optional()
    .meta({ description: "The provider's id of what was found, where the hub has none yet." }),
});
export type ResolveBody = z.infer<typeof ResolveSchema>;

/** Body of an operator's word about a provider. */
export const CircuitOrderSchema = z.strictObject({
  force: z.enum(['open', 'closed', 'none'], { error: 'must be "open", "closed" or "none"' }).meta({
    description:
      '`open` leaves the provider alone, `closed` calls it whatever happens, `none` lets outcomes decide.',
  }),
  reason: text(10, 500),
});

/** Query of a list. */
export const PageSchema = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9][0-9]?|100)$/, { error: 'must be from 1 to 100' })
    .optional()
    .meta({ description: 'How many at most; 50 unless said.' }),
  after: z.string().max(1000).optional().meta({ description: '`next` of the page before.' }),
});

/** Query of `GET /v1/payments`. */
export const ByReferenceSchema = z.strictObject({ reference: Reference });

const NEXT: ReadonlyMap<string, string> = new Map([
  ['amount', 'send whole minor units, such as 1000 for 10.00 EUR'],
  ['currency', 'send the code of the currency, such as EUR'],
  ['reference', 'send a short id of your own, such as an order number'],
  ['instrument', 'send the token of each provider as {"<provider>": {"token": "..."}}'],
  ['returnUrl', 'send an https address of your own site, or leave it out'],
  ['processBefore', 'send a time to come, with its zone, or leave it out'],
  ['reason', 'say who looked where and what they found'],
]);

/** What was sent, checked; or a refusal that names every field that does not fit. */
export function fits<T>(schema: z.ZodType<T>, value: unknown, where: 'body' | 'query'): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) => errorsOf(issue, where)).slice(0, 20);
  const first = errors[0] ?? { field: where, because: 'does not fit' };
  const next = NEXT.get(first.field.split('.')[0] ?? '') ?? 'compare with the fields that are documented';
  const trouble: Trouble = { ...first, next, ...(errors.length > 1 && { errors }) };
  throw new Refusal(where === 'body' ? 'invalid' : 'malformed-query', trouble);
}

function errorsOf(issue: z.core.$ZodIssue, where: string): { field: string; because: string }[] {
  const path = issue.path.map(String);
  const fieldOf = (name?: string) => [...path, ...(name === undefined ? [] : [name])].join('.') || where;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({
      field: fieldOf(name.slice(0, 60)),
      because: 'is not a field of this',
    }));
  if (issue.code === 'invalid_key')
    return [{ field: fieldOf(), because: issue.issues[0]?.message ?? issue.message }];
  const isMissing = issue.code === 'invalid_type' && issue.message !== '' && issue.input === undefined;
  return [{ field: fieldOf(), because: isMissing && path.length > 0 ? 'is missing' : issue.message }];
}
