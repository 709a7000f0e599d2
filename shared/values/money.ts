import * as iso from 'dinero.js/currencies';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** Integer minor units of an ISO 4217 currency in upper case: `{ minor: 1999, currency: 'EUR' }` is 19.99 euro. */
export interface Money {
  minor: number;
  currency: string;
}

/** Ariary and ouguiya have five subunits each; ISO 4217 gives both two decimals all the same. */
const DECIMAL_OF_FIFTHS = 2;

const known: ReadonlyMap<string, number> = new Map(
  Object.values(iso).map(({ code, base, exponent }) => [code, base === 10 ? exponent : DECIMAL_OF_FIFTHS]),
);

/** Every currency code that amounts may have. */
export const currencies: readonly string[] = [...known.keys()];

/** Decimals of a currency by ISO 4217; undefined for a code that is none. */
export function exponentOf(currency: string): number | undefined {
  return known.get(currency);
}

/** Reads `19.99`; never through a floating-point number. More decimals than the currency has are refused, zeros too. */
export function parseMoney(text: string, currency: string): Parsed<Money> {
  const exponent = exponentOf(currency);
  if (exponent === undefined) return unparsed('has a currency that is not in ISO 4217');
  const match = /^(-?)(\d{1,16})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) return unparsed('is not a decimal number such as 19.99');
  const [, sign = '', whole = '', decimals = ''] = match;
  if (decimals.length > exponent) return unparsed(`has more than the ${exponent} decimals of ${currency}`);
  const minor = Number(`${whole}${decimals.padEnd(exponent, '0')}`);
  if (!Number.isSafeInteger(minor)) return unparsed('is too large to be exact');
  return parsed({ minor: sign === '' || minor === 0 ? minor : -minor, currency });
}

/** `19.99`, with exactly the decimals of the currency. Throws on an unknown currency or an amount that is no integer. */
export function formatMoney({ minor, currency }: Money): string {
  const exponent = exponentOf(currency);
  if (exponent === undefined) throw new Error(`"${currency}" is not a currency of ISO 4217`);
  if (!Number.isSafeInteger(minor))
    throw new Error(`an amount must be a whole number of minor units, not ${minor}`);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const sign = minor < 0 ? '-' : '';
  if (exponent === 0) return `${sign}${digits}`;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * Splits an amount in proportion to `weights` (whole numbers, not all zero) so that the parts add up exactly: the
 * units left over by rounding down go to the largest remainders, the first of equals first.
 */
export function splitMoney({ minor, currency }: Money, weights: readonly number[]): Money[] {
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  if (total <= 0n || weights.some((weight) => weight < 0))
    throw new Error('weights must be whole numbers from 0 on, and one of them above 0');
  const sign = minor < 0 ? -1n : 1n;
  const whole = BigInt(minor) * sign;
  const shares = weights.map((weight, at) => {
    const exact = whole * BigInt(weight);
    return { at, units: exact / total, remainder: exact % total };
  });
  let left = whole - shares.reduce((sum, { units }) => sum + units, 0n);
  for (const share of shares.toSorted(byRemainder)) {
    if (left === 0n) break;
    share.units += 1n;
    left -= 1n;
  }
  return shares.map(({ units }) => ({ minor: Number(units * sign), currency }));
}

function byRemainder(a: { remainder: bigint; at: number }, b: { remainder: bigint; at: number }): number {
  if (a.remainder === b.remainder) return a.at - b.at;
  return a.remainder > b.remainder ? -1 : 1;
}
