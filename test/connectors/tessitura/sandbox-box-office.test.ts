import { describe, expect, test } from 'vitest';
import { serviceUnderTest } from './sandbox-service.ts';

const START = Date.parse('2026-06-01T15:00:00Z');
const setting = (options = {}) => serviceUnderTest({ now: () => START, ...options });

describe('tickets', () => {
  test('a sale is a paid line for tonight, a return a returned one, and both are audited', async () => {
    const { sandbox, ask } = setting();
    const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: '4', Amount: '12.5' } });
    const mine = async () => {
      const { body } = await ask('GET TXN/SubLineItems?constituentId=4&includeAffiliations=false');
      return body.find((row: { SubLineItemId: number }) => String(row.SubLineItemId) === ticket);
    };
    expect(await mine()).toMatchObject({
      PaidAmountDecimal: 12.5,
      Owner: { Id: 4 },
      Performance: { PerformanceDateTime: '2026-06-01T19:30:00.0000000-04:00' },
      SubLineItemStatus: { Description: 'Ticketed, Paid' },
    });
    sandbox.edit({ record: 'ticket', id: ticket, remove: true });
    expect(await mine()).toMatchObject({ SubLineItemStatus: { Description: 'Return' } });
    expect((await ask('GET Reporting/AuditLogs?table=T_ORDER')).body.Total).toBe(2);
  });

  test('scans: a good one is attendance, a refused one is only at the doors, neither is audited', async () => {
    const { sandbox, ask } = setting();
    const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: 4, Day: '2026-06-01' } });
    const visits = async () =>
      (await ask('GET CRM/AttendanceHistory?constituentId=4')).body.filter(
        (row: { TicketId: number }) => String(row.TicketId) === ticket,
      ).length;
    for (const expected of [1, 2]) {
      sandbox.edit({ record: 'scan', set: { Ticket: ticket } });
      expect(await visits()).toBe(expected);
    }
    sandbox.edit({ record: 'ticket', id: ticket, remove: true });
    sandbox.edit({ record: 'scan', set: { Ticket: ticket } });
    expect(await visits()).toBe(2);
    const { body } = await ask(
      'GET AccessControl/EventControl?startDate=2026-06-01T14:59:00Z&endDate=2026-06-01T15:01:00Z',
    );
    expect(body.EventControlSet.map((row: { TicketOk: string }) => row.TicketOk)).toEqual(['Y', 'Y', 'N']);
    expect(sandbox.state('').records).toMatchObject({ 'audit entries': 2, 'scans at the doors': 3 });
  });
});

describe('memberships', () => {
  test('joined today, renewed from the day after the last one, ended by the office', async () => {
    const { sandbox, ask } = setting();
    const row = async (id: string) =>
      (await ask('GET CRM/Memberships/Details?constituentId=4')).body.find(
        (each: { Id: number }) => String(each.Id) === id,
      );
    const first = sandbox.edit({ record: 'membership', set: { Constituent: 4, Level: 'Patron' } });
    expect(await row(first)).toMatchObject({
      MembershipLevel: {
        Description: 'Patron',
        MembershipOrganization: { Description: 'Friends of the Theatre' },
      },
      CurrentStatus: { Description: 'Active' },
      InitiationDate: '2026-06-01T00:00:00.0000000-04:00',
      ExpirationDate: '2027-05-31T00:00:00.0000000-04:00',
    });
    const second = sandbox.edit({ record: 'membership', id: first });
    expect(await row(second)).toMatchObject({ InitiationDate: '2027-06-01T00:00:00.0000000-04:00' });
    sandbox.edit({ record: 'membership', id: first, set: { Expires: '2026-07-01' } });
    expect((await row(first)).ExpirationDate).toContain('2026-07-01T00:00:00');
    sandbox.edit({ record: 'membership', id: second, remove: true });
    expect((await row(second)).CurrentStatus.Description).toBe('Cancelled');
  });
});

test.each([
  [{ record: 'ticket', set: { Constituent: 99_999 } }, 'there is no constituent 99999'],
  [{ record: 'ticket', id: '77', remove: true }, 'there is no ticket 77'],
  [{ record: 'scan', set: { Ticket: 77 } }, 'there is no ticket 77'],
  [{ record: 'scan', set: {} }, 'Ticket'],
  [{ record: 'membership', set: { Constituent: 4, Level: 'Emperor' } }, 'Level'],
  [{ record: 'membership', id: '77', set: {} }, 'there is no membership 77'],
  [{ record: 'ticket', set: { Constituent: 4, Day: 'tomorrow' } }, 'Day'],
])('%j is refused with a hint', (edit, hint) => {
  expect(() => setting().sandbox.edit(edit)).toThrow(hint);
});

test('the service asks for a constituent, and for dates that are dates', async () => {
  const { ask } = setting();
  for (const call of ['CRM/Memberships/Details', 'TXN/SubLineItems', 'CRM/AttendanceHistory'])
    expect((await ask(`GET ${call}`)).status).toBe(500);
  expect((await ask('GET AccessControl/EventControl?startDate=yesterday')).status).toBe(400);
  expect((await ask('DELETE TXN/SubLineItems?constituentId=4')).status).toBe(404);
});

test('what a patron has is the same for ever, whoever else is asked for', async () => {
  const [large, small] = [setting({ size: 1_000_000 }), setting({ size: 1_000_000 })];
  const history = async ({ ask }: typeof large, id: number) =>
    Promise.all(
      ['CRM/Memberships/Details', 'TXN/SubLineItems', 'CRM/AttendanceHistory'].map(
        async (call) => (await ask(`GET ${call}?constituentId=${id}&includeAffiliations=true`)).body,
      ),
    );
  for (const id of [999_991, 5, 400_002]) await history(large, id);
  for (const id of [5, 400_002]) expect(await history(small, id)).toEqual(await history(large, id));
});

test('derived records agree with each other', async () => {
  const { sandbox } = setting({ size: 500 });
  const counted = { reentries: 0, late: 0, returned: 0, own: 0 };
  for (let id = 1; id <= 500; id += 1) {
    // biome-ignore lint/suspicious/noExplicitAny: tests look into any vendor record
    const stored = sandbox.peek('constituent', String(id)) as any;
    if (!stored) continue;
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const tickets = new Map<number, any>(stored.SubLineItems.map((row: any) => [row.Id, row]));
    const scanned = new Set<number>();
    for (const scan of stored.Attendance) {
      expect(tickets.get(scan.TicketId)?.SubLineItemStatus.Description).toBe('Ticketed, Paid');
      expect(scan.Performance).toEqual(tickets.get(scan.TicketId).Performance);
      expect(Date.parse(scan.AttendDateTime)).toBeLessThan(START + 24 * 3_600_000);
      if (scanned.has(scan.TicketId)) counted.reentries += 1;
      scanned.add(scan.TicketId);
      const delay = Date.parse(scan.AttendDateTime) - Date.parse(scan.Performance.PerformanceDateTime);
      if (delay > 6 * 3_600_000) counted.late += 1;
    }
    for (const row of tickets.values())
      if (row.SubLineItemStatus.Description === 'Return') counted.returned += 1;
    counted.own += stored.Memberships.length;
  }
  for (const count of Object.values(counted)) expect(count).toBeGreaterThan(3);
});
