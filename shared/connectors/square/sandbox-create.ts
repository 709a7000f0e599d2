import * as z from 'zod';
import { AskedMoneySchema, askedAs, KeySchema } from './sandbox-asked.ts';
import { type Source, sourceOf } from './sandbox-cards.ts';
import { paymentObject } from './sandbox-objects.ts';
import { begin } from './sandbox-payment.ts';
import { invalid, missing, problemOf, Refusal } from './sandbox-replies.ts';
import type { Json, Payment, Problem } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

const DAY = 86_400_000;

const NewSchema = z.strictObject({
  source_id: z.string().min(1),
  idempotency_key: KeySchema,
  amount_money: AskedMoneySchema,
  autocomplete: z.boolean().default(true),
  delay_action: z.enum(['CANCEL', 'COMPLETE']).default('CANCEL'),
  delay_duration: z
    .string()
    .regex(/^P(\d{1,2}D|T\d{1,3}[HM])$/)
    .optional(),
  location_id: z.string().max(50).optional(),
  reference_id: z.string().max(40).optional(),
  customer_id: z.string().optional(),
  verification_token: z.string().optional(),
  note: z.string().max(500).optional(),
});
type Asked = z.infer<typeof NewSchema>;

/** CreatePayment. */
export function createPayment(world: World, { body }: Call): Json {
  const asked = askedAs(body, NewSchema);
  const source = checked(world, asked);
  const payment = newPayment(world, asked, source);
  world.created.set(asked.idempotency_key, payment.id);
  begin(world, payment);
  const more = { payment: paymentObject(world, payment) };
  const { failure } = payment;
  if (!failure) return more;
  throw new Refusal(400, failure, { more, stored: true });
}

/** Written apart from money.ts on purpose. */
function checked(world: World, asked: Asked): Source {
  const { amount, currency } = asked.amount_money;
  if (amount < 1)
    throw invalid('VALUE_TOO_LOW', '`amount_money.amount` must be at least 1', 'amount_money.amount');
  if (currency !== world.location.currency)
    throw invalid(
      'INVALID_VALUE',
      `This merchant can only process payments in ${world.location.currency}`,
      'amount_money.currency',
    );
  if (asked.location_id !== undefined && asked.location_id !== world.locationId)
    throw missing('location', asked.location_id, 'location_id');
  const source = sourceOf(asked.source_id);
  if (!source)
    throw new Refusal(
      404,
      problemOf('INVALID_REQUEST_ERROR', 'NOT_FOUND', 'Card nonce not found', 'source_id'),
    );
  if (source.used)
    throw invalid('CARD_TOKEN_USED', 'Card nonce already used; please request new nonce.', 'source_id');
  if (source.type === 'BANK_ACCOUNT' && !asked.autocomplete)
    throw invalid('INVALID_VALUE', 'Bank account payments must be completed at once', 'autocomplete');
  return source;
}

function newPayment(world: World, asked: Asked, { declines }: Source): Payment {
  const at = world.now();
  return {
    ...{ id: world.draw(29), order: world.draw(29), created: at, updated: at, version: 0 },
    ...{ amount: asked.amount_money.amount, currency: asked.amount_money.currency, source: asked.source_id },
    ...{ reference: asked.reference_id, note: asked.note, autocomplete: asked.autocomplete },
    ...{ delayAction: asked.delay_action, delayMs: durationOf(asked.delay_duration), status: 'PENDING' },
    failure: declines === undefined ? undefined : declined(declines),
    ...{
      refunded: 0,
      fee: 0,
      refunds: [],
      approvedAt: undefined,
      capturedAt: undefined,
      voidedAt: undefined,
    },
    disputed: false,
  };
}

function declined(code: string): Problem {
  return problemOf('PAYMENT_METHOD_ERROR', code, `Authorization error: '${code}'`);
}

/** Seven days unless said, as for cards that are not present. */
function durationOf(text: string | undefined): number {
  const [, digits = '7', unit = 'D'] = text?.match(/(\d+)([DHM])$/) ?? [];
  return Number(digits) * (unit === 'D' ? DAY : unit === 'H' ? DAY / 24 : 60_000);
}
