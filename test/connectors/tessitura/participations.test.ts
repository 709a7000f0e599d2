import { describe, expect, test } from 'vitest';
import { none } from '../../../shared/connectors/connector.ts';
import type { Sandbox } from '../../../shared/connectors/sandbox.ts';
import {
  connector,
  type Participation,
  participations,
  tessituraAccount,
} from '../../../shared/connectors/tessitura/index.ts';
import { tessituraSandbox } from '../../../shared/connectors/tessitura/sandbox.ts';
import type { Page } from '../../../shared/engine/ports.ts';
import type { Change } from '../../../shared/engine/resource.ts';
import { describeConnector, serveSandbox } from '../contract.ts';
import { testSession } from '../session.ts';
import { rewritingParts, running, START } from './running.ts';

const account = tessituraAccount('main');
const source = participations({ account, types: [1], listed: { back: 30, ahead: 60 } });
const MINUTE = 60_000;
const TONIGHT = '20605';

async function house(secret: object = {}) {
  const setting = await running();
  const session = () => setting.session(secret);
  const patron = setting.sandbox.edit({ record: 'constituent', set: { LastName: 'Guest' } });
  const sell = (set: Record<string, string | number> = {}) =>
    setting.sandbox.edit({
      record: 'ticket',
      set: { Constituent: Number(patron), Day: '2026-06-01', ...set },
    });
  const scanTicket = (Ticket: string, set: Record<string, string | number> = {}) =>
    setting.sandbox.edit({ record: 'scan', set: { Ticket: Number(Ticket), ...set } });
  const read = async (id: string): Promise<Participation> => {
    const found = await source.readOne(session(), id);
    if (found.state !== 'present') throw new Error(`${id} is ${found.state}`);
    return found.record;
  };
  const scan = async (from: number): Promise<Change[]> => {
    const found: Change[] = [];
    let page: string | undefined;
    do {
      const window = { from, to: from + 20 * MINUTE, ...(page === undefined ? {} : { page }) };
      const reply: Page<Change> = await source.scan(session(), window);
      found.push(...reply.items);
      page = reply.next;
    } while (page !== undefined);
    return found;
  };
  const idsOf = async (from = START - MINUTE) => [...new Set((await scan(from)).map((each) => each.id))];
  return { ...setting, session, patron, id: `${TONIGHT}-${patron}`, sell, scanTicket, read, scan, idsOf };
}

test('tickets of one performance, with when it begins and ends', async () => {
  const { id, sell, read } = await house();
  const tickets = [sell(), sell({ Amount: 20 })];
  sell({ Day: '2026-06-02' });
  const record = await read(id);
  expect(record.tickets.map((each) => String(each.SubLineItemId))).toEqual(tickets);
  expect(record).toMatchObject({
    scans: [],
    show: { startsAt: Date.parse('2026-06-01T19:30:00-04:00') },
  });
});

test('the first good scan of each ticket: neither those that were refused nor who comes back in', async () => {
  const { id, sell, scanTicket, read } = await house();
  const [one, two] = [sell(), sell()];
  scanTicket(one, { Refuse: 'Wrong door' });
  scanTicket(one, { At: '2026-06-01T19:40:00-04:00' });
  scanTicket(one, { At: '2026-06-01T19:10:00-04:00' });
  scanTicket(two, { At: '2026-06-01T19:20:00-04:00' });
  expect((await read(id)).scans).toEqual([
    { ticketId: Number(one), at: Date.parse('2026-06-01T19:10:00-04:00') },
    { ticketId: Number(two), at: Date.parse('2026-06-01T19:20:00-04:00') },
  ]);
});

test('a ticket that was given back stays, with its status', async () => {
  const { id, sell, sandbox, read } = await house();
  sandbox.edit({ record: 'ticket', id: sell(), remove: true });
  expect((await read(id)).tickets.map((each) => each.SubLineItemStatus.Description)).toEqual(['Return']);
});

test('a ticket for somebody else is not of who bought it', async () => {
  const { id, sell, session } = await house();
  sell({ Recipient: 1 });
  expect(await source.readOne(session(), id)).toEqual({ state: 'gone' });
});

test('many are one call, each constituent asked once', async () => {
  const { patron, sell, session } = await house();
  const days = ['2026-06-01', '2026-06-02', '2026-06-03'];
  for (const Day of days) sell({ Day });
  const reading = session();
  const ids = days.map((_, at) => `${20_605 + at}-${patron}`);
  expect([...(await source.read(reading, [...ids, 'nonsense', '1'])).keys()]).toEqual(ids);
  expect(reading.sent).toEqual(['batch']);
});

test('a part that fails leaves the record unseen, and alone it is not gone', async () => {
  const { id, sell, patron, secret } = await house();
  sell();
  const failing = rewritingParts((part) => (part.RequestId === 2 ? { ...part, StatusCode: 500 } : part));
  const session = () => testSession({ account: 'tessitura/main', secret, http: failing, now: () => START });
  expect((await source.read(session(), [id])).size).toBe(0);
  await expect(source.readOne(session(), `${TONIGHT}-${patron}`)).rejects.toMatchObject({
    kind: 'unavailable',
  });
});

describe.each([['audit-log'], ['procedure']])('changes by %s', (changes) => {
  test('a sale, a return and a scan ring; a refused scan does not', async () => {
    const { id, sell, scanTicket, sandbox, idsOf } = await house({ changes });
    const ticket = sell();
    expect(await idsOf()).toEqual([id]);
    sandbox.advance(10 * MINUTE);
    scanTicket(ticket, { Refuse: 'Wrong door' });
    expect(await idsOf()).toEqual([id]);
    sandbox.edit({ record: 'ticket', id: ticket, remove: true });
    expect(await idsOf()).toEqual([id]);
  });

  test('an order that was changed rings its own performances, not all of the patron', async () => {
    const { id, sell, idsOf, sandbox, patron } = await house({ changes });
    sell();
    const tomorrow = sell({ Day: '2026-06-02' });
    expect(new Set(await idsOf())).toEqual(new Set([id, `20606-${patron}`]));
    sandbox.advance(30 * MINUTE);
    sandbox.edit({ record: 'ticket', id: tomorrow, remove: true });
    expect(await idsOf(START + 29 * MINUTE)).toContain(`20606-${patron}`);
    if (changes === 'audit-log') expect(await idsOf(START + 29 * MINUTE)).not.toContain(id);
  });

  test('an order that is not found by its id rings what is recent or to come', async () => {
    const { sell, idsOf, patron } = await house({ changes });
    const order = sell();
    sell({ Day: '2026-06-05', Order: Number(order) });
    sell({ Day: '2026-03-01', Order: Number(order) });
    const found = await idsOf();
    expect(found).toContain(`20609-${patron}`);
  });
});

test('a scan that was told late is in the window in which it was told', async () => {
  const { id, sell, scanTicket, sandbox, session } = await house();
  const ticket = sell({ Day: '2026-05-31' });
  sandbox.advance(60 * MINUTE);
  scanTicket(ticket, { MinutesLate: 900 });
  const window = { from: START + 59 * MINUTE, to: START + 61 * MINUTE, page: 'doors' };
  expect((await source.scan(session(), window)).items.map((each) => each.id)).toEqual([
    id.replace(TONIGHT, '20604'),
  ]);
});

test('the list has everybody who holds a ticket for a listed performance', async () => {
  const { id, sell, session } = await house();
  sell();
  sell({ Day: '2026-06-01', Slot: 3 });
  const listed: string[] = [];
  let page: string | undefined;
  do {
    const reply = await source.list(session(), page);
    listed.push(...reply.items);
    page = reply.next;
  } while (page !== undefined);
  expect(listed).toContain(id);
  expect(new Set(listed).size).toBe(listed.length);
  expect(listed.every((each) => Number(each.split('-')[0]) < 10_000_000)).toBe(true);
});

function sellTo4(sandbox: Sandbox): string {
  const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: 4 } });
  const sold = sandbox.peek('ticket', ticket) as { Performance: { Id: number } };
  return `${sold.Performance.Id}-4`;
}

describeConnector({
  name: 'tessitura',
  connector,
  start: () => serveSandbox(tessituraSandbox({ seed: 7, size: 400 })),
  wrongCredentials: (secret) => ({ ...secret, password: 'wrong' }),
  read: (session) => source.read(session, ['20605-4', '20606-5']),
  write: none('participations are only read'),
  removedField: 'ElectronicAddresses',
  lacks: {
    'rate-limit-burst': none('Tessitura documents no 429; too many calls only make it slow'),
    'field-removed': none('the sandbox renames a column of constituents only'),
  },
  source: {
    resource: participations({ account, types: [1], listed: { back: 400, ahead: 400 } }),
    edit: sellTo4,
    remove: () => undefined,
    unknownId: '99999999-99999999',
  },
});
