import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapPatron, patronFields } from '../../../functions/ticketing-marketing/patron.ts';
import {
  editPatron,
  ownedByTessitura,
  patronHistory,
  patronIdentity,
  patronRules,
} from '../../../functions/ticketing-marketing/patron-back.ts';
import type { ConstituentEdit } from '../../../shared/connectors/tessitura/index.ts';
import type { Constituent } from '../../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import { constituent, electronic, permission, phone, sharer } from '../builders.ts';

type Told = NonNullable<Constituent['writes']>[number];

const NOW = Date.UTC(2026, 10, 24, 12);
const context = { now: NOW, chosen: [] };

function fieldsOf(patron: Constituent): Fields {
  const mapped = mapPatron(patron, context);
  if (mapped.kind !== 'present') throw new Error(`no contact but ${mapped.kind}`);
  return mapped.fields;
}

/** What the connector's writer makes of an edit, as far as the mapping sees it. */
function written(patron: Constituent, { names, email, phones, consent }: ConstituentEdit): Constituent {
  const answers = { denied: 'N', granted: 'Y' } as const;
  const said = (category: 'email' | 'phone' | 'mail', name: string) => {
    const answer = consent?.[category];
    return answer ? [permission(answers[answer.state], name)] : [];
  };
  const mayMail = consent?.email ? consent.email.state === 'granted' : undefined;
  const emails = patron.ElectronicAddresses.map((each) => ({
    ...each,
    ...(email ? { PrimaryIndicator: false, Inactive: true } : {}),
    ...(mayMail === undefined ? {} : { AllowMarketing: mayMail }),
  }));
  const added = (phones ?? []).map(({ kind, number }, index) => {
    const Description = ['Home', 'Cell'].find((each) => kind.test(each)) ?? '';
    return phone({ Id: 900 + index, PhoneNumber: number, PhoneType: { Id: 9, Description } });
  });
  const calls = consent?.phone ? { AllowTelemarketing: consent.phone.state === 'granted' } : {};
  const kept = patron.ContactPermissions.filter(({ Type }) => {
    const category = Type.Category?.Description ?? '';
    return !consent || !(category.toLowerCase() in consent);
  });
  return {
    ...patron,
    ...(names?.first === undefined ? {} : { FirstName: names.first }),
    ...(names?.last === undefined ? {} : { LastName: names.last }),
    ElectronicAddresses: email
      ? [...emails, electronic({ Id: 99, Address: email.address, AllowMarketing: mayMail ?? true })]
      : emails,
    PhoneNumbers: [...patron.PhoneNumbers, ...added].map((each) => ({ ...each, ...calls })),
    ContactPermissions: [
      ...kept,
      ...said('email', 'Email'),
      ...said('phone', 'Phone'),
      ...said('mail', 'Mail'),
    ],
  };
}

/** A patron who has nothing but a name of each kind that the test says, and no phone. */
const bare = (overrides: Partial<Constituent> = {}) =>
  constituent({ FirstName: null, LastName: null, PhoneNumbers: [], ...overrides });

describe('read(write(x)) = x', () => {
  const name = (most: number) =>
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: most })
      // Some signs have no composed form: in it they are longer than they were.
      .filter((text) => text.trim() !== '' && Math.max(text.length, text.normalize('NFC').length) <= most);
  const consent = fc.constantFrom('granted', 'denied');
  const values = fc.record(
    {
      email: fc.constantFrom('new@example.org', 'ada@other.example', 'x.y+z@sub.example.co.uk'),
      firstname: name(20),
      lastname: name(55),
      phone: fc.constantFrom('+442079460001', '020 7946 0001', '+1 212 736 5000'),
      mobilephone: fc.constantFrom('+447400123456', '07400 123456'),
      email_consent: consent,
      tessitura_phone_permission: consent,
      tessitura_mail_permission: consent,
    },
    { requiredKeys: [] },
  );

  test('of every field, alone and together, what is written maps to itself, and a second time to the same', () => {
    let edits = 0;
    fc.assert(
      fc.property(values, (changed) => {
        const patron = bare();
        const { edit, items } = editPatron(patron, changed, context);
        expect(items).toEqual([]);
        if (!edit) return;
        edits += 1;
        const after = written(patron, edit);
        const read = fieldsOf(after);
        const again = editPatron(bare(), pick(read, Object.keys(changed)), context);
        for (const [field, value] of Object.entries(changed)) {
          if (field.endsWith('phone') || field.endsWith('name')) continue;
          expect([field, read[field]]).toEqual([field, value]);
        }
        // What HubSpot spells its own way is spelled as the mapping does, once and for all.
        for (const field of ['phone', 'mobilephone', 'firstname', 'lastname'])
          if (field in changed) expect(read[field]).not.toBeNull();
        expect(fieldsOf(written(bare(), again.edit ?? {}))).toMatchObject(pick(read, Object.keys(changed)));
      }),
      { numRuns: 300 },
    );
    expect(edits).toBeGreaterThan(200);
  });

  test('nothing else of the patron changes', () => {
    fc.assert(
      fc.property(values, (changed) => {
        const patron = bare({ FirstName: 'Ada', LastName: 'Lovelace' });
        const { edit } = editPatron(patron, changed, context);
        const [before, after] = [fieldsOf(patron), fieldsOf(written(patron, edit ?? {}))];
        // Mirrors of what changed.
        const mirrors = ['tessitura_email_permission', 'tessitura_other_emails'];
        const other = patronFields.filter((each) => !(each in changed) && !mirrors.includes(each));
        expect(pick(after, other)).toEqual(pick(before, other));
      }),
    );
  });
});

describe('left to people', () => {
  test.each<[string, Partial<Constituent>, Fields, RegExp]>([
    ['a web login', { primaryEmailHasLogin: true }, { email: 'new@example.org' }, /web login/],
    [
      'a shared e-mail',
      { emailSharers: [sharer(1001), sharer(1002)] },
      { email: 'new@example.org' },
      /shared with 1002/,
    ],
    ['an e-mail that was removed', {}, { email: null }, /removed in HubSpot/],
    ['a web login that has none any more', { primaryEmailHasLogin: true }, { email: null }, /web login/],
    ['an e-mail that few systems take', {}, { email: 'ada@exämple.org' }, /outside ASCII/],
    [
      'a first name of 21',
      {},
      { firstname: 'x'.repeat(21) },
      /FirstName takes 20 characters and this has 21/,
    ],
    ['a last name of 56', {}, { lastname: 'x'.repeat(56) }, /LastName takes 55/],
    ['no phone number', {}, { phone: 'ask Ada' }, /not a phone number/],
    ['a phone that was removed', {}, { mobilephone: null }, /not removed from HubSpot/],
    ['an answer that was taken back', {}, { tessitura_mail_permission: null }, /never asked/],
  ])('%s', (_, overrides, changed, because) => {
    const result = editPatron(constituent(overrides), changed, context);
    expect(result.edit).toBeUndefined();
    expect(result.items).toEqual([
      { field: Object.keys(changed)[0], because: expect.stringMatching(because) },
    ]);
  });

  test.each<[string, Partial<Constituent>, Fields, ConstituentEdit | undefined]>([
    [
      'the address in use ends',
      {},
      { email: null, email_bounced: 'ada@example.org' },
      { ended: 'ada@example.org' },
    ],
    [
      'where both say so for the first time',
      {},
      { email_bounced: 'Ada@example.org' },
      { ended: 'Ada@example.org' },
    ],
    ['another one does not', {}, { email_bounced: 'old@example.org' }, undefined],
    ['nor does one that is over', {}, { email_bounced: 'none' }, undefined],
    ['nor one that has ended', { ElectronicAddresses: [] }, { email_bounced: 'ada@example.org' }, undefined],
  ])('mail comes back: %s', (_, overrides, changed, edit) => {
    expect(editPatron(constituent(overrides), changed, context)).toEqual(
      edit ? { edit, items: [] } : { items: [] },
    );
  });

  test.each<[string, Partial<Constituent>, Fields, ConstituentEdit]>([
    [
      'a shared e-mail',
      { emailSharers: [sharer(1001), sharer(1002)] },
      { email: 'new@example.org' },
      { email: { address: 'new@example.org' } },
    ],
    ['an e-mail that was removed', {}, { email: null }, { ended: 'ada@example.org' }],
  ])('%s, until a person has chosen that of HubSpot', (_, overrides, changed, edit) => {
    const chosen = { now: NOW, chosen: ['email'] };
    expect(editPatron(constituent(overrides), changed, chosen)).toEqual({ edit, items: [] });
  });

  test('what cannot be brought over does not hold up the rest', () => {
    const changed = { firstname: 'x'.repeat(21), email_consent: 'denied', email: 'new@example.org' };
    const { edit, items } = editPatron(bare({ primaryEmailHasLogin: true }), changed, context);
    expect(items.map((each) => each.field)).toEqual(['email', 'firstname']);
    expect(edit).toEqual({ consent: { email: { state: 'denied', at: NOW } } });
  });
});

describe('whose value it is', () => {
  const owned = (overrides: Partial<Constituent>) => ownedByTessitura(constituent(overrides));
  const shared = (first: object, second: object) => ({
    Id: 1001,
    emailSharers: [sharer(1001, first), sharer(1002, second)],
  });

  test('a patron alone with the e-mail has a say in everything', () => {
    expect(owned({})).toEqual([]);
  });

  test('who does not hold a shared e-mail has neither it nor its consent', () => {
    expect(owned(shared({}, { hasLogin: true }))).toEqual(['email', 'email_consent']);
    expect(owned(shared({ hasLogin: true }, {}))).toEqual([]);
  });

  test('a no of somebody else who has the e-mail is not lifted through this patron', () => {
    expect(owned(shared({ hasLogin: true }, { denied: true }))).toEqual(['email_consent']);
  });

  test('but where the patron says no too, a yes of theirs is theirs', () => {
    const own = { ...shared({ hasLogin: true, denied: true }, { denied: true }) };
    expect(owned({ ...own, ContactPermissions: [permission('N')] })).toEqual([]);
  });

  test('nothing is asked of the dead', () => {
    expect(owned({ NameStatus: { Id: 2, Description: 'Deceased' } })).toEqual([
      'email_consent',
      'tessitura_phone_permission',
      'tessitura_mail_permission',
    ]);
  });

  test('without an e-mail there is no consent, but an e-mail may come', () => {
    expect(owned({ ElectronicAddresses: [] })).toEqual(['email_consent']);
  });
});

describe('history', () => {
  const address = (at: number, before: string, after: string, by: Told['by']): Told => {
    return {
      at,
      by,
      kind: 'email',
      rowId: 21,
      action: 'update',
      changes: [{ property: 'Address', before, after }],
    };
  };

  test('is told as the mapping spells it, and a spelling is no edit', () => {
    const patron = constituent({
      writes: [
        address(1, 'old@example.org', 'ADA@Example.org', 'other'),
        address(2, 'ADA@Example.org', 'ada@example.org', 'us'),
      ],
    });
    expect(patronHistory(patron)).toEqual({ email: [{ value: 'ada@example.org', at: 1, by: 'other' }] });
  });

  test('where the audit log tells nothing, nobody is blamed', () => {
    expect(patronHistory(constituent())).toBeUndefined();
  });

  test('ends with what the mapping shows, for every field that flows back', () => {
    const consent: Told = {
      at: 3,
      by: 'person',
      kind: 'permission',
      rowId: 51,
      action: 'insert',
      changes: [{ property: 'Answer', before: null, after: 'N' }],
    };
    const patron = constituent({ ContactPermissions: [permission('N')], writes: [consent] });
    const fields = fieldsOf(patron);
    for (const [field, versions] of Object.entries(patronHistory(patron) ?? {}))
      expect([field, versions.at(-1)?.value]).toEqual([field, fields[field]]);
    expect(patronHistory(patron)?.email_consent).toEqual([{ value: 'denied', at: 3, by: 'person' }]);
  });
});

test('every rule is about a field that the mapping sets', () => {
  for (const field of Object.keys(patronRules)) expect(patronFields).toContain(field);
});

test('a person is recognised by the e-mail, however it is spelled, and by nothing else', () => {
  expect(patronIdentity({ email: ' Ada@Example.org ', firstname: 'Ada' })).toEqual(['ada@example.org']);
  expect(patronIdentity({ email: null })).toEqual([]);
});

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
}
