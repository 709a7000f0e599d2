import { describe, expect, test } from 'vitest';
import type { SandboxEdit } from '../../../shared/connectors/sandbox.ts';
import { serviceUnderTest } from './sandbox-service.ts';

const START = Date.parse('2026-06-01T15:00:00Z');

interface Entry {
  Id: number;
  UserName: string;
  CreateLocation: string;
  AuditDetails: [
    {
      Action: string;
      AuditTable: string;
      EntityId: number;
      ParentEntityId?: number;
      AuditEntries: { Property: string; Old?: string; New?: string }[];
    },
  ];
}

function setting() {
  const service = serviceUnderTest({ now: () => START, size: 600 });
  const by = (who: SandboxEdit['by'], id: string, set: SandboxEdit['set']) =>
    service.sandbox.edit({ record: 'constituent', id, ...(set && { set }), ...(who && { by: who }) });
  const logs = async (query: string): Promise<Entry[]> =>
    (await service.ask(`GET Reporting/AuditLogs?${query}`)).body.AuditLogs;
  return { ...service, by, logs };
}

describe('the audit log says who wrote a value', () => {
  test('staff, the person on the web site, another integration, and we', async () => {
    const { ask, by, logs } = setting();
    by('staff', '4', { Email: 'one@example.com' });
    by('person', '4', { Email: 'two@example.com' });
    by('integration', '4', { Email: 'three@example.com' });
    const [row] = (await ask('GET CRM/ElectronicAddresses?address=three@example.com')).body;
    await ask(`PUT CRM/ElectronicAddresses/${row.Id}`, { ...row, Address: 'four@example.com' });
    const entries = await logs(`table=T_EADDRESS&entityIds=${row.Id}`);
    const writers = entries.map((each) => {
      const change = each.AuditDetails[0].AuditEntries.find(({ Property }) => Property === 'Address');
      return [each.UserName, each.CreateLocation, change?.Old, change?.New];
    });
    expect(writers.slice(1)).toEqual([
      ['webapi', 'Web', 'one@example.com', 'two@example.com'],
      ['acmesync', 'ACME', 'two@example.com', 'three@example.com'],
      ['intertie', 'INTERTIE', 'three@example.com', 'four@example.com'],
    ]);
    expect(writers[0]?.slice(0, 2)).toEqual(['boxoff', 'BOXOFF01']);
    expect(entries.every((each) => each.AuditDetails[0].ParentEntityId === 4)).toBe(true);
  });

  test('consent: each property with old and new, a reference by its id', async () => {
    const { by, logs } = setting();
    by('person', '4', { AllowMarketing: true, EmailPermission: 'Y' });
    by('person', '4', { AllowMarketing: false, EmailPermission: 'N', Phone: '212 555 0100' });
    by('person', '4', { AllowTelemarketing: false });
    const entries = await logs('entityIds=4&includeSubEntities=true&table=TX_CONTACT_PERMISSION');
    const [last] = entries.at(-1)?.AuditDetails ?? [];
    expect(last?.AuditEntries).toEqual([{ Property: 'Answer', Old: 'Y', New: 'N' }]);
    const [phone] =
      (await logs('entityIds=4&includeSubEntities=true&table=T_PHONE')).at(-1)?.AuditDetails ?? [];
    expect(phone?.AuditEntries).toEqual([{ Property: 'AllowTelemarketing', Old: 'true', New: 'false' }]);
  });
});

describe('entries of some entities', () => {
  test('several constituents with all that hangs on them, and nobody else', async () => {
    const { by, logs } = setting();
    for (const id of ['4', '6', '14']) by('staff', id, { LastName: 'New', Email: `n${id}@example.com` });
    const own = await logs('table=T_CUSTOMER&entityIds=4,14');
    expect(own.map((each) => each.AuditDetails[0].EntityId)).toEqual([4, 14]);
    const all = await logs('table=T_CUSTOMER&entityIds=4,14&includeSubEntities=true');
    expect(
      all.map(({ AuditDetails: [each] }) => [each.AuditTable, each.ParentEntityId ?? each.EntityId]),
    ).toEqual([
      ['T_CUSTOMER', 4],
      ['T_EADDRESS', 4],
      ['T_CUSTOMER', 14],
      ['T_EADDRESS', 14],
    ]);
  });

  test('ids are of their table: without one a child may have the number of another constituent', async () => {
    const { ask, by, logs } = setting();
    by('staff', '4', { Phone: '212 555 0100' });
    const [phone] = (await ask('GET CRM/Phones?constituentId=4')).body;
    by('staff', String(phone.Id), { LastName: 'Namesake' });
    const tables = (entries: Entry[]) => entries.map((each) => each.AuditDetails[0].AuditTable);
    expect(tables(await logs(`entityIds=${phone.Id}`))).toEqual(['T_PHONE', 'T_CUSTOMER']);
    expect(tables(await logs(`entityIds=${phone.Id}&table=T_PHONE`))).toEqual(['T_PHONE']);
  });

  test('in a window, by action, in pages that add up', async () => {
    const { sandbox, ask, by, logs } = setting();
    for (let turn = 0; turn < 7; turn += 1) by('staff', '4', { LastName: `Turn ${turn}` });
    sandbox.advance(60_000);
    by('staff', '4', { LastName: 'Later' });
    const from = new Date(START + 1).toISOString();
    expect(await logs(`entityIds=4&auditStartTime=${from}`)).toHaveLength(1);
    expect(await logs('entityIds=4&action=Inserted')).toHaveLength(0);
    const pages = await Promise.all(
      [1, 2, 3].map((page) => logs(`entityIds=4&pageSize=3&pageIndex=${page}`)),
    );
    expect(pages.map((page) => page.length)).toEqual([3, 3, 2]);
    expect(new Set(pages.flat().map((each) => each.Id)).size).toBe(8);
    expect((await ask('GET Reporting/AuditLogs?entityIds=4&pageSize=3')).body.Total).toBe(8);
  });

  test('an entry that is not committed yet is not seen', async () => {
    const { sandbox, by, logs } = setting();
    sandbox.setFaults({ 'stale-audit': true });
    by('staff', '4', { LastName: 'Slow' });
    expect(await logs('entityIds=4')).toHaveLength(0);
    sandbox.advance(5 * 60_000);
    expect(await logs('entityIds=4')).toHaveLength(1);
  });
});

describe('merged, purged, inactive, deceased', () => {
  const procedure = (name: string, values: Record<string, string>) => ({
    ProcedureName: name,
    ParameterValues: Object.entries(values).map(([Name, Value]) => ({ Name, Value })),
  });
  const everything = { '@since': '2026-06-01T00:00:00Z', '@until': '2026-06-02T00:00:00Z', '@top': '100' };

  test('a merge moves what the loser had, and both names are in the feed of the procedure', async () => {
    const { sandbox, ask, by, logs } = setting();
    by('staff', '4', { Email: 'keeper@example.com', EmailPermission: 'Y' });
    by('staff', '6', { Email: 'loser@example.com', EmailPermission: 'N', MailPermission: 'N' });
    const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: 6 } });
    sandbox.edit({ record: 'scan', set: { Ticket: ticket } });
    const membership = sandbox.edit({ record: 'membership', set: { Constituent: 6, Level: 'Patron' } });
    const before = (await ask('GET CRM/Constituents/4')).body.UpdatedDateTime;
    sandbox.edit({ record: 'constituent', id: '6', remove: true, set: { MergeInto: 4 } });
    expect((await ask('GET CRM/Constituents/6/Detail')).status).toBe(404);
    expect((await ask('GET CRM/Constituents/4')).body.UpdatedDateTime).not.toBe(before);
    const moved = (await ask('GET CRM/ElectronicAddresses?address=loser@example.com')).body;
    expect(moved).toMatchObject([{ Constituent: { Id: 4 }, PrimaryIndicator: false }]);
    const tickets = (await ask('GET TXN/SubLineItems?constituentId=4&includeAffiliations=false')).body;
    expect(tickets).toContainEqual(
      expect.objectContaining({ SubLineItemId: Number(ticket), Owner: { Id: 4 } }),
    );
    const visits = (await ask('GET CRM/AttendanceHistory?constituentId=4')).body;
    expect(visits).toContainEqual(expect.objectContaining({ TicketId: Number(ticket) }));
    const terms = (await ask('GET CRM/Memberships/Details?constituentId=4')).body;
    expect(terms).toContainEqual(expect.objectContaining({ Id: Number(membership) }));
    const permissions = (await ask('GET CRM/ContactPermissions?constituentId=4')).body;
    expect(permissions).toContainEqual(
      expect.objectContaining({ Answer: 'Y', Type: expect.objectContaining({ Id: 1 }) }),
    );
    expect(permissions).toContainEqual(
      expect.objectContaining({ Answer: 'N', Type: expect.objectContaining({ Id: 3 }) }),
    );

    const deleted = await logs('table=T_CUSTOMER&entityIds=6&action=Deleted');
    expect(deleted.map((each) => each.AuditDetails[0].EntityId)).toEqual([6]);
    const { body: rows } = await ask('POST Custom/Execute', procedure('LP_INTERTIE_CHANGES', everything));
    const feed = rows as { constituent_id: number; entity: string; entity_id: number }[];
    expect(feed).toContainEqual(
      expect.objectContaining({ constituent_id: 6, entity: 'merge', entity_id: 4 }),
    );
    expect(feed.at(-1)).toMatchObject({ constituent_id: 4, entity: 'customer' });
    const ids = procedure('LP_INTERTIE_CONSTITUENTS', { '@after': '5', '@top': '1' });
    expect((await ask('POST Custom/Execute', ids)).body).toEqual([{ constituent_id: 6, merged_into: 4 }]);
  });

  test('a purge is in the audit log, but the tables that the procedure reads have nothing of it', async () => {
    const { sandbox, ask, logs } = setting();
    sandbox.edit({ record: 'constituent', id: '6', remove: true });
    expect(await logs('table=T_CUSTOMER&entityIds=6&action=Deleted')).toHaveLength(1);
    expect((await ask('POST Custom/Execute', procedure('LP_INTERTIE_CHANGES', everything))).body).toEqual([]);
    const ids = procedure('LP_INTERTIE_CONSTITUENTS', { '@after': '5', '@top': '1' });
    expect((await ask('POST Custom/Execute', ids)).body[0].constituent_id).toBeGreaterThan(6);
  });

  test('a chain of merges leads to the last one', async () => {
    const { sandbox, ask } = setting();
    const merge = (id: string, MergeInto: number) =>
      sandbox.edit({ record: 'constituent', id, remove: true, set: { MergeInto } });
    merge('4', 6);
    merge('6', 14);
    const ids = procedure('LP_INTERTIE_CONSTITUENTS', { '@after': '3', '@top': '1' });
    expect((await ask('POST Custom/Execute', ids)).body).toEqual([{ constituent_id: 4, merged_into: 6 }]);
    expect(() => merge('14', 14)).toThrow('itself');
    expect(() => merge('14', 6)).toThrow('there is no constituent 6');
  });

  test('inactive with its reason, deceased, and active again', async () => {
    const { by, ask, logs } = setting();
    by('staff', '4', { Inactive: true, InactiveReason: 'Deceased', NameStatus: 'Deceased' });
    expect((await ask('GET CRM/Constituents/4')).body).toMatchObject({
      Inactive: { Id: 2 },
      InactiveReason: { Description: 'Deceased' },
      NameStatus: { Description: 'Deceased' },
    });
    by('staff', '4', { Inactive: false, NameStatus: null });
    const alive = (await ask('GET CRM/Constituents/4')).body;
    expect(alive.Inactive.Id).toBe(1);
    expect(alive).not.toHaveProperty('InactiveReason');
    const [detail] = (await logs('entityIds=4&table=T_CUSTOMER')).at(-1)?.AuditDetails ?? [];
    expect(detail?.AuditEntries).toContainEqual({ Property: 'Inactive', Old: '2', New: '1' });
  });
});
