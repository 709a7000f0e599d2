import { exponentOf } from '../../values/money.ts';
import type { Amount } from '../payment-provider.ts';

/**
 * Stripe's number of decimals where it is not that of ISO 4217 ("Currencies", special cases): krónur and Ugandan
 * shillings are still sent with two decimals that have to be 00; ariary are sent whole although ISO gives two. The
 * page lists UGX as a zero-decimal currency too; charges that followed that list came out at a hundredth.
 */
const EXPONENTS: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

/** Three decimals, of which the last has to be 0 ("Currencies", three-decimal currencies). */
const LAST_DIGIT_ZERO: ReadonlySet<string> = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/** Currencies to charge in; the documentation says "over 135" and which of them depends on the country. */
export const CURRENCIES: ReadonlySet<string> = new Set(
  `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP
   CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR
   ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN
   MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE
   SOS SRD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW`
    .split(/\s+/)
    .filter((code) => code !== ''),
);

/** The least that is charged in Stripe's units, where the account settles in that currency ("Currencies"). */
const MINIMUM: Readonly<Record<string, number>> = {
  ...{
    USD: 50,
    AED: 200,
    ARS: 50,
    AUD: 50,
    BRL: 50,
    CAD: 50,
    CHF: 50,
    COP: 50,
    CZK: 1_500,
    DKK: 250,
    EUR: 50,
  },
  ...{ GBP: 30, HKD: 400, HUF: 17_500, IDR: 50, ILS: 50, INR: 50, JPY: 50, KRW: 50, MXN: 1_000, MYR: 200 },
  ...{ NOK: 300, NZD: 50, PHP: 50, PLN: 200, RON: 200, RUB: 50, SEK: 300, SGD: 50, THB: 1_000, ZAR: 50 },
};

/** Twelve digits for cards; a network may allow less. */
const MAXIMUM = 999_999_999_999;

/** Stripe's integer for an amount, or a sentence that says why Stripe cannot express it. */
export function toStripe({ minor, currency }: Amount): number | string {
  if (!Number.isSafeInteger(minor)) return 'the amount has to be a whole number of minor units';
  if (!CURRENCIES.has(currency))
    return `Stripe charges no ${currency}, or it is not written as three capitals`;
  const scaled = shifted(minor, stepsOf(currency));
  if (scaled === undefined) return `Stripe takes only whole ${currency}`;
  if (LAST_DIGIT_ZERO.has(currency) && scaled % 10 !== 0)
    return `the last of the three decimals of ${currency} has to be 0 at Stripe`;
  return scaled;
}

/** An integer of Stripe's as an amount; undefined where it is no whole number of minor units. */
export function fromStripe(units: number, stripeCurrency: string): Amount | undefined {
  const currency = stripeCurrency.toUpperCase();
  const minor = shifted(units, -stepsOf(currency));
  return minor === undefined ? undefined : { minor, currency };
}

/** Why Stripe would refuse to charge this amount; undefined when nothing is known against it. */
export function objection(amount: Amount): string | undefined {
  const units = toStripe(amount);
  if (typeof units === 'string') return units;
  if (units <= 0) return 'the amount has to be above zero';
  const least = MINIMUM[amount.currency] ?? 1;
  if (units < least)
    return `Stripe charges at least ${least} of its ${amount.currency} units, and this is ${units}`;
  return units > MAXIMUM ? 'Stripe takes at most twelve digits' : undefined;
}

function stepsOf(currency: string): number {
  const iso = exponentOf(currency) ?? 2;
  return (EXPONENTS[currency] ?? iso) - iso;
}

/** Times ten to the `steps`; undefined where that is no safe integer. */
function shifted(value: number, steps: number): number | undefined {
  const result = steps >= 0 ? value * 10 ** steps : value / 10 ** -steps;
  return Number.isSafeInteger(result) ? result : undefined;
}
