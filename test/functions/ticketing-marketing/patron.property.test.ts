import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_TEXT, mapPatron, patronFields } from '../../../functions/ticketing-marketing/patron.ts';
import type { Constituent } from '../../../shared/connectors/tessitura/schema.ts';
import { hashFields } from '../../../shared/engine/fields.ts';
import { characters } from '../../../shared/values/name.ts';
import { anyHistory, reversedHistory } from '../any-history.ts';
import { address, constituent, electronic, permission, phone, salutation, sharer } from '../builders.ts';

const context = { now: Date.UTC(2026, 10, 24, 12) };
const text = fc.option(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), {
  nil: undefined,
});
const email = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('ada@example.org', 'ADA@example.org ', 'b@example.org', 'c@example.org'),
  },
  fc.string({ unit: 'binary' }),
);
const number = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('020 7946 0000', '+12127365000', '07400 123456') },
  fc.string(),
);
/** Most things are in use, or the rules among them are never met. */
const rarely = fc.constantFrom(false, false, false, true);
const named = (...names: string[]) =>
  fc.constantFrom(...names).map((Description) => ({ Id: 1, Description }));

/** Children as a vendor sends them: ids of their own, everything else anything. */
function children<T>(one: fc.Arbitrary<Partial<T>>, build: (overrides: Partial<T>) => T): fc.Arbitrary<T[]> {
  return fc
    .array(one, { maxLength: 4 })
    .map((all) => all.map((each, index) => build({ ...each, Id: 10 + index })));
}

const sharers = fc.uniqueArray(
  fc
    .tuple(
      fc.integer({ min: 900, max: 1100 }),
      fc.record({
        individual: fc.boolean(),
        primary: fc.boolean(),
        hasLogin: fc.boolean(),
        inactive: fc.boolean(),
        protected: fc.boolean(),
        nameStatus: fc.constantFrom('Alive', 'Deceased', undefined),
        denied: fc.boolean(),
      }),
    )
    .map(([id, rest]) => sharer(id, rest)),
  { selector: (each) => each.constituentId, maxLength: 5 },
);

const anyPatron: fc.Arbitrary<Constituent> = fc
  .record({
    FirstName: text,
    LastName: text,
    Prefix: fc.option(named('Ms.', ' ', 'Dr.'), { nil: undefined }),
    Inactive: fc.constantFrom(1, 2, 3).map((Id) => ({ Id })),
    NameStatus: fc.option(named('Alive', 'Deceased'), { nil: null }),
    ProtectionType: fc.option(named('VIP'), { nil: undefined, freq: 5 }),
    Addresses: children(
      fc.record({
        Street1: text,
        City: text,
        PostalCode: text,
        Inactive: rarely,
        PrimaryIndicator: fc.boolean(),
        Country: named('USA', 'United Kingdom', 'Narnia'),
      }),
      address,
    ),
    ElectronicAddresses: children(
      fc.record({
        Address: email,
        IsEmail: fc.boolean(),
        Inactive: rarely,
        PrimaryIndicator: fc.boolean(),
        AllowMarketing: fc.boolean(),
      }),
      electronic,
    ),
    PhoneNumbers: children(
      fc.record({ PhoneNumber: number, Inactive: rarely, PhoneType: named('Home', 'Mobile', 'Fax') }),
      phone,
    ),
    Salutations: children(fc.record({ DefaultIndicator: fc.boolean(), LetterSalutation: text }), salutation),
    ContactPermissions: fc.array(
      fc
        .tuple(fc.constantFrom('Y', 'N', undefined), fc.constantFrom('Email', 'Phone'))
        .map(([answer, category]) => permission(answer, category)),
      { maxLength: 3 },
    ),
    emailSharers: sharers,
    history: anyHistory,
  })
  .map(({ history, ...overrides }) => constituent({ ...overrides, ...history }));

function forEveryPatron(check: (patron: Constituent) => void) {
  fc.assert(fc.property(anyPatron, check), { numRuns: 300 });
}

describe('whatever time it is', () => {
  const withHistory = anyHistory.map((history) => constituent(history));
  const anyTime = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2029, 0) });

  test('a record is looked at again exactly when it next comes out different', () => {
    let rechecks = 0;
    fc.assert(
      fc.property(withHistory, anyTime, fc.double({ min: 0, max: 1, noNaN: true }), (patron, now, part) => {
        const fieldsAt = (moment: number) => {
          const mapped = mapPatron(patron, { now: moment });
          return mapped.kind === 'present' ? mapped.fields : undefined;
        };
        const mapped = mapPatron(patron, { now });
        if (mapped.kind !== 'present') return;
        const { recheckAt } = mapped;
        const horizon = recheckAt ?? Date.UTC(2200, 0);
        expect(horizon).toBeGreaterThan(now);
        expect(fieldsAt(horizon - 1)).toEqual(mapped.fields);
        expect(fieldsAt(Math.floor(now + part * (horizon - 1 - now)))).toEqual(mapped.fields);
        if (recheckAt === undefined) return;
        rechecks += 1;
        expect(fieldsAt(recheckAt)).not.toEqual(mapped.fields);
      }),
      { numRuns: 400 },
    );
    expect(rechecks).toBeGreaterThan(100);
  });

  test('counts and amounts are never below nothing, and dates are days', () => {
    forEveryPatron((patron) => {
      const mapped = mapPatron(patron, context);
      if (mapped.kind !== 'present') return;
      expect(mapped.fields.tessitura_visits_12m).toMatch(/^\d+$/);
      expect(mapped.fields.tessitura_lifetime_tickets).toMatch(/^\d+\.\d\d$/);
      for (const name of patronFields.filter((each) =>
        /_(since|expires|renewed|attended|performance)$/.test(each),
      ))
        expect(mapped.fields[name] ?? '2026-01-01').toMatch(/^\d{4}-\d\d-\d\d$/);
    });
  });
});

describe('whatever the record', () => {
  test('sets exactly the fields it owns, scalars within the limits', () => {
    let contacts = 0;
    forEveryPatron((patron) => {
      const result = mapPatron(patron, context);
      if (result.kind !== 'present') return;
      contacts += 1;
      // A consent is kept by address: a contact without one has none.
      const whole = result.fields.email === null ? patronFields.filter(isNoSubscription) : patronFields;
      expect(Object.keys(result.fields).sort()).toEqual([...whole].sort());
      for (const value of Object.values(result.fields)) {
        expect(value === null || typeof value === 'string').toBe(true);
        expect(value).not.toBe('');
        expect(characters(String(value))).toBeLessThanOrEqual(MAX_TEXT);
        expect(String(value).isWellFormed()).toBe(true);
      }
    });
    expect(contacts).toBeGreaterThan(15);
  });

  test('does not depend on the order in which the vendor lists things', () => {
    forEveryPatron((patron) => {
      const turned = {
        ...patron,
        Addresses: patron.Addresses.toReversed(),
        ElectronicAddresses: patron.ElectronicAddresses.toReversed(),
        PhoneNumbers: patron.PhoneNumbers.toReversed(),
        Salutations: patron.Salutations.toReversed(),
        ContactPermissions: patron.ContactPermissions.toReversed(),
        emailSharers: patron.emailSharers.toReversed(),
        ...reversedHistory(patron),
      };
      expect(mapPatron(turned, context)).toEqual(mapPatron(patron, context));
    });
  });

  test('says the same twice and leaves the record as it was', () => {
    forEveryPatron((patron) => {
      const before = structuredClone(patron);
      const first = mapPatron(patron, context);
      expect(patron).toEqual(before);
      const second = mapPatron(patron, context);
      expect(second).toEqual(first);
      if (first.kind === 'present' && second.kind === 'present')
        expect(hashFields(second.fields)).toBe(hashFields(first.fields));
    });
  });

  test('what it wrote maps to itself: reading it back from a patron changes nothing', () => {
    forEveryPatron((patron) => {
      const first = mapPatron(patron, context);
      if (first.kind !== 'present') return;
      const { firstname, lastname, city } = first.fields;
      const again = mapPatron(
        {
          ...patron,
          FirstName: nullable(firstname),
          LastName: nullable(lastname),
          Addresses: patron.Addresses.map((each) => ({ ...each, City: nullable(city) })),
        },
        context,
      );
      expect(again).toMatchObject({ fields: { firstname, lastname, city } });
    });
  });

  test('nothing of a protected person leaves', () => {
    const protectedPatron = anyPatron.map((patron) => ({
      ...patron,
      ProtectionType: { Id: 1, Description: 'VIP' },
    }));
    fc.assert(
      fc.property(protectedPatron, (patron) => {
        const result = mapPatron(patron, context);
        expect(result).toMatchObject({ kind: 'absent', because: 'protected' });
        expect(Object.keys(result).sort()).toEqual(['affects', 'basis', 'because', 'kind']);
      }),
    );
  });

  test('a no beats everything and is never held up', () => {
    forEveryPatron((patron) => {
      const no = { ...patron, ContactPermissions: [...patron.ContactPermissions, permission('N')] };
      const result = mapPatron(no, context);
      expect(result.kind).not.toBe('rejected');
      if (result.kind === 'present') expect(result.fields.tessitura_email_permission).toBe('denied');
    });
  });

  test('is granted only where somebody said yes and nobody said no', () => {
    forEveryPatron((patron) => {
      const result = mapPatron(patron, context);
      if (result.kind !== 'present' || result.fields.tessitura_email_permission !== 'granted') return;
      const answers = patron.ContactPermissions.filter((each) => each.Type.Category?.Description === 'Email');
      expect(answers.some((each) => each.Answer === 'Y')).toBe(true);
      expect(answers.some((each) => each.Answer === 'N')).toBe(false);
      expect(patron.emailSharers.some((each) => each.denied)).toBe(false);
      expect(result.fields.tessitura_status).not.toBe('deceased');
    });
  });
});

test('of those who share an e-mail exactly one holds it, and all others name that one', () => {
  const group = sharers
    .map((all) => all.filter((each) => each.primary))
    .filter((all) => all.some((each) => each.individual && !each.protected));
  fc.assert(
    fc.property(group, (emailSharers) => {
      const people = emailSharers.filter((each) => each.individual && !each.protected);
      const contacts = people.map(({ constituentId }) => {
        const result = mapPatron(constituent({ Id: Number(constituentId), emailSharers }), context);
        if (result.kind !== 'present') throw new Error('a person who is not protected is a contact');
        const others = emailSharers.filter((each) => each.individual && each.constituentId !== constituentId);
        expect([...(result.affects ?? [])].sort()).toEqual(others.map((each) => each.constituentId).sort());
        return { id: constituentId, fields: result.fields };
      });
      const holders = contacts.filter(({ fields }) => fields.email !== null);
      expect(holders).toHaveLength(1);
      for (const { fields } of contacts)
        expect(fields.tessitura_email_shared_with).toBe(fields.email === null ? holders[0]?.id : null);
    }),
  );
});

function isNoSubscription(field: string): boolean {
  return field !== 'email_consent';
}

function nullable(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
