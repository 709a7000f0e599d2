import { exponentOf, formatMoney } from '../../values/money.ts';
import type { Amount } from '../payment-provider.ts';
import type { PaypalMoney } from './schema.ts';

/** What PayPal takes ("Currency codes"). */
export const CURRENCIES: ReadonlySet<string> = new Set(
  'AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD'.split(
    ' ',
  ),
);

/** PayPal refuses decimals in these, whatever ISO 4217 says ("Currency codes"). */
const WHOLE: ReadonlySet<string> = new Set(['HUF', 'JPY', 'TWD']);

/** PayPal's own maximum is not published; nine digits before the point are far above any limit of an account. */
const MOST_UNITS = 999_999_999;

/** A sentence that says why PayPal does not take this amount; undefined when it does. */
export function objection({ minor, currency }: Amount): string | undefined {
  const exponent = CURRENCIES.has(currency) ? exponentOf(currency) : undefined;
  if (exponent === undefined) return `PayPal does not take ${currency}`;
  if (!Number.isSafeInteger(minor)) return 'the amount must be a whole number of minor units';
  if (minor <= 0) return 'PayPal takes amounts above zero only';
  if (minor > MOST_UNITS * 10 ** exponent) return 'the amount is larger than PayPal takes';
  if (WHOLE.has(currency) && minor % 10 ** exponent !== 0)
    return `PayPal takes ${currency} without decimals: the minor units must be a multiple of ${10 ** exponent}`;
  return undefined;
}

/** Only for an amount that PayPal takes; throws otherwise. */
export function toPaypal(amount: Amount): PaypalMoney {
  const problem = objection(amount);
  if (problem !== undefined) throw new Error(problem);
  const { currency } = amount;
  const value = formatMoney(amount);
  return { currency_code: currency, value: WHOLE.has(currency) ? value.replace(/\.0+$/, '') : value };
}

/** Undefined for what is no exact amount of the currency. `-1.00` is minus one. */
export function fromPaypal({ currency_code: currency, value }: PaypalMoney): Amount | undefined {
  const exponent = exponentOf(currency);
  const match = /^(-?)(\d{0,15})(?:\.(\d{1,6}))?$/.exec(value);
  if (exponent === undefined || !match || value === '' || value === '-') return undefined;
  const [, sign = '', whole = '', decimals = ''] = match;
  // PayPal may write more zeros than the currency has decimals.
  if (/[1-9]/.test(decimals.slice(exponent))) return undefined;
  const minor = Number(`${whole}${decimals.slice(0, exponent).padEnd(exponent, '0')}`);
  if (!Number.isSafeInteger(minor)) return undefined;
  return { minor: sign === '' || minor === 0 ? minor : -minor, currency };
}
