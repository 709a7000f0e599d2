import type { Random } from '../../shared/engine/ports.ts';

/** What a shop asks the hub for, again and again with the same key until it is answered. */
export interface Order {
  key: string;
  merchant: string;
  /** The request's body, always the same text. */
  body: string;
  amount: number;
}

const GOOD = { stripe: { token: 'pm_card_visa' }, paypal: { token: 'card:ok-1' } };
const SQUARE = { square: { token: 'cnon:card-nonce-ok' } };
/** Some payers have one card, some another one at each provider, and some cards are declined. */
const INSTRUMENTS = [
  ...[GOOD, GOOD, GOOD, GOOD],
  ...[{ stripe: GOOD.stripe }, { paypal: GOOD.paypal }],
  { ...GOOD, stripe: { token: 'pm_card_chargeDeclinedInsufficientFunds' } },
  { stripe: { token: 'pm_card_visa_chargeDeclinedStolenCard' } },
];
/** The providers of a merchant, in the order in which they are tried, are in functions/payments/site.ts. */
const MERCHANTS: Readonly<Record<string, readonly object[]>> = {
  riverside: INSTRUMENTS,
  northgate: [...INSTRUMENTS.map((each) => ({ ...each, ...SQUARE })), SQUARE, SQUARE, ...INSTRUMENTS],
};

/** Orders of two merchants; `processBefore` is far away, so that only a provider's word ends a payment. */
export function ordersOf(random: Random, count: number, processBefore: number): Order[] {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random.next() * of.length)] ?? (of[0] as T);
  return Array.from({ length: count }, (_, at) => {
    const [merchant, instruments] = pick(Object.entries(MERCHANTS));
    const amount = 500 + Math.floor(random.next() * 20_000);
    const body = {
      ...{ reference: `order-${at}`, amount, currency: 'USD', instrument: pick(instruments) },
      processBefore: new Date(processBefore).toISOString(),
    };
    return { key: `key-${at}`, merchant, body: JSON.stringify(body), amount };
  });
}
