import { describe, expect, test } from 'vitest';
import {
  type Constituent,
  constituents,
  tessituraAccount,
} from '../../../shared/connectors/tessitura/index.ts';
import type { Read } from '../../../shared/engine/resource.ts';
import { faultOf } from '../contract.ts';
import { ids, rewritingParts, running, START } from './running.ts';

const source = constituents({
  account: tessituraAccount('main'),
  include: ['memberships', 'attendance'],
});

function present(read: Read<Constituent> | undefined): Constituent {
  if (read?.state !== 'present') throw new Error(`not present but ${JSON.stringify(read)}`);
  return read.record;
}

/** Somebody for whom the sandbox's own record passes. */
async function somebody(
  { sandbox }: Awaited<ReturnType<typeof running>>,
  wanted: (stored: Readonly<Record<string, unknown>>) => boolean,
): Promise<number> {
  const found = ids(1, 200).find((id) => {
    const stored = sandbox.peek('constituent', id);
    return stored !== undefined && wanted(stored);
  });
  return Number(found);
}

const typeOf = (stored: Readonly<Record<string, unknown>>) =>
  (stored as unknown as Constituent).ConstituentType.Description;

describe('a read with memberships and attendance', () => {
  test('costs three calls per hundred records, as without', async () => {
    const setting = await running();
    const reading = setting.session();
    const reads = await source.read(reading, ids(1, 100));
    expect(reading.sent).toEqual(['batch', 'batch', 'batch']);
    const records = [...reads.values()].map(present);
    expect(records.length).toBeGreaterThan(80);
    for (const record of records) {
      const stored = setting.sandbox.peek('constituent', String(record.Id)) as unknown as Constituent;
      const own = (record.Memberships ?? []).filter((row) => row.Constituent?.Id === record.Id);
      expect(own.map((row) => row.Id)).toEqual((stored.Memberships ?? []).map((row) => row.Id));
      expect(record.SubLineItems).toHaveLength(stored.SubLineItems?.length ?? -1);
      expect(record.timeZone).toBe('America/New_York');
    }
    expect(records.some((record) => (record.AttendanceHistory ?? []).length > 0)).toBe(true);
  });

  test('is the same alone, in bulk and in small batches', async () => {
    const { session } = await running();
    const whole = await source.read(session(), ids(1, 30));
    expect(await source.read(session({ batchSize: 7 }), ids(1, 30))).toEqual(whole);
    for (const [id, read] of whole) expect(await source.readOne(session(), id)).toEqual(read);
  });

  test('shows a member the household’s memberships and a household its people', async () => {
    const setting = await running();
    const household = await somebody(setting, (stored) => typeOf(stored) === 'Household');
    const edit = { record: 'membership', set: { Constituent: household, Level: 'Household' } };
    const membership = Number(setting.sandbox.edit(edit));
    const [group, member] = [household, household + 1].map(String);
    const reads = await source.read(setting.session(), [group!, member!]);
    expect(present(reads.get(member!)).Memberships).toContainEqual(
      expect.objectContaining({ Id: membership, Constituent: expect.objectContaining({ Id: household }) }),
    );
    expect(present(reads.get(member!)).Affiliations).toMatchObject([
      { GroupConstituent: { Id: household }, PrimaryIndicator: true },
    ]);
    const people = present(reads.get(group!)).Affiliations?.map((each) => each.IndividualConstituent.Id);
    expect(people).toEqual([household + 1, household + 2]);
  });

  test('asks only for what is included', async () => {
    const { session } = await running();
    for (const include of [[], ['memberships'], ['attendance']] as const) {
      const some = constituents({ account: tessituraAccount('main'), include });
      const record = present((await some.read(session(), ['4'])).get('4'));
      expect('Memberships' in record).toBe(include.some((each) => each === 'memberships'));
      expect('Affiliations' in record).toBe('Memberships' in record);
      expect('SubLineItems' in record).toBe(include.some((each) => each === 'attendance'));
      expect('AttendanceHistory' in record).toBe('SubLineItems' in record);
    }
  });

  test('without the right names the resource, and goes on without what is left out', async () => {
    const { session, sandbox } = await running();
    sandbox.setFaults({ 'history-rights-removed': true });
    const words = async (work: Promise<unknown>) => (await faultOf(work))?.message;
    const reading = source.read(session(), ['4', '5']);
    expect(await faultOf(reading)).toMatchObject({ kind: 'auth-expired', status: 403 });
    expect(await words(reading)).toContain('"View" on CRM/Memberships');
    const tickets = constituents({ account: tessituraAccount('main'), include: ['attendance'] });
    expect(await words(tickets.readOne(session(), '4'))).toContain('TXN/SubLineItems');
    const doors = tickets.scan(session(), { from: START, to: START, page: 'doors' });
    expect(await words(doors)).toContain('AccessControl/EventControl');
    const without = constituents({ account: tessituraAccount('main') });
    expect((await without.read(session(), ['4'])).get('4')).toMatchObject({ state: 'present' });
  });

  test.each([
    ['MembershipLevel', 'Memberships[].MembershipLevel'],
    ['CurrentStatus', 'Memberships[].CurrentStatus'],
    ['SubLineItemStatus', 'SubLineItems[].SubLineItemStatus'],
    ['ExpirationDate', 'Memberships[].ExpirationDate'],
  ])('a renamed or changed %s is noticed by name, for that record only', async (column, field) => {
    const setting = await running();
    const id = await somebody(setting, (stored) => typeOf(stored) === 'Individual');
    setting.sandbox.edit({ record: 'membership', set: { Constituent: id } });
    setting.sandbox.edit({ record: 'ticket', set: { Constituent: id } });
    const http = rewritingParts((part) => {
      const rows: unknown = part.ResponseObject;
      if (!Array.isArray(rows)) return part;
      const broken = rows.map((row) =>
        column in row && row.Constituent?.Id !== 0 && (row.Owner?.Id ?? row.Constituent?.Id) === id
          ? { ...row, [column]: 'elsewhere' }
          : row,
      );
      return { ...part, ResponseObject: broken };
    });
    const reads = await source.read(setting.session({}, http), [String(id)]);
    expect(reads.get(String(id))).toMatchObject({ state: 'unreadable', fault: { kind: 'rejected', field } });
  });

  test('a part that failed leaves the record unseen, not without its tickets', async () => {
    const { session } = await running();
    const http = rewritingParts((part) =>
      Array.isArray(part.ResponseObject) && part.ResponseObject.some((row) => 'SubLineItemId' in row)
        ? { RequestId: part.RequestId, StatusCode: 500 }
        : part,
    );
    const whole = await source.read(session(), ids(1, 40));
    const reads = await source.read(session({}, http), ids(1, 40));
    for (const [id, read] of whole)
      expect(reads.has(id), id).toBe((present(read).SubLineItems ?? []).length === 0);
  });
});

describe('scans of changes', () => {
  /** Every page of a window around the sandbox's start. */
  async function changed(setting: Awaited<ReturnType<typeof running>>, from: number, to: number) {
    const found: string[] = [];
    let page: string | undefined;
    do {
      const window = { from, to, ...(page === undefined ? {} : { page }) };
      const reply = await source.scan(setting.session(), window);
      found.push(...reply.items.map((each) => `${each.id} ${each.changeId}`));
      page = reply.next;
    } while (page !== undefined);
    expect(new Set(found).size).toBe(found.length);
    return found;
  }
  const MINUTE = 60_000;

  test('a scan at the door rings, a refused one does not', async () => {
    const setting = await running();
    const { sandbox } = setting;
    const sale = (id: number) => sandbox.edit({ record: 'ticket', set: { Constituent: id } });
    const [good, returned] = [sale(4), sale(6)];
    sandbox.edit({ record: 'ticket', id: returned, remove: true });
    sandbox.advance(10 * MINUTE);
    for (const Ticket of [good, returned]) sandbox.edit({ record: 'scan', set: { Ticket } });
    const later = START + 10 * MINUTE;
    expect(await changed(setting, later - MINUTE, later + MINUTE)).toEqual(['4 scan/900001']);
    expect(await changed(setting, later + MINUTE, later + 2 * MINUTE)).toEqual([]);
  });

  test('a scanner that was offline is found when it tells, with the moment that it read', async () => {
    const setting = await running();
    const ticket = setting.sandbox.edit({ record: 'ticket', set: { Constituent: 4 } });
    setting.sandbox.advance(600 * MINUTE);
    setting.sandbox.edit({ record: 'scan', set: { Ticket: ticket, MinutesLate: 590 } });
    const now = START + 600 * MINUTE;
    expect(await changed(setting, START + MINUTE, START + 30 * MINUTE)).toEqual([]);
    expect(await changed(setting, now - MINUTE, now)).toEqual(['4 scan/900001']);
    const { AttendanceHistory } = present(await source.readOne(setting.session(), '4'));
    const scan = AttendanceHistory?.find((row) => String(row.TicketId) === ticket);
    expect(Date.parse(scan?.AttendDateTime ?? '')).toBe(START + 10 * MINUTE);
  });

  test('sales, returns and memberships ring their constituent through the audit log', async () => {
    const setting = await running();
    const { sandbox } = setting;
    const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: 4 } });
    sandbox.edit({ record: 'ticket', id: ticket, remove: true });
    const membership = sandbox.edit({ record: 'membership', set: { Constituent: 6 } });
    sandbox.edit({ record: 'membership', id: membership });
    const found = await changed(setting, START - MINUTE, START + MINUTE);
    expect(found.map((each) => each.split(' ')[0])).toEqual(['4', '4', '6', '6']);
  });

  test('without attendance nobody asks at the doors', async () => {
    const { session } = await running();
    const without = constituents({ account: tessituraAccount('main'), include: ['memberships'] });
    expect(await without.scan(session(), { from: START, to: START })).not.toHaveProperty('next');
  });
});
