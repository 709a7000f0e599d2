import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { householdFields, mapHousehold } from '../../../functions/ticketing-marketing/household-company.ts';
import { type Home, homes, type Person } from '../../../functions/ticketing-marketing/household-people.ts';
import { membersText } from '../../../shared/connectors/hubspot/index.ts';
import type { Household, Member } from '../../../shared/connectors/tessitura/index.ts';
import { Fault } from '../../../shared/engine/fault.ts';
import type { Read, Source } from '../../../shared/engine/resource.ts';
import { testSession } from '../../connectors/session.ts';
import { address, constituent } from '../builders.ts';

const NOW = Date.parse('2026-06-10T12:00:00+01:00');
const DAY = 86_400_000;
const HOUSEHOLD = { Id: 2, Description: 'Household', ConstituentGroup: { Id: 2, Description: 'Household' } };
const member = (id: number, more: Partial<Member> = {}): Member => ({
  constituentId: String(id),
  label: 'member',
  primary: false,
  ...more,
});

function home(members: readonly Member[], people: Readonly<Record<number, Partial<Person>>> = {}): Home {
  const row = constituent({ Id: 1000, ConstituentType: HOUSEHOLD, DisplayName: 'The Lovelace Household' });
  const known = members.map(({ constituentId: id }): [string, Person] => [
    id,
    constituent({ Id: Number(id), ...people[Number(id)] }),
  ]);
  return { ...row, Addresses: [address()], members: [...members], people: new Map(known) };
}

function membersOf(one: Home, now = NOW) {
  const mapped = mapHousehold(one, { now });
  return mapped.kind === 'present' ? mapped.fields.tessitura_members : mapped;
}

describe('a household', () => {
  test('is a company with its people', () => {
    const people = [
      member(1001, { label: 'A1', primary: true }),
      member(1002, { label: 'A2' }),
      member(1003),
    ];
    const mapped = mapHousehold(home(people), { now: NOW });
    expect(mapped).toEqual({
      kind: 'present',
      fields: {
        name: 'The Lovelace Household',
        intertie_record_kind: 'household',
        tessitura_status: 'active',
        address: '12 St James’s Square',
        city: 'London',
        state: null,
        zip: 'SW1Y 4LB',
        country: 'GB',
        tessitura_members: '1001:A1+Primary household;1002:A2;1003',
      },
    });
    expect(mapped.kind === 'present' && Object.keys(mapped.fields)).toEqual([...householdFields]);
  });

  test('has a name even if nobody gave it one', () => {
    const nameless = { ...home([]), DisplayName: ' ', LastName: null };
    expect(mapHousehold(nameless, { now: NOW })).toMatchObject({ fields: { name: 'Household 1000' } });
  });

  test('stays away if it is protected, and says if it is no longer active', () => {
    expect(mapHousehold({ ...home([]), ProtectionType: { Id: 1 } }, { now: NOW }).kind).toBe('absent');
    const ended = { ...home([]), Inactive: { Id: 2, Description: 'Inactive' } };
    expect(mapHousehold(ended, { now: NOW })).toMatchObject({ fields: { tessitura_status: 'inactive' } });
  });

  test.each<[string, Partial<Person>]>([
    ['protected', { ProtectionType: { Id: 1 } }],
    ['inactive', { Inactive: { Id: 3 } }],
    ['deceased', { NameStatus: { Id: 2, Description: 'Deceased' } }],
    ['no person', { ConstituentType: HOUSEHOLD }],
  ])('leaves out who is %s', (_, person) => {
    expect(membersOf(home([member(1), member(2)], { 1: person }))).toBe('2');
  });

  test('leaves out who was deleted, has left, or has not come yet, and looks again on that day', () => {
    const [soon, later] = [NOW + DAY, NOW + 2 * DAY];
    const some = home([member(1, { since: soon }), member(2, { until: later }), member(3, { until: NOW })]);
    expect([membersOf(some), membersOf(some, soon), membersOf(some, later)]).toEqual(['2', '1;2', '1']);
    expect(mapHousehold(some, { now: NOW })).toHaveProperty('recheckAt', soon);
    expect(mapHousehold(some, { now: soon })).toHaveProperty('recheckAt', later);
    expect(mapHousehold(some, { now: later })).not.toHaveProperty('recheckAt');
    expect(membersOf({ ...some, people: new Map() }, soon)).toBeNull();
  });

  test('lists nobody twice', () => {
    const twice = [member(1, { label: 'A1', until: NOW + DAY }), member(1, { primary: true })];
    expect(membersOf(home(twice))).toBe('1:A1+Primary household');
  });

  test('is the same whatever the order of its rows', () => {
    const anyMember = fc
      .record({
        id: fc.integer({ min: 1, max: 4 }),
        label: fc.constantFrom('A1', 'A2', 'member'),
        primary: fc.boolean(),
        since: fc.constantFrom(undefined, NOW - DAY, NOW + DAY),
        until: fc.constantFrom(undefined, NOW - DAY, NOW + 2 * DAY),
      })
      .map(({ id, since, until, ...rest }) =>
        member(id, { ...rest, ...(since && { since }), ...(until && { until }) }),
      );
    fc.assert(
      fc.property(fc.array(anyMember, { maxLength: 5 }), (members) => {
        const mapped = mapHousehold(home(members), { now: NOW });
        expect(mapHousehold(home(members.toReversed()), { now: NOW })).toEqual(mapped);
        if (mapped.kind !== 'present' || mapped.recheckAt === undefined) return;
        expect(membersOf(home(members), mapped.recheckAt)).not.toEqual(mapped.fields.tessitura_members);
      }),
    );
    expect(membersText(new Map())).toBeNull();
  });
});

describe('households with what their people are', () => {
  const session = testSession({ account: 'tessitura/main', secret: {} });
  const row = (members: readonly Member[]): Household => home(members);
  const present = <T>(record: T): Read<T> => ({ state: 'present', record });

  /** A source that has these records, and counts what it was asked. */
  function having<R>(records: Readonly<Record<string, Read<R>>>, hides: readonly string[] = []) {
    const asked: string[][] = [];
    const source: Source<R> = {
      account: { vendor: 'tessitura', name: 'main', limits: () => ({}) },
      title: 'records',
      batchSize: 2,
      readLag: 0,
      overlap: 0,
      callsPerRead: 1,
      read: async (_, ids) => {
        asked.push([...ids]);
        const shown = ids.filter((id) => !hides.includes(id));
        return new Map(shown.flatMap((id): [string, Read<R>][] => (records[id] ? [[id, records[id]]] : [])));
      },
      readOne: async (_, id) => records[id] ?? { state: 'gone' },
      scan: async () => ({ items: [] }),
      list: async () => ({ items: [] }),
    };
    return { source, asked };
  }

  test('are read with their people in full batches, each person once', async () => {
    const people = having({
      1: present(constituent({ Id: 1 })),
      2: present(constituent({ Id: 2 })),
      3: present(constituent({ Id: 3 })),
    });
    const source = homes(
      having({ 10: present(row([member(1), member(2)])), 11: present(row([member(2), member(3)])) }).source,
      people.source,
    );
    const reads = await source.read(session, ['10', '11', '12']);
    expect([...reads.keys()]).toEqual(['10', '11']);
    expect(people.asked).toEqual([['1', '2'], ['3']]);
    const eleven = reads.get('11');
    expect(eleven?.state === 'present' && [...eleven.record.people.keys()]).toEqual(['2', '3']);
  });

  test('are unseen in bulk when a person is, and whole when read alone', async () => {
    const people = having({ 1: present(constituent({ Id: 1 })) }, ['1']);
    const source = homes(having({ 10: present(row([member(1), member(2)])) }).source, people.source);
    expect((await source.read(session, ['10'])).size).toBe(0);
    const one = await source.readOne(session, '10');
    expect(one.state === 'present' && [...one.record.people.keys()]).toEqual(['1']);
  });

  test('cannot be read when a person cannot, and say whom', async () => {
    const fault = new Fault('rejected', {
      vendor: 'tessitura',
      operation: 'read',
      field: 'Inactive',
      message: 'missing',
    });
    const source = homes(
      having({ 10: present(row([member(1)])) }).source,
      having<ReturnType<typeof constituent>>({ 1: { state: 'unreadable', fault } }).source,
    );
    const read = (await source.read(session, ['10'])).get('10');
    expect(read?.state === 'unreadable' && read.fault).toMatchObject({
      message: 'its member 1: missing',
      field: 'Inactive',
    });
  });
});
