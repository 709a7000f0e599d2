import type { Constituent } from '../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../shared/engine/fields.ts';
import { parsePhone } from '../../shared/values/phone.ts';
import { countryCode, primaryAddress } from './postal.ts';
import type { Site } from './site.ts';

type Phone = Constituent['PhoneNumbers'][number];

export interface Dialling {
  /** Where a number without a country code is dialled, ISO 3166-1 alpha-2. */
  country: string;
  /** Phones at this address come first. */
  addressId: number | undefined;
}

/** From where the patron's numbers are dialled. */
export function diallingOf(patron: Constituent, site: Site): Dialling {
  const address = primaryAddress(patron.Addresses);
  return { country: countryCode(address, site) ?? site.country, addressId: address?.Id };
}

/**
 * The first number of each kind that can be dialled. One that cannot is passed over, not a reason to hold the
 * patron back: the field is then the next such number, or empty.
 */
export function phoneFields(phones: readonly Phone[], from: Dialling, site: Site): Fields {
  const inUse = phones.filter((phone) => !phone.Inactive && !site.faxes.test(kindOf(phone)));
  const isMobile = (phone: Phone) => site.mobilePhones.test(kindOf(phone));
  const lines = inUse.filter((phone) => !isMobile(phone));
  return {
    phone: firstNumber(lines, from),
    mobilephone: firstNumber(inUse.filter(isMobile), from),
  };
}

function firstNumber(phones: readonly Phone[], { country, addressId }: Dialling): string | null {
  const elsewhere = (phone: Phone) => (phone.Address && phone.Address.Id === addressId ? 0 : 1);
  for (const phone of phones.toSorted((a, b) => elsewhere(a) - elsewhere(b) || a.Id - b.Id)) {
    const number = parsePhone(phone.PhoneNumber, country);
    if (number.ok) return number.value;
  }
  return null;
}

function kindOf(phone: Phone): string {
  return phone.PhoneType.Description ?? '';
}
