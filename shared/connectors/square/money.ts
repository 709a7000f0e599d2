import type { Amount } from '../payment-provider.ts';
import type { SquareMoney } from './schema.ts';

/**
 * The currencies of the countries that Square takes payments in ("International development"); a location has one of
 * them and refuses the others. All have ISO's number of decimals: amounts are in the smallest unit, yen whole
 * ("Working with monetary amounts").
 */
export const CURRENCIES: ReadonlySet<string> = new Set(['AUD', 'CAD', 'EUR', 'GBP', 'JPY', 'USD']);

/** Chosen: Square's largest amount depends on the seller; more than ten digits is a mistake in all six. */
const MAXIMUM = 9_999_999_999;

/** Square's form of an amount, or a sentence that says why Square cannot express it. */
export function toSquare({ minor, currency }: Amount): SquareMoney | string {
  if (!Number.isSafeInteger(minor)) return 'the amount has to be a whole number of minor units';
  if (!CURRENCIES.has(currency)) return `Square takes no ${currency}, or it is not written as three capitals`;
  return { amount: minor, currency };
}

/** An amount of Square's; undefined where it is no whole number of minor units of a currency. */
export function fromSquare({ amount, currency }: SquareMoney): Amount | undefined {
  return Number.isSafeInteger(amount) && /^[A-Z]{3}$/.test(currency)
    ? { minor: amount, currency }
    : undefined;
}

/** Why Square would refuse to charge this amount; undefined when nothing is known against it. */
export function objection(amount: Amount): string | undefined {
  const money = toSquare(amount);
  if (typeof money === 'string') return money;
  if (money.amount <= 0) return 'the amount has to be above zero';
  return money.amount > MAXIMUM ? 'the amount is larger than Square takes' : undefined;
}
