import { expect, test } from 'vitest';
import { none } from '../../../shared/connectors/connector.ts';
import {
  connector,
  type Performance,
  performances,
  tessituraAccount,
} from '../../../shared/connectors/tessitura/index.ts';
import { tessituraSandbox } from '../../../shared/connectors/tessitura/sandbox.ts';
import { describeConnector, serveSandbox } from '../contract.ts';
import { running, START } from './running.ts';

const account = tessituraAccount('main');
const evenings = performances({ account, types: [1] });
const everything = performances({ account });
const MINUTE = 60_000;
const DAY = 86_400_000;
const TODAY = Math.floor(START / DAY);

async function house() {
  const setting = await running();
  const session = () => setting.session();
  const read = async (id: string): Promise<Performance> => {
    const found = await everything.readOne(session(), id);
    if (found.state !== 'present') throw new Error(`${id} is ${found.state}`);
    return found.record;
  };
  const scan = async (source = everything) =>
    (await source.scan(session(), { from: START - MINUTE, to: START + MINUTE })).items.map(({ id }) => id);
  return { ...setting, session, read, scan };
}

test('a hundred are one call, with moments, venue, status and production season', async () => {
  const { session } = await house();
  const reading = session();
  const wanted = Array.from({ length: 100 }, (_, at) => String(TODAY + at));
  const found = await everything.read(reading, wanted);
  expect(reading.sent).toEqual(['performances.read']);
  expect([...found.keys()].sort()).toEqual(wanted);
  const first = found.get(String(TODAY));
  expect(first).toMatchObject({
    state: 'present',
    record: {
      startsAt: Date.parse('2026-06-01T19:30:00-04:00'),
      endsAt: Date.parse('2026-06-01T22:00:00-04:00'),
      Facility: { Description: 'Main House' },
      ProductionSeason: { Id: expect.any(Number), Description: expect.any(String) },
    },
  });
});

test('one that is moved, renamed or cancelled rings, and is read as it is now', async () => {
  const { sandbox, scan, read } = await house();
  const id = String(TODAY + 3);
  sandbox.edit({ record: 'performance', id, set: { Time: '20:00', Description: 'Gala' } });
  expect(new Set(await scan())).toEqual(new Set([id]));
  expect(await read(id)).toMatchObject({
    Description: 'Gala',
    startsAt: Date.parse('2026-06-04T20:00:00-04:00'),
  });
  sandbox.edit({ record: 'performance', id, set: { Cancelled: true } });
  expect((await read(id)).Status?.Description).toBe('Cancelled');
});

test('other types neither ring nor are listed, and are gone here', async () => {
  const { sandbox, session, scan } = await house();
  const timed = sandbox.edit({ record: 'performance', set: { Timed: true, Description: 'Late opening' } });
  const evening = sandbox.edit({ record: 'performance', set: { Description: 'Extra' } });
  expect(new Set(await scan())).toEqual(new Set([timed, evening]));
  expect(new Set(await scan(evenings))).toEqual(new Set([evening]));
  expect(await evenings.readOne(session(), timed)).toEqual({ state: 'gone' });
  const [some, all] = [await evenings.list(session()), await everything.list(session())];
  expect(some.items.length).toBeGreaterThan(30);
  expect(all.items.length).toBeGreaterThan(some.items.length * 5);
});

test('the list is as long as it was asked for', async () => {
  const { session } = await house();
  const source = performances({ account, types: [1], listed: { back: 10, ahead: 100 } });
  const listed: string[] = [];
  let page: string | undefined;
  do {
    const reply = await source.list(session(), page);
    listed.push(...reply.items);
    page = reply.next;
  } while (page !== undefined);
  expect(listed).toEqual([...new Set(listed)]);
  expect(listed).toContain(String(TODAY - 9));
  expect(listed).toContain(String(TODAY + 99));
  expect(listed).not.toContain(String(TODAY - 12));
});

describeConnector({
  name: 'tessitura',
  connector,
  start: () => serveSandbox(tessituraSandbox({ seed: 7, size: 60 })),
  wrongCredentials: (secret) => ({ ...secret, password: 'wrong' }),
  read: (session) => evenings.read(session, ['20605', '20606']),
  write: none('performances are only read'),
  removedField: 'ElectronicAddresses',
  lacks: {
    'rate-limit-burst': none('Tessitura documents no 429; too many calls only make it slow'),
    'field-removed': none('the sandbox renames a column of constituents only'),
  },
  source: {
    resource: evenings,
    edit: (sandbox) => sandbox.edit({ record: 'performance', id: '20605', set: { Description: 'New' } }),
    remove: () => undefined,
    unknownId: '99999999',
  },
});
