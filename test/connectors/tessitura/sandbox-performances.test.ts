import { describe, expect, test } from 'vitest';
import { serviceUnderTest } from './sandbox-service.ts';

const START = Date.parse('2026-06-01T15:00:00Z');
const setting = (options = {}) => serviceUnderTest({ now: () => START, ...options });
type Service = ReturnType<typeof setting>;

interface Found {
  PerformanceId: number;
  PerformanceDate: string;
  PerformanceType: { Id: number; Description: string };
  PerformanceStatusDescription: string;
  ProductionSeason: { Id: number };
}

const search = async ({ ask }: Service, body: object): Promise<Found[]> =>
  (await ask('POST TXN/Performances/Search', body)).body;
const JUNE = {
  PerformanceStartDate: '2026-06-01T00:00:00-04:00',
  PerformanceEndDate: '2026-06-30T23:59:59-04:00',
};
const ticketsOf = async ({ ask }: Service, id: number, more = '') =>
  (await ask(`GET TXN/SubLineItems?constituentId=${id}&includeAffiliations=false${more}`)).body;

describe('the playbill', () => {
  test('an evening a day, and an entry every half hour', async () => {
    const service = setting();
    expect(await search(service, { ...JUNE, PerformanceTypeIds: '1' })).toHaveLength(30);
    const timed = await search(service, { ...JUNE, PerformanceTypeIds: '5' });
    expect(timed).toHaveLength(30 * 14);
    expect(new Set(timed.map((each) => each.ProductionSeason.Id)).size).toBeLessThanOrEqual(2);
    expect(timed.slice(0, 2).map((each) => each.PerformanceDate)).toEqual([
      '2026-06-01T10:00:00.0000000-04:00',
      '2026-06-01T10:30:00.0000000-04:00',
    ]);
    const all = await search(service, JUNE);
    expect(all).toHaveLength(30 * 15);
    expect(all.map((each) => each.PerformanceDate)).toEqual(
      all.map((each) => each.PerformanceDate).toSorted(),
    );
    const year = { ...JUNE, PerformanceEndDate: '2027-05-31T00:00:00-04:00' };
    const evenings = await search(service, { ...year, PerformanceTypeIds: '1' });
    const cancelled = evenings.filter((each) => each.PerformanceStatusDescription === 'Cancelled').length;
    expect(cancelled).toBeGreaterThan(10);
    expect(cancelled).toBeLessThan(50);
  });

  test('by ids, alone, by production season; unknown ones are left out, or 404', async () => {
    const service = setting();
    const [one, two] = await search(service, JUNE);
    const ids = [two!.PerformanceId, 77_777_777, one!.PerformanceId].join(',');
    const { body } = await service.ask(`GET TXN/Performances?performanceIds=${ids}`);
    expect(body.map((each: { Id: number }) => each.Id)).toEqual([two!.PerformanceId, one!.PerformanceId]);
    expect((await service.ask(`GET TXN/Performances/${one!.PerformanceId}`)).body).toMatchObject({
      Date: one!.PerformanceDate,
      Type: one!.PerformanceType,
      ProductionSeason: one!.ProductionSeason,
      UpdatedDateTime: expect.stringMatching(/\.\d{7}[+-]\d\d:00$/),
    });
    expect((await service.ask('GET TXN/Performances/77777777')).status).toBe(404);
    expect((await service.ask('GET TXN/Performances')).status).toBe(500);
    const season = one!.ProductionSeason.Id;
    const all = (await service.ask(`GET TXN/Performances?productionSeasonId=${season}`)).body;
    expect(all.map((each: { Id: number }) => each.Id)).toContain(one!.PerformanceId);
    const billing = (await service.ask(`GET TXN/ProductionSeasons/${season}`)).body;
    const dates = all.map((each: { Date: string }) => each.Date.slice(0, 10));
    expect(dates[0]).toBe(billing.FirstPerformanceDate.slice(0, 10));
    expect(dates.at(-1)).toBe(billing.LastPerformanceDate.slice(0, 10));
    const found = (await service.ask('POST TXN/ProductionSeasons/Search', JUNE)).body;
    expect(found.map((each: { ProductionSeasonId: number }) => each.ProductionSeasonId)).toContain(season);
  });

  test('a date that is none', async () => {
    const answer = await setting().ask('POST TXN/Performances/Search', { PerformanceStartDate: 'soon' });
    expect(answer.status).toBe(400);
  });
});

describe('the house changes it', () => {
  test('a cancelled performance returns its tickets and is told in the audit', async () => {
    const service = setting();
    const { sandbox, ask } = service;
    const [evening] = await search(service, { ...JUNE, PerformanceTypeIds: '1' });
    const id = evening!.PerformanceId;
    const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: 4, Performance: id } });
    sandbox.edit({ record: 'performance', id: String(id), set: { Cancelled: true } });
    expect((await ask(`GET TXN/Performances/${id}`)).body.Status.Description).toBe('Cancelled');
    const mine = await ticketsOf(service, 4);
    const sold = mine.find((each: { SubLineItemId: number }) => String(each.SubLineItemId) === ticket);
    expect(sold.SubLineItemStatus.Description).toBe('Return');
    const log = await ask(
      `GET TXN/Performances/Audit?startDateTime=2026-06-01T00:00:00Z&performanceIds=${id}`,
    );
    expect(log.body).toMatchObject({
      TotalCount: 1,
      Items: [
        { PerformanceId: id, Column: 'perf_status', OldValue: '1', NewValue: '4', CreatedBy: 'boxoff' },
      ],
    });
    const after = log.body.Items[0].Id;
    expect((await ask(`GET TXN/Performances/Audit?greaterThanId=${after}`)).body.Items).toEqual([]);
  });

  test('a performance that is moved is moved in tickets and attendance too', async () => {
    const service = setting();
    const { sandbox, ask } = service;
    const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: 4, Day: '2026-06-20' } });
    sandbox.edit({ record: 'scan', set: { Ticket: ticket } });
    const { Performance } = (await ticketsOf(service, 4)).find(
      (each: { SubLineItemId: number }) => String(each.SubLineItemId) === ticket,
    );
    expect(Performance).toMatchObject({
      Description: expect.any(String),
      ProductionSeasonId: expect.any(Number),
    });
    const set = { Day: '2026-06-21', Time: '14:00' };
    sandbox.edit({ record: 'performance', id: String(Performance.Id), set });
    const moved = '2026-06-21T14:00:00.0000000-04:00';
    const rows = [
      ...(await ticketsOf(service, 4)),
      ...(await ask('GET CRM/AttendanceHistory?constituentId=4')).body,
    ];
    const about = rows.filter((each) => each.Performance.Id === Performance.Id);
    expect(about.map((each) => each.Performance.PerformanceDateTime)).toEqual([moved, moved]);
    expect(
      (await search(service, JUNE)).find((each) => each.PerformanceId === Performance.Id)?.PerformanceDate,
    ).toBe(moved);
  });

  test('a new one can be sold, and a wrong one is refused', async () => {
    const service = setting();
    const { sandbox } = service;
    const set = { Day: '2026-06-15', Time: '11:00', Description: 'Open Day', Timed: true };
    const id = sandbox.edit({ record: 'performance', set });
    const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: 4, Performance: id } });
    expect(sandbox.peek('ticket', ticket)).toMatchObject({ Performance: { Id: Number(id) } });
    expect(sandbox.peek('performance', id)).toMatchObject({ description: 'Open Day', timed: true });
    expect((await search(service, JUNE)).map((each) => each.PerformanceId)).toContain(Number(id));
    expect(() => sandbox.edit({ record: 'performance', id: '77', set: {} })).toThrow(
      'there is no performance 77',
    );
    expect(() => sandbox.edit({ record: 'performance', set: { Time: 'noon' } })).toThrow('Time');
  });
});

describe('tickets', () => {
  test('of one constituent: by date of order and performance, by status, by order', async () => {
    const service = setting();
    const { sandbox } = service;
    const id = Number(sandbox.edit({ record: 'constituent', set: { LastName: 'Buyer' } }));
    const sell = (set: object) => sandbox.edit({ record: 'ticket', set: { Constituent: id, ...set } });
    const first = sell({ Day: '2026-06-10' });
    const second = sell({ Day: '2026-06-10', Order: first });
    sell({ Day: '2026-06-11', Slot: 3 });
    sandbox.advance(3 * 24 * 3_600_000);
    const late = sell({ Day: '2026-06-01' });
    sandbox.edit({ record: 'ticket', id: second, remove: true });
    const ids = async (more: string) =>
      (await ticketsOf(service, id, more)).map((each: { SubLineItemId: number }) =>
        String(each.SubLineItemId),
      );
    expect(await ids('')).toHaveLength(4);
    expect(await ids('&orderStartDate=2026-06-03T00:00:00-04:00')).toEqual([late]);
    expect(await ids('&performanceEndDate=2026-06-10T23:59:59-04:00')).toEqual([first, second, late]);
    expect(await ids('&subLineItemStatusIds=4')).toEqual([second]);
    expect(await ids(`&orderId=${first}`)).toEqual([first, second]);
    expect((await service.ask(`GET TXN/SubLineItems?constituentId=${id}&orderStartDate=x`)).status).toBe(400);
  });

  test('of one performance: who holds how many, without what was returned', async () => {
    const { sandbox, ask } = setting({ size: 400 });
    const day = 20_700;
    const holders = async () => (await ask(`GET CRM/TicketHistory?performanceId=${day}`)).body;
    const before = (await holders()).length;
    const sell = (Constituent: number, more = {}) =>
      sandbox.edit({ record: 'ticket', set: { Constituent, Performance: day, Amount: 20, ...more } });
    const first = sell(4);
    sell(4, { Order: first });
    const given = sell(6);
    expect(await holders()).toHaveLength(before + 2);
    expect(await holders()).toContainEqual(
      expect.objectContaining({
        ConstituentId: 4,
        NumberOfSeats: 2,
        Amount: 40,
        Order: expect.objectContaining({ Id: Number(first) }),
        Performance: expect.objectContaining({ Id: day }),
      }),
    );
    sandbox.edit({ record: 'ticket', id: given, remove: true });
    expect(await holders()).toHaveLength(before + 1);
    const { body: mine } = await ask(`GET CRM/TicketHistory?constituentId=4&performanceId=${day}`);
    expect(mine).toHaveLength(1);
    expect((await ask('GET CRM/TicketHistory')).status).toBe(500);
  });

  test('of a performance from before: the same people as their own history says', async () => {
    const { ask } = setting({ size: 400 });
    const owned = new Map<number, Set<number>>();
    for (let id = 1; id <= 400; id += 1)
      for (const row of (await ask(`GET CRM/TicketHistory?constituentId=${id}`)).body)
        owned.set(row.Performance.Id, (owned.get(row.Performance.Id) ?? new Set()).add(id));
    expect([...owned.keys()].some((id) => id > 10_000_000)).toBe(true);
    for (const [performance, holders] of [...owned].slice(0, 40)) {
      const { body } = await ask(`GET CRM/TicketHistory?performanceId=${performance}`);
      expect(new Set(body.map((each: { ConstituentId: number }) => each.ConstituentId))).toEqual(holders);
    }
  });
});

describe('scans at the doors', () => {
  const doors = async ({ ask }: Service, from: string, to: string) =>
    (await ask(`GET AccessControl/EventControl?startDate=${from}&endDate=${to}`)).body.EventControlSet;

  test('refused for another reason, repeated, told late, and written with its old time', async () => {
    const service = setting();
    const { sandbox, ask } = service;
    const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: 4, Day: '2026-06-01' } });
    const scan = (set = {}) => sandbox.edit({ record: 'scan', set: { Ticket: ticket, ...set } });
    scan({ Refuse: 'Wrong entrance' });
    scan();
    scan();
    sandbox.advance(24 * 3_600_000);
    const now = new Date(START + 24 * 3_600_000).toISOString();
    scan({ At: '2026-06-01T19:20:00-04:00' });
    scan({ At: '2026-06-01T19:25:00-04:00', Backdated: true });
    const first = await doors(service, '2026-06-01T14:00:00Z', '2026-06-01T16:00:00Z');
    expect(first.map((each: { TicketOk: string }) => each.TicketOk)).toEqual(['N', 'Y', 'Y']);
    expect(first[0]).toMatchObject({
      ErrorText: 'Wrong entrance',
      TicketNumber: Number(ticket),
      CustomerNumber: 4,
    });
    expect(await doors(service, now, now)).toHaveLength(1);
    const old = await doors(service, '2026-06-01T23:00:00Z', '2026-06-01T23:59:00Z');
    expect(old).toMatchObject([{ UpdateDateTime: expect.stringContaining('2026-06-01T19:25:00') }]);
    const visits = (await ask('GET CRM/AttendanceHistory?constituentId=4')).body
      .filter((row: { TicketId: number }) => String(row.TicketId) === ticket)
      .map((row: { AttendDateTime: string }) => row.AttendDateTime.slice(0, 16));
    expect(visits).toEqual(['2026-06-01T11:00', '2026-06-01T11:00', '2026-06-01T19:20', '2026-06-01T19:25']);
  });
});
