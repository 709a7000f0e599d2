import { describe, expect, test } from 'vitest';
import { MAX_TEXT, mapPatron, patronLabel } from '../../../functions/ticketing-marketing/patron.ts';
import { usualSite } from '../../../functions/ticketing-marketing/site.ts';
import type { Constituent } from '../../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import { address, constituent, electronic, permission, phone, salutation, sharer } from '../builders.ts';

const NOW = Date.UTC(2026, 10, 24, 12);

function mapped(overrides: Partial<Constituent>) {
  return mapPatron(constituent(overrides), { now: NOW });
}

function fieldsOf(overrides: Partial<Constituent>): Fields {
  const result = mapped(overrides);
  if (result.kind !== 'present') throw new Error(`expected a contact, got ${JSON.stringify(result)}`);
  return result.fields;
}

test('a plain patron, whole', () => {
  expect(mapped({})).toEqual({
    kind: 'present',
    affects: [],
    basis: expect.stringContaining('ada@example.org'),
    fields: {
      firstname: 'Ada',
      lastname: 'Lovelace',
      salutation: 'Ms.',
      tessitura_letter_salutation: 'Ms. Lovelace',
      email: 'ada@example.org',
      tessitura_other_emails: null,
      tessitura_email_shared_with: null,
      email_bounced: 'none',
      email_consent: null,
      tessitura_email_permission: 'unknown',
      tessitura_phone_permission: null,
      tessitura_mail_permission: null,
      phone: '+442079460000',
      mobilephone: null,
      address: '12 St James’s Square',
      city: 'London',
      state: null,
      zip: 'SW1Y 4LB',
      country: 'GB',
      tessitura_status: 'active',
    },
  });
});

const examples: [string, Partial<Constituent>, Fields][] = [
  // Names
  [
    'names are one clean line',
    { FirstName: ' Jose\u0301\n', LastName: 'de  la Cruz' },
    { firstname: 'José', lastname: 'de la Cruz' },
  ],
  [
    'null columns are absent and clear',
    { FirstName: undefined, LastName: 'Cher', Prefix: undefined },
    { firstname: null, salutation: null },
  ],
  ['a lookup without words is nothing', { Prefix: { Id: -1, Description: ' ' } }, { salutation: null }],
  [
    'only the default salutation',
    { Salutations: [salutation({ Id: 1, DefaultIndicator: false, LetterSalutation: 'Old' }), salutation()] },
    { tessitura_letter_salutation: 'Ms. Lovelace' },
  ],
  ['no salutation', { Salutations: [] }, { tessitura_letter_salutation: null }],
  // E-mail
  [
    'the primary e-mail, normalised',
    { ElectronicAddresses: [electronic({ Address: ' Ada@Example.ORG ' })] },
    { email: 'ada@example.org' },
  ],
  ['no e-mail', { ElectronicAddresses: [] }, { email: null, tessitura_other_emails: null }],
  ['an inactive e-mail is none', { ElectronicAddresses: [electronic({ Inactive: true })] }, { email: null }],
  [
    'a web page is no e-mail',
    { ElectronicAddresses: [electronic({ IsEmail: false, Address: 'www.example.org' })] },
    { email: null },
  ],
  [
    'an e-mail that is not primary does not become email',
    { ElectronicAddresses: [electronic({ PrimaryIndicator: false })] },
    { email: null, tessitura_other_emails: 'ada@example.org' },
  ],
  [
    'the others in a stable order, each once, unusable ones left out',
    {
      ElectronicAddresses: [
        electronic(),
        electronic({ Id: 24, PrimaryIndicator: false, Address: 'z@example.org' }),
        electronic({ Id: 23, PrimaryIndicator: false, Address: 'B@example.org' }),
        electronic({ Id: 22, PrimaryIndicator: false, Address: 'b@example.org' }),
        electronic({ Id: 25, PrimaryIndicator: false, Address: 'none' }),
        electronic({ Id: 26, PrimaryIndicator: false, Address: 'ADA@example.org' }),
      ],
    },
    { email: 'ada@example.org', tessitura_other_emails: 'b@example.org; z@example.org' },
  ],
  [
    'an unusable e-mail of an inactive patron holds nobody up',
    { Inactive: { Id: 2, Description: 'Inactive' }, ElectronicAddresses: [electronic({ Address: 'none' })] },
    { email: null, tessitura_status: 'inactive' },
  ],
  [
    'an unusable e-mail never keeps a no from arriving',
    { ContactPermissions: [permission('N')], ElectronicAddresses: [electronic({ Address: 'none' })] },
    { email: null, tessitura_email_permission: 'denied' },
  ],
  // Phone
  [
    'a mobile phone',
    { PhoneNumbers: [phone({ PhoneNumber: '07400 123456', PhoneType: { Id: 5, Description: 'Mobile' } })] },
    { phone: null, mobilephone: '+447400123456' },
  ],
  [
    'an unusable number is passed over for the next',
    {
      PhoneNumbers: [
        phone({ PhoneNumber: 'ex-directory' }),
        phone({ Id: 32, PhoneNumber: '+44 20 7946 0001' }),
      ],
    },
    { phone: '+442079460001' },
  ],
  [
    'an unusable number alone: the field is empty and the rest is kept',
    { PhoneNumbers: [phone({ PhoneNumber: '12' })] },
    { phone: null, firstname: 'Ada', email: 'ada@example.org' },
  ],
  [
    'no fax, no inactive number',
    {
      PhoneNumbers: [phone({ PhoneType: { Id: 7, Description: 'Fax' } }), phone({ Id: 32, Inactive: true })],
    },
    { phone: null, mobilephone: null },
  ],
  [
    'dialled in the country of the address',
    {
      PhoneNumbers: [phone({ PhoneNumber: '212 736 5000' })],
      Addresses: [address({ Country: { Id: 1, Description: 'USA' } })],
    },
    { phone: '+12127365000' },
  ],
  [
    'of two numbers the older one, whatever the order of the reply',
    { PhoneNumbers: [phone({ Id: 33, PhoneNumber: '+44 20 7946 0001' }), phone({ Id: 32 })] },
    { phone: '+442079460000' },
  ],
  [
    'the number at the primary address first',
    { PhoneNumbers: [phone({ PhoneNumber: '020 7946 0001' }), phone({ Id: 39, Address: { Id: 11 } })] },
    { phone: '+442079460000' },
  ],
  // Address
  [
    'three street lines',
    { Addresses: [address({ Street2: ' ', Street3: 'Flat 2' })] },
    { address: '12 St James’s Square, Flat 2' },
  ],
  [
    'the state code',
    {
      Addresses: [
        address({
          State: { StateCode: 'NY', Description: 'New York' },
          Country: { Id: 1, Description: 'USA' },
        }),
      ],
    },
    { state: 'NY', country: 'US' },
  ],
  [
    'ZIP+4 gets its hyphen',
    { Addresses: [address({ PostalCode: '100230512', Country: { Id: 1, Description: 'USA' } })] },
    { zip: '10023-0512' },
  ],
  [
    'nine digits elsewhere stay as they are',
    { Addresses: [address({ PostalCode: '100230512' })] },
    { zip: '100230512' },
  ],
  [
    'no address clears all of it',
    { Addresses: [address({ Inactive: true }), address({ Id: 12, PrimaryIndicator: false })] },
    { address: null, city: null, state: null, zip: null, country: null },
  ],
  [
    'a country nobody knows is left out',
    { Addresses: [address({ Country: { Id: 99, Description: 'Narnia' } })] },
    { country: null, city: 'London' },
  ],
  // Status
  ['inactive', { Inactive: { Id: 2, Description: 'Inactive' } }, { tessitura_status: 'inactive' }],
  [
    'deceased before inactive, and no mail',
    {
      Inactive: { Id: 2, Description: 'Inactive' },
      NameStatus: { Id: 2, Description: 'Deceased' },
      ContactPermissions: [permission('Y')],
    },
    { tessitura_status: 'deceased', tessitura_email_permission: 'denied' },
  ],
  // Permission
  ['granted', { ContactPermissions: [permission('Y')] }, { tessitura_email_permission: 'granted' }],
  ['denied', { ContactPermissions: [permission('N')] }, { tessitura_email_permission: 'denied' }],
  [
    'one no beats any yes',
    { ContactPermissions: [permission('Y'), permission(' n '), permission('Y')] },
    { tessitura_email_permission: 'denied' },
  ],
  ['never asked', { ContactPermissions: [permission(undefined)] }, { tessitura_email_permission: 'unknown' }],
  [
    'other channels do not count',
    { ContactPermissions: [permission('N', 'Phone'), permission('Y', 'Mail')] },
    { tessitura_email_permission: 'unknown' },
  ],
  [
    'the e-mail says no',
    { ContactPermissions: [permission('Y')], ElectronicAddresses: [electronic({ AllowMarketing: false })] },
    { tessitura_email_permission: 'denied' },
  ],
  [
    'another e-mail says no for itself only',
    {
      ContactPermissions: [permission('Y')],
      ElectronicAddresses: [
        electronic(),
        electronic({ Id: 22, PrimaryIndicator: false, Address: 'x@example.org', AllowMarketing: false }),
      ],
    },
    { tessitura_email_permission: 'granted' },
  ],
  [
    'the same address entered twice says no once',
    {
      ContactPermissions: [permission('Y')],
      ElectronicAddresses: [
        electronic(),
        electronic({ Id: 22, PrimaryIndicator: false, Address: 'ADA@example.org', AllowMarketing: false }),
      ],
    },
    { tessitura_email_permission: 'denied' },
  ],
  [
    'somebody who shares the e-mail says no',
    { ContactPermissions: [permission('Y')], emailSharers: [sharer(1001), sharer(1002, { denied: true })] },
    { email: 'ada@example.org', tessitura_email_permission: 'denied' },
  ],
  // Shared e-mail
  [
    'nobody to set apart: the oldest record',
    { emailSharers: [sharer(1002), sharer(1001)] },
    { email: 'ada@example.org', tessitura_email_shared_with: null },
  ],
  [
    'ids are numbers, not words',
    { emailSharers: [sharer(1001), sharer(999)] },
    { email: null, tessitura_email_shared_with: '999' },
  ],
  [
    'who signs in with it',
    { emailSharers: [sharer(1001), sharer(1002, { hasLogin: true })] },
    { email: null, tessitura_email_shared_with: '1002' },
  ],
  [
    'the first of the household',
    { emailSharers: [sharer(1001, { nameIndicator: -2 }), sharer(1002, { nameIndicator: -1 })] },
    { email: null, tessitura_email_shared_with: '1002' },
  ],
  [
    'a login before the first of the household',
    { emailSharers: [sharer(1001, { hasLogin: true }), sharer(1002, { nameIndicator: -1 })] },
    { email: 'ada@example.org' },
  ],
  [
    'the living before a deceased with a login',
    { emailSharers: [sharer(1000, { hasLogin: true, nameStatus: 'Deceased' }), sharer(1001)] },
    { email: 'ada@example.org' },
  ],
  [
    'a household never holds it',
    { emailSharers: [sharer(900, { individual: false, hasLogin: true }), sharer(1001)] },
    { email: 'ada@example.org' },
  ],
  [
    'a protected person never holds it and is never named',
    { emailSharers: [sharer(900, { protected: true, hasLogin: true }), sharer(1001)] },
    { email: 'ada@example.org', tessitura_email_shared_with: null },
  ],
  [
    'whose second e-mail it is does not hold it',
    { emailSharers: [sharer(900, { primary: false, hasLogin: true }), sharer(1001)] },
    { email: 'ada@example.org' },
  ],
  ['a reply that leaves the patron out', { emailSharers: [sharer(1002)] }, { email: 'ada@example.org' }],
];

describe('each rule by example', () => {
  test.each(examples)('%s', (_name, overrides, expected) => {
    expect(fieldsOf(overrides)).toMatchObject(expected);
  });
});

describe('not at HubSpot', () => {
  const group = (Description: string) => ({ Id: 9, Description, ConstituentGroup: { Id: 9, Description } });

  test('protected people, of whatever type of protection', () => {
    const result = mapped({
      ProtectionType: { Id: 0, Description: null },
      emailSharers: [sharer(1001), sharer(1002)],
    });
    expect(result).toMatchObject({ kind: 'absent', because: 'protected', affects: ['1002'] });
  });

  test.each(['Household', 'Organization'])('%s', (name) => {
    const result = mapped({ ConstituentType: group(name), emailSharers: [sharer(1002), sharer(1003)] });
    expect(result).toMatchObject({ kind: 'absent', because: 'not an individual', affects: ['1002', '1003'] });
    expect(Object.keys(result)).not.toContain('fields');
  });
});

describe('rejected', () => {
  test('an unusable primary e-mail of an active patron, with the reason and the next step', () => {
    expect(mapped({ ElectronicAddresses: [electronic({ Address: 'none@none' })] })).toEqual({
      kind: 'rejected',
      affects: [],
      field: 'email',
      because: 'the primary e-mail has no dot after the @: correct it in Tessitura',
    });
  });

  test('a text that HubSpot would refuse is not cut', () => {
    expect(mapped({ LastName: 'x'.repeat(MAX_TEXT + 1) })).toEqual({
      kind: 'rejected',
      affects: [],
      field: 'lastname',
      because: 'is longer than the 65536 characters that HubSpot takes',
    });
    expect(fieldsOf({ LastName: '𠮷'.repeat(MAX_TEXT) }).lastname).toHaveLength(2 * MAX_TEXT);
  });
});

test('the people who share the e-mail are told, households are not', () => {
  const emailSharers = [sharer(1003), sharer(900, { individual: false }), sharer(1001), sharer(22)];
  expect(mapped({ emailSharers })).toMatchObject({ affects: ['22', '1003'] });
});

test('a site names the countries of its own table', () => {
  const patron = constituent({
    Addresses: [address({ Country: { Id: 99, Description: 'Overseas (IRL)' } })],
  });
  const site = { ...usualSite, countryNames: { 'overseas (irl)': 'IE' } };
  expect(mapPatron(patron, { now: NOW }, site)).toMatchObject({ fields: { country: 'IE' } });
});

test('the console names a patron, but not a protected one', () => {
  expect(patronLabel(constituent())).toBe('Ada Lovelace');
  expect(patronLabel(constituent({ FirstName: null, LastName: ' ' }))).toBe('constituent 1001');
  expect(patronLabel(constituent({ ProtectionType: { Id: 1, Description: 'VIP' } }))).toBe(
    'constituent 1001',
  );
});

describe('what others with the same address depend on', () => {
  const sharer = {
    constituentId: '1001',
    individual: true,
    primary: true,
    hasLogin: false,
    inactive: false,
    protected: false,
  };
  const basis = (denied: boolean, patron: Partial<Constituent> = {}): unknown => {
    const result = mapped({ ...patron, emailSharers: [{ ...sharer, denied }] });
    return result.kind === 'present' || result.kind === 'absent' ? result.basis : result;
  };

  test('a denial changes it, also of somebody who is not at HubSpot', () => {
    expect(basis(true)).not.toEqual(basis(false));
    const hidden = { ProtectionType: { Id: 1, Description: 'VIP' } };
    expect(basis(true, hidden)).not.toEqual(basis(false, hidden));
  });

  test('a new first name does not', () => {
    expect(basis(false, { FirstName: 'Augusta' })).toEqual(basis(false));
  });
});
