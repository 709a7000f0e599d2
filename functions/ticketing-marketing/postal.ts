import type { Constituent } from '../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../shared/engine/fields.ts';
import { parseCountry } from '../../shared/values/country.ts';
import { cleanText, textOrNull } from '../../shared/values/name.ts';
import type { Site } from './site.ts';

export type Address = Constituent['Addresses'][number];

/** The primary address in use. */
export function primaryAddress(addresses: readonly Address[]): Address | undefined {
  return addresses
    .filter((address) => address.PrimaryIndicator && !address.Inactive)
    .sort((a, b) => a.Id - b.Id)[0];
}

/** All five together: a patron without an address has each of them cleared. */
export function postalFields(address: Address | undefined, site: Site): Fields {
  const streets = [address?.Street1, address?.Street2, address?.Street3].map(textOrNull);
  const country = countryCode(address, site);
  return {
    address: textOrNull(streets.filter((street) => street !== null).join(', ')),
    city: textOrNull(address?.City),
    state: textOrNull(address?.State?.StateCode),
    zip: postalCode(address?.PostalCode, country),
    country,
  };
}

/** Tessitura keeps the nine digits of a US ZIP+4 without the hyphen. */
function postalCode(stored: string | null | undefined, country: string | null): string | null {
  const code = textOrNull(stored);
  return country === 'US' && code !== null ? code.replace(/^(\d{5})(\d{4})$/, '$1-$2') : code;
}

/** Null when the country table holds a name that nobody can read: add it to the site's `countryNames`. */
export function countryCode(address: Address | undefined, site: Site): string | null {
  const name = cleanText(address?.Country?.Description ?? '');
  const own = Object.entries(site.countryNames).find(([known]) => known === name.toLowerCase());
  if (own) return own[1];
  const country = parseCountry(name);
  return country.ok ? country.value : null;
}
