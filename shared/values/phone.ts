import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** No phone number with punctuation and an extension is longer; keeps hostile input away from the parser. */
const MAX_INPUT = 60;

/**
 * E.164 (`+442079460000`) from however people type a number. `country` is the ISO 3166-1 alpha-2 code in which
 * a number without a country code is dialled. An extension is not part of E.164 and is left out.
 */
export function parsePhone(text: string, country: string): Parsed<string> {
  if (text.trim() === '') return unparsed('is empty');
  if (text.length > MAX_INPUT) return unparsed('is too long for a phone number');
  const number = parsePhoneNumberFromString(text, diallingFrom(country));
  if (!number) return unparsed('is not a phone number');
  return number.isValid() ? parsed(number.number) : unparsed('is not a number in use in its country');
}

function diallingFrom(country: string): { defaultCountry: CountryCode } | undefined {
  return isSupportedCountry(country) ? { defaultCountry: country } : undefined;
}
