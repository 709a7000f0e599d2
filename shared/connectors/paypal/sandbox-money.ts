import * as z from 'zod';
import { type Json, unprocessable } from './sandbox-replies.ts';

/** In the currency's smallest unit at PayPal. */
export interface Money {
  readonly units: number;
  readonly currency: string;
}

export const MoneyBody = z.object({ currency_code: z.string(), value: z.string() });

const TWO = 'AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS MXN MYR NOK NZD PHP PLN SEK SGD THB USD';
const NONE = 'HUF JPY TWD';
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...TWO.split(' ').map((code): [string, number] => [code, 2]),
  ...NONE.split(' ').map((code): [string, number] => [code, 0]),
]);

/** As strict as PayPal; written apart from the connector's conversion on purpose. */
export function moneyOf(
  { currency_code: currency, value }: z.output<typeof MoneyBody>,
  field: string,
): Money {
  const decimals = DECIMALS.get(currency);
  if (decimals === undefined) throw unprocessable('INVALID_CURRENCY_CODE', `${field}/currency_code`);
  const match = /^(\d+)(?:\.(\d+))?$/.exec(value);
  if (!match) throw unprocessable('CANNOT_BE_ZERO_OR_NEGATIVE', `${field}/value`);
  const [, whole = '', fraction = ''] = match;
  if (decimals === 0 && fraction !== '') throw unprocessable('DECIMALS_NOT_SUPPORTED', `${field}/value`);
  if (fraction.length > decimals) throw unprocessable('DECIMAL_PRECISION', `${field}/value`);
  const units = Number(whole + fraction.padEnd(decimals, '0'));
  if (units === 0) throw unprocessable('CANNOT_BE_ZERO_OR_NEGATIVE', `${field}/value`);
  if (units > 99_999_999_999) throw unprocessable('MAX_VALUE_EXCEEDED', `${field}/value`);
  return { units, currency };
}

export function shownMoney({ units, currency }: Money): Json {
  const decimals = DECIMALS.get(currency) ?? 2;
  const sign = units < 0 ? '-' : '';
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  const at = digits.length - decimals;
  const value = decimals === 0 ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`;
  return { currency_code: currency, value: `${sign}${value}` };
}

/** What the merchant pays of a payment: 2.9 % and a fixed part of 30 units, never more than the amount. */
export function feeOf({ units, currency }: Money): Money {
  return { units: Math.min(units, Math.round(units * 0.029) + 30), currency };
}
