import { describe, expect, test } from 'vitest';
import { none } from '../../../shared/connectors/connector.ts';
import {
  connector,
  type Household,
  households,
  tessituraAccount,
} from '../../../shared/connectors/tessitura/index.ts';
import { tessituraSandbox } from '../../../shared/connectors/tessitura/sandbox.ts';
import type { Page } from '../../../shared/engine/ports.ts';
import type { Change } from '../../../shared/engine/resource.ts';
import { describeConnector, serveSandbox } from '../contract.ts';
import { ids, running, START } from './running.ts';

const account = tessituraAccount('main');
const source = households({ account });
const MINUTE = 60_000;

async function homes(secret: object = {}) {
  const setting = await running();
  const session = () => setting.session(secret);
  const read = async (id: string): Promise<Household> => {
    const found = await source.readOne(session(), id);
    if (found.state !== 'present') throw new Error(`${id} is ${found.state}`);
    return found.record;
  };
  const all = async (): Promise<Household[]> => {
    const reads = [...(await source.read(session(), ids(1, 100))).values()];
    return reads.flatMap((each) => (each.state === 'present' ? [each.record] : []));
  };
  const scan = async (): Promise<Change[]> => {
    const found: Change[] = [];
    for (let page: string | undefined, first = true; first || page !== undefined; first = false) {
      const window = { from: START - MINUTE, to: START + MINUTE, ...(page === undefined ? {} : { page }) };
      const reply: Page<Change> = await source.scan(session(), window);
      found.push(...reply.items);
      page = reply.next;
    }
    return found;
  };
  return { ...setting, session, read, all, scan };
}

const rowsOf = (setting: Awaited<ReturnType<typeof homes>>, member: string) =>
  setting.sandbox.peek('constituent', member)?.Affiliations as { Id: number }[];

test('a hundred ids are one call, and only households come back', async () => {
  const { session, all } = await homes();
  const reading = session();
  const found = await source.read(reading, ids(1, 100));
  expect(reading.sent).toEqual(['batch']);
  expect(found.size).toBeGreaterThan(3);
  for (const home of await all()) {
    expect(home.members.map(({ label }) => label)).toEqual(['A1', 'A2']);
    expect(home.members.every(({ primary }) => primary)).toBe(true);
  }
});

test('a person is no household', async () => {
  const { all, session } = await homes();
  const [home] = await all();
  expect(await source.readOne(session(), home?.members[0]?.constituentId ?? '')).toEqual({ state: 'gone' });
});

describe.each([['audit-log'], ['procedure']])('changes by %s', (changes) => {
  test('an affiliation that ends rings the household, and its member is no longer among them', async () => {
    const setting = await homes({ changes });
    const [home] = await setting.all();
    const [first, second] = home?.members ?? [];
    const [row] = rowsOf(setting, first?.constituentId ?? '');
    const EndDate = '2026-06-01T10:00:00-04:00';
    setting.sandbox.edit({ record: 'affiliation', id: String(row?.Id), set: { EndDate } });
    expect((await setting.scan()).map(({ id }) => id)).toContain(String(home?.Id));
    expect((await setting.read(String(home?.Id))).members).toEqual([second]);
  });

  test('a person who joins rings it, and one who changes a name does not', async () => {
    const setting = await homes({ changes });
    const [home] = await setting.all();
    const loner = setting.sandbox.edit({ record: 'constituent', set: { LastName: 'Loner' } });
    expect(await setting.scan()).toEqual([]);
    const IndividualConstituent = Number(loner);
    const set = { IndividualConstituent, GroupConstituent: home?.Id ?? 0, EndDate: '2027-01-01T00:00:00Z' };
    setting.sandbox.edit({ record: 'affiliation', set });
    expect((await setting.scan()).map(({ id }) => id)).toEqual([String(home?.Id)]);
    const { members } = await setting.read(String(home?.Id));
    expect(members.at(-1)).toMatchObject({ constituentId: loner, label: 'member', primary: false });
    expect(members.at(-1)?.until).toBe(Date.parse('2027-01-01T00:00:00Z'));
  });

  test('the household itself', async () => {
    const setting = await homes({ changes });
    const [home] = await setting.all();
    setting.edit(home?.Id ?? 0, { LastName: 'Renamed' });
    expect((await setting.scan()).map(({ id }) => id)).toEqual([String(home?.Id)]);
  });
});

test('memberships are its own', async () => {
  const { session, all } = await homes();
  const wanted = (await all()).map(({ Id }) => String(Id));
  const reads = await households({ account, include: ['memberships'] }).read(session(), wanted);
  const found = [...reads.values()].flatMap((each) => (each.state === 'present' ? [each.record] : []));
  expect(found.some(({ Memberships }) => (Memberships?.length ?? 0) > 0)).toBe(true);
  for (const { Id, Memberships } of found)
    for (const row of Memberships ?? []) expect(row.Constituent?.Id ?? Id).toBe(Id);
});

const homeIds = (sandbox: ReturnType<typeof tessituraSandbox>) =>
  ids(1, 200).filter((id) => {
    const type = sandbox.peek('constituent', id)?.ConstituentType;
    return JSON.stringify(type)?.includes('"Household"');
  });

describeConnector({
  name: 'tessitura',
  connector,
  start: () => serveSandbox(tessituraSandbox({ seed: 7, size: 200 })),
  wrongCredentials: (secret) => ({ ...secret, password: 'wrong' }),
  read: (session) => source.read(session, ids(1, 100)),
  write: none('households are only read'),
  removedField: 'ElectronicAddresses',
  lacks: { 'rate-limit-burst': none('Tessitura documents no 429; too many calls only make it slow') },
  source: {
    resource: source,
    edit: (sandbox) =>
      sandbox.edit({ record: 'constituent', id: homeIds(sandbox)[0] ?? '', set: { LastName: 'New' } }),
    remove: (sandbox) => sandbox.edit({ record: 'constituent', id: homeIds(sandbox)[1] ?? '', remove: true }),
    unknownId: '99999999',
  },
});
