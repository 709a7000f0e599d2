import { describe, expect, test } from 'vitest';
import { serviceUnderTest } from './sandbox-service.ts';

const START = Date.parse('2026-06-01T15:00:00Z');
const setting = (options = {}) => serviceUnderTest({ now: () => START, size: 300, ...options });

interface Affiliation {
  Id: number;
  UpdatedDateTime: string;
  GroupConstituent: { Id: number };
  IndividualConstituent: { Id: number };
  NameIndicator: number;
  PrimaryIndicator: boolean;
  Inactive: boolean;
  StartDate?: string;
  EndDate?: string;
  AffiliationType: { Description: string };
}

const ofGroup = async ({ ask }: ReturnType<typeof setting>, id: number | string, more = '') =>
  (await ask(`GET CRM/Affiliations?groupConstituentId=${id}${more}`)).body as Affiliation[];
const ofPerson = async ({ ask }: ReturnType<typeof setting>, id: number | string, more = '') =>
  (await ask(`GET CRM/Affiliations?individualConstituentId=${id}${more}`)).body as Affiliation[];
const memberOf = (rows: Affiliation[]) => rows.map((each) => each.IndividualConstituent.Id);

/** The first household of the seed. */
function household({ sandbox }: ReturnType<typeof setting>): number {
  for (let id = 1; id <= 300; id += 10)
    if (JSON.stringify(sandbox.peek('constituent', String(id))?.ConstituentType).includes('Household'))
      return id;
  throw new Error('the seed has no household');
}

describe('derived households', () => {
  test('have an A1 and an A2, both primary, and both sides tell the same', async () => {
    const service = setting();
    const group = household(service);
    const rows = await ofGroup(service, group, '&primaryOnly=true');
    expect(rows.map((each) => [each.IndividualConstituent.Id, each.NameIndicator])).toEqual([
      [group + 1, -1],
      [group + 2, -2],
    ]);
    expect(await ofPerson(service, group + 1)).toEqual(rows.slice(0, 1));
    const { body } = await service.ask(`GET CRM/Constituents/PrimaryHousehold?constituentId=${group + 2}`);
    expect(body.Id).toBe(group);
  });

  test('some members left, some people work for organisations', async () => {
    const service = setting({ size: 2_000 });
    const seen = new Map<string, number>();
    for (let id = 1; id <= 2_000; id += 1) {
      for (const row of await ofPerson(service, id)) {
        const kind = `${row.AffiliationType.Description} ${row.Inactive ? 'ended' : 'current'}`;
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
        expect(row.StartDate).toBeDefined();
        expect(row.EndDate !== undefined).toBe(row.Inactive);
        expect(memberOf(await ofGroup(service, row.GroupConstituent.Id))).toContain(id);
      }
    }
    expect([...seen.keys()].sort()).toEqual(['Employee current', 'Household current', 'Household ended']);
    for (const count of seen.values()) expect(count).toBeGreaterThan(3);
  });
});

describe('people change them', () => {
  test('a member is added from anywhere and shares the household’s memberships', async () => {
    const service = setting();
    const { sandbox, ask } = service;
    const group = household(service);
    const child = sandbox.edit({ record: 'constituent', set: { LastName: 'Young' } });
    sandbox.edit({ record: 'membership', set: { Constituent: group, Level: 'Household' } });
    const terms = async () =>
      (await ask(`GET CRM/Memberships/Details?constituentId=${child}&includeAffiliations=true`)).body.length;
    expect(await terms()).toBe(0);
    const set = {
      IndividualConstituent: child,
      GroupConstituent: group,
      PrimaryIndicator: true,
      NameIndicator: 0,
    };
    const id = sandbox.edit({ record: 'affiliation', set });
    expect(memberOf(await ofGroup(service, group))).toContain(Number(child));
    expect(await terms()).toBeGreaterThan(0);
    expect(sandbox.peek('affiliation', id)).toMatchObject({ Inactive: false, PrimaryIndicator: true });
  });

  test('an affiliation that ends stays to be seen, but counts no more', async () => {
    const service = setting();
    const { sandbox, ask } = service;
    const group = household(service);
    const [row] = await ofPerson(service, group + 1);
    const set = { EndDate: '2026-05-31T00:00:00-04:00', Inactive: true, PrimaryIndicator: false };
    sandbox.edit({ record: 'affiliation', id: String(row?.Id), set });
    expect(await ofPerson(service, group + 1)).toMatchObject([set]);
    expect(memberOf(await ofGroup(service, group, '&primaryOnly=true'))).toEqual([group + 2]);
    expect(memberOf(await ofGroup(service, group, '&startActiveDate=2026-06-01'))).not.toContain(group + 1);
    expect((await ask(`GET CRM/Constituents/PrimaryHousehold?constituentId=${group + 1}`)).status).toBe(404);
    const log = await ask(`GET Reporting/AuditLogs?table=T_AFFILIATION&entityIds=${row?.Id}`);
    expect(log.body.AuditLogs[0]).toMatchObject({
      UserName: 'boxoff',
      AuditDetails: [
        {
          Action: 'Updated',
          ParentEntityId: group + 1,
          AuditEntries: expect.arrayContaining([
            { Property: 'Inactive', Old: 'false', New: 'true' },
            { Property: 'EndDate', New: set.EndDate },
          ]),
        },
      ],
    });
  });

  test('the feed of the procedure rings both ends', async () => {
    const service = setting();
    const group = household(service);
    const [row] = await ofPerson(service, group + 1);
    service.sandbox.edit({ record: 'affiliation', id: String(row?.Id), set: { Inactive: true } });
    const values = { '@since': '2026-06-01T00:00:00Z', '@until': '2026-06-02T00:00:00Z', '@top': '100' };
    const { body } = await service.ask('POST Custom/Execute', {
      ProcedureName: 'LP_INTERTIE_CHANGES',
      ParameterValues: Object.entries(values).map(([Name, Value]) => ({ Name, Value })),
    });
    const rung = body.map((each: { constituent_id: number }) => each.constituent_id);
    expect(rung).toEqual([group + 1, group]);
  });

  test('a new household, and a person of two of which one is primary', async () => {
    const service = setting();
    const { sandbox, ask } = service;
    const old = household(service);
    const made = sandbox.edit({ record: 'constituent', set: { Group: 'Household', LastName: 'King' } });
    expect((await ask(`GET CRM/Constituents/${made}`)).body).toMatchObject({
      DisplayName: 'The King Household',
      ConstituentType: { ConstituentGroup: { Description: 'Household' } },
    });
    const set = {
      IndividualConstituent: old + 1,
      GroupConstituent: made,
      PrimaryIndicator: true,
      NameIndicator: -1,
    };
    sandbox.edit({ record: 'affiliation', set });
    const rows = await ofPerson(service, old + 1);
    expect(rows.map((each) => [each.GroupConstituent.Id, each.PrimaryIndicator])).toEqual([
      [old, false],
      [Number(made), true],
    ]);
    const { body } = await ask(`GET CRM/Constituents/PrimaryHousehold?constituentId=${old + 1}`);
    expect(body.Id).toBe(Number(made));
  });

  test.each<[object, string]>([
    [{ IndividualConstituent: 4, GroupConstituent: 5 }, 'GroupConstituent'],
    [{ IndividualConstituent: 99_999, GroupConstituent: 1 }, 'there is no constituent 99999'],
    [{ NameIndicator: 3 }, 'IndividualConstituent'],
    [{ IndividualConstituent: 4, Nonsense: 1 }, 'Nonsense is not known'],
  ])('%j is refused with a hint', (set, hint) => {
    expect(() => setting().sandbox.edit({ record: 'affiliation', set: set as never })).toThrow(hint);
  });
});

test('over the wire: end one, with the lock; its ends cannot be changed', async () => {
  const service = setting();
  const { ask } = service;
  const [row] = await ofPerson(service, household(service) + 1);
  const other = { ...row, GroupConstituent: { Id: 4 } };
  expect((await ask(`PUT CRM/Affiliations/${row?.Id}`, other)).body[0].ErrorPath).toBe('GroupConstituent');
  expect((await ask(`PUT CRM/Affiliations/${row?.Id}`, { ...row, Inactive: true })).status).toBe(200);
  expect((await ask(`PUT CRM/Affiliations/${row?.Id}`, { ...row, Inactive: false })).status).toBe(409);
});
