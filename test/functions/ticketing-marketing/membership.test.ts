import { describe, expect, test } from 'vitest';
import { membershipOf } from '../../../functions/ticketing-marketing/membership.ts';
import { mapPatron } from '../../../functions/ticketing-marketing/patron.ts';
import { usualSite } from '../../../functions/ticketing-marketing/site.ts';
import type { Constituent, Membership } from '../../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import { affiliation, constituent, level, membership } from '../builders.ts';

const at = (text: string) => Date.parse(text);
const NOW = at('2026-11-24T12:00:00Z');
const word = (Description: string) => ({ Id: 5, Description });

function fieldsOf(Memberships: Membership[], more: Partial<Constituent> = {}, now = NOW): Fields {
  const fields = membershipOf(constituent({ Memberships, ...more }), usualSite).at(now);
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.replace('tessitura_membership_', ''), value]),
  );
}

test('a membership, whole', () => {
  expect(fieldsOf([membership()])).toEqual({
    org: 'Friends of the Theatre',
    level: 'Friend',
    status: 'active',
    since: '2025-04-01',
    expires: '2027-03-31',
    renewed: '2026-04-01',
    via_household: 'false',
  });
});

test('where memberships are not read nothing is set, where there is none everything is cleared', () => {
  expect(membershipOf(constituent(), usualSite).at(NOW)).toEqual({});
  expect(membershipOf(constituent(), usualSite).moments).toEqual([]);
  const none = { org: null, level: null, since: null, expires: null, renewed: null, via_household: null };
  expect(fieldsOf([])).toEqual({ ...none, status: 'none' });
});

describe('status', () => {
  const term = { ExpirationDate: '2027-03-31T00:00:00+01:00', LapseDate: '2027-05-01T00:00:00+01:00' };
  test.each([
    ['before it begins', '2026-03-31T22:59:59Z', {}, 'none'],
    ['from its first moment', '2026-03-31T23:00:00Z', {}, 'active'],
    ['sixty days before the last day ends', '2027-01-30T23:00:00Z', {}, 'lapsing'],
    ['just before that', '2027-01-30T22:59:59Z', {}, 'active'],
    ['all of the last day', '2027-03-31T22:59:59Z', {}, 'lapsing'],
    ['after the last day', '2027-03-31T23:00:00Z', {}, 'lapsed'],
    ['in the days of grace', '2027-04-15T12:00:00Z', term, 'lapsing'],
    ['after them', '2027-04-30T23:00:00Z', term, 'lapsed'],
    ['from the renewal date', '2027-02-15T00:00:00Z', { RenewalDate: '2027-02-15T00:00:00Z' }, 'lapsing'],
    ['before the renewal date', '2027-02-14T23:59:59Z', { RenewalDate: '2027-02-15T00:00:00Z' }, 'active'],
    [
      'a renewal date in the past',
      '2026-11-24T12:00:00Z',
      { RenewalDate: '2026-04-01T00:00:00+01:00' },
      'active',
    ],
    ['for life', '2099-01-01T00:00:00Z', { ExpirationDate: undefined }, 'active'],
    ['cancelled', '2026-11-24T12:00:00Z', { CurrentStatus: word('Cancelled') }, 'lapsed'],
    ['the vendor lapsed it early', '2026-11-24T12:00:00Z', { CurrentStatus: word('Lapsed') }, 'lapsed'],
    ['the vendor is late', '2027-06-01T00:00:00Z', { CurrentStatus: word('Active') }, 'lapsed'],
    ['not paid yet', '2026-11-24T12:00:00Z', { CurrentStatus: word('Pending') }, 'none'],
  ] as [string, string, Partial<Membership>, string][])('%s: %s', (_, now, more, status) => {
    expect(fieldsOf([membership(more)], {}, at(now)).status).toBe(status);
  });

  test('days are those of the server', () => {
    const rows = [membership({ ExpirationDate: '2027-03-31T00:00:00' })];
    const statusAt = (now: string) => fieldsOf(rows, { timeZone: 'America/New_York' }, at(now)).status;
    expect(statusAt('2027-04-01T03:59:59Z')).toBe('lapsing');
    expect(statusAt('2027-04-01T04:00:00Z')).toBe('lapsed');
  });

  test('one that is renewed already is not lapsing, and goes over without a gap', () => {
    const next = membership({
      Id: 62,
      InitiationDate: '2027-04-01T00:00:00+01:00',
      ExpirationDate: '2028-03-31T00:00:00+01:00',
    });
    const both = [membership(), next];
    expect(fieldsOf(both, {}, at('2027-03-15T12:00:00Z'))).toMatchObject({
      status: 'active',
      expires: '2027-03-31',
    });
    expect(fieldsOf(both, {}, at('2027-04-01T12:00:00Z'))).toMatchObject({
      status: 'active',
      expires: '2028-03-31',
      renewed: '2027-04-01',
    });
    const elsewhere = { ...next, MembershipLevel: level('Under 30', 25, 'Young Patrons') };
    expect(fieldsOf([membership(), elsewhere], {}, at('2027-03-15T12:00:00Z')).status).toBe('lapsing');
  });
});

describe('of several', () => {
  const high = membership({ Id: 70, MembershipLevel: level('Patron', 1_000) });
  const old = { InitiationDate: '2020-01-01T00:00:00', ExpirationDate: '2020-12-31T00:00:00' };
  test.each([
    ['a current one before a lapsed higher one', [membership(), { ...high, ...old }], 'Friend'],
    [
      'a lapsing one before a lapsed one',
      [membership({ ExpirationDate: '2026-12-01T00:00:00' }), { ...high, ...old }],
      'Friend',
    ],
    ['the highest of two current ones', [membership(), high], 'Patron'],
    [
      'the highest, be it lapsing',
      [membership(), { ...high, ExpirationDate: '2026-12-01T00:00:00' }],
      'Patron',
    ],
    [
      'of lapsed ones the last to end',
      [
        { ...high, ...old },
        membership({ InitiationDate: '2021-01-01T00:00:00', ExpirationDate: '2021-12-31T00:00:00' }),
      ],
      'Friend',
    ],
    [
      'without an amount, the lowest',
      [membership(), { ...high, MembershipLevel: { ...high.MembershipLevel, StartAmount: null } }],
      'Friend',
    ],
  ] as [string, Membership[], string][])('%s', (_, rows, expected) => {
    expect(fieldsOf(rows).level).toBe(expected);
    expect(fieldsOf(rows.toReversed()).level).toBe(expected);
  });
});

describe('households', () => {
  const shared = membership({ Id: 80, Constituent: { Id: 1000 }, MembershipLevel: level('Household', 120) });
  const with_ = (Affiliations: Constituent['Affiliations']) => ({ Affiliations });

  test.each([
    ['of the primary household', [affiliation()], 'true'],
    ['of another one', [affiliation({ PrimaryIndicator: false })], undefined],
    ['of one that was left', [affiliation({ Inactive: true })], undefined],
    ['until its last day', [affiliation({ EndDate: '2026-11-24T00:00:00Z' })], 'true'],
    ['not after it', [affiliation({ EndDate: '2026-11-23T00:00:00Z' })], undefined],
    ['not before it begins', [affiliation({ StartDate: '2026-11-25T00:00:00Z' })], undefined],
    ['of nobody known', [], undefined],
  ] as [string, NonNullable<Constituent['Affiliations']>, string | undefined][])('%s', (_, rows, via) => {
    const fields = fieldsOf([shared], with_(rows));
    expect(fields.status).toBe(via === undefined ? 'none' : 'active');
    expect(fields.via_household).toBe(via ?? null);
  });

  test('the own one before the household’s of the same level, and not before a higher one', () => {
    const own = membership({ MembershipLevel: shared.MembershipLevel });
    expect(fieldsOf([shared, own], with_([affiliation()])).via_household).toBe('false');
    expect(fieldsOf([shared, membership()], with_([affiliation()])).via_household).toBe('true');
    expect(fieldsOf([membership({ BenefitProvidingConstituentId: 1000 })]).via_household).toBe('true');
  });

  test('tell their people when a membership changes, and only then', () => {
    const household = (more: Partial<Constituent>) => {
      const group = { Id: 3, Description: 'Household' };
      const record = constituent({
        Id: 1000,
        ConstituentType: { ...group, ConstituentGroup: group },
        Affiliations: [
          affiliation({ IndividualConstituent: { Id: 1002 } }),
          affiliation(),
          affiliation({ IndividualConstituent: { Id: 1003 }, PrimaryIndicator: false }),
        ],
        Memberships: [shared],
        ...more,
      });
      const mapped = mapPatron(record, { now: NOW });
      if (mapped.kind !== 'absent') throw new Error('a household is no contact');
      return mapped;
    };
    const before = household({});
    expect(before.affects).toEqual(['1001', '1002']);
    expect(household({ LastName: 'Other' }).basis).toBe(before.basis);
    expect(household({ Memberships: [{ ...shared, ExpirationDate: '2030-01-01T00:00:00' }] }).basis).not.toBe(
      before.basis,
    );
    expect(household({ Memberships: [shared, membership()] })).toEqual(before);
    expect(household({ Memberships: [membership()] }).affects).toEqual([]);
    expect(household({ Memberships: undefined, Affiliations: undefined }).affects).toEqual([]);
  });
});
