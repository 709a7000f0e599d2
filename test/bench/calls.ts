import { scan } from '../../shared/engine/scan.ts';
import { type BothSides, bothSides } from '../functions/both-sides.ts';
import type { Table } from './table.ts';
import { countCalls, difference } from './wire.ts';

const SIZE = 420;
const MANY = 100;
const MINUTE = 60_000;
/** Below the time after which what was written is read again. */
const AT_ONCE = 5_000;
/** The most records whose histories HubSpot shows in one call. */
const HISTORIES = 50;

const least = (records: number, perCall: number) => Math.ceil(records / perCall);

type Calls = Readonly<Record<'tessitura' | 'hubspot', number>>;
interface Case {
  name: string;
  records: number;
  /** By what it is learned of. */
  by: 'scan' | 'webhook';
  /** What has to be read and written, in the largest calls that each vendor takes. */
  least: Calls;
  act(world: BothSides, ids: readonly string[]): void;
  /** Has it arrived? */
  done(world: BothSides, id: string): boolean;
}

const CASES: readonly Case[] = [
  ...[1, MANY].flatMap((records) => [left(records), right(records)]),
  consent(),
  merge(),
];

/** Vendor calls per changed record, both ways, by the product's flow. */
export async function calls(): Promise<Table[]> {
  const world = await bothSides({ size: SIZE });
  const count = counter();
  try {
    await world.backfill();
    await quiet(world);
    const idle = await count(() => look(world));
    const people = peopleOf(world);
    const results: Result[] = [];
    for (const each of CASES) {
      const ids = people.splice(0, each.records + 1);
      results.push(await measured(world, each, { ids, count }));
      await quiet(world);
    }
    return [tableOf(results, idle.calls)];
  } finally {
    await world.stop();
  }
}

interface Counted {
  calls: Calls;
  words: string;
}
type Counter = (run: () => Promise<unknown>) => Promise<Counted>;

function counter(): Counter {
  const wire = countCalls();
  return async (run) => {
    const before = wire.byPath();
    await run();
    const during = Object.entries(difference(before, wire.byPath())).filter(([, times]) => times > 0);
    const of = (vendor: boolean) =>
      during.reduce(
        (sum, [path, times]) => (path.includes('/TessituraService') === vendor ? sum + times : sum),
        0,
      );
    const words = during
      .map(([path, times]) => `${times} ${path.replace('/TessituraService', '')}`)
      .join(', ');
    return { calls: { tessitura: of(true), hubspot: of(false) }, words };
  };
}

interface Result {
  of: Case;
  looked: Calls;
  brought: Counted;
  /** The look after a write that shows both sides as they are then. */
  again: Calls;
  echo: Calls;
  arrived: number;
}

async function measured(
  world: BothSides,
  of: Case,
  { ids, count }: { ids: readonly string[]; count: Counter },
): Promise<Result> {
  of.act(world, ids);
  await world.clock.wait(2 * MINUTE);
  const { calls: looked } = await count(() =>
    of.by === 'scan' ? look(world) : world.hubspot.webhooks.deliver(world.post),
  );
  const brought = await count(() => world.run(AT_ONCE));
  const { calls: again } = await count(() => world.run());
  const arrived = ids.slice(0, of.records).filter((id) => of.done(world, id)).length;
  const echo = { tessitura: 0, hubspot: 0 };
  for (let round = 0; round < 3; round += 1) {
    const { calls: more } = await count(() => world.settle({ scans: false }));
    echo.tessitura += more.tessitura;
    echo.hubspot += more.hubspot;
    await world.clock.wait(2 * MINUTE);
    await look(world);
  }
  return { of, looked, brought, again, echo, arrived };
}

/** Asks both sides what has changed; brings nothing over. */
async function look({ engine, flow, work }: BothSides): Promise<void> {
  await scan(engine, flow, 'patron', work());
}

/** Until nothing of what was done can come back. */
async function quiet(world: BothSides): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await world.clock.wait(15 * MINUTE);
    await world.settle();
  }
}

/** Linked, may be mailed, and with an e-mail that nobody else has and nobody signs in with. */
function peopleOf(world: BothSides): string[] {
  const ids = Array.from({ length: SIZE }, (_, at) => String(at + 1));
  const emails = ids.map((id) => world.patron(id).email?.toLowerCase());
  return ids.filter((id, at) => {
    const { row, mayMail, email } = world.patron(id);
    const logins = [row.WebLogins].flat();
    const alone = email !== undefined && emails.indexOf(emails[at]) === emails.lastIndexOf(emails[at]);
    return world.hasContact(id) && alone && mayMail && logins.length === 0;
  });
}

function left(records: number): Case {
  return {
    name: 'a name at the box office',
    records,
    by: 'scan',
    least: { tessitura: least(records, MANY), hubspot: least(records, HISTORIES) + least(records, MANY) },
    act: ({ atOffice }, ids) => {
      for (const id of ids.slice(0, records)) atOffice(id, { FirstName: `Ada ${id}` });
    },
    done: ({ contact }, id) => contact(id).firstname === `Ada ${id}`,
  };
}

function right(records: number): Case {
  return {
    name: 'an e-mail in HubSpot',
    records,
    by: 'webhook',
    least: { tessitura: 2 * least(records, MANY), hubspot: least(records, HISTORIES) },
    act: ({ atHubspot }, ids) => {
      for (const id of ids.slice(0, records)) atHubspot(id, { email: `new.${id}@example.net` });
    },
    done: ({ patron }, id) => patron(id).email === `new.${id}@example.net`,
  };
}

function consent(): Case {
  return {
    name: 'an unsubscribe in HubSpot',
    records: 1,
    by: 'webhook',
    least: { tessitura: 2, hubspot: 1 },
    act: ({ subscribe, contact }, [id = '']) =>
      subscribe(String(contact(id).email), 'UNSUBSCRIBED', 'person'),
    done: ({ patron }, id) => patron(id).mayMail === false,
  };
}

function merge(): Case {
  return {
    name: 'two patrons merged at the box office',
    records: 1,
    by: 'scan',
    least: { tessitura: 2, hubspot: 2 },
    act: ({ office, clock }, [id = '', into = '']) => {
      clock.tick();
      office.edit({ record: 'constituent', id, remove: true, set: { MergeInto: Number(into) } });
    },
    done: ({ hasContact }, id) => !hasContact(id),
  };
}

function tableOf(results: readonly Result[], idle: Calls): Table {
  return {
    title: `vendor calls per change, both ways, ${SIZE} patrons`,
    columns: [
      'change',
      'records',
      'arrived',
      'learned by',
      'Tessitura',
      'least',
      'HubSpot',
      'least',
      'calls/record',
      'to learn of it',
      'read again',
      'echo',
    ],
    rows: results.map(({ of, looked, brought: { calls: made }, again, echo, arrived }) => [
      of.name,
      of.records,
      arrived,
      of.by,
      made.tessitura,
      of.least.tessitura,
      made.hubspot,
      of.least.hubspot,
      (made.tessitura + made.hubspot) / of.records,
      ...[looked, again, echo].map(({ tessitura, hubspot }) => `${tessitura} + ${hubspot}`),
    ]),
    notes: [
      'least: read once and written once in the largest calls that each vendor takes (histories: 50 a call).',
      'Tessitura + HubSpot: to learn of it; to see both sides once more after a write, as HubSpot has no conditional one; and what our own writes cause within three scans, the scans left out.',
      `a scan that finds nothing: ${idle.tessitura} + ${idle.hubspot} calls, whatever the number of patrons.`,
      ...results.map(({ of, brought }) => `${of.records} x ${of.name}: ${brought.words}`),
    ],
  };
}
