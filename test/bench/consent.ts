import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { SandboxStateSchema } from '../../shared/operate/answers.ts';
import { type Client, openClient } from '../../shared/operate/client.ts';
import { type Child, moment, startChild } from './child.ts';
import type { BenchOptions } from './options.ts';
import { quantile, type Table } from './table.ts';
import { scratch } from './vendor.ts';

/**
 * Paces at which the webhooks alone do not feel the vendors' limits. Without limits, only with `--full`, the sandboxes
 * themselves are what everything waits for.
 */
const SETTINGS = [
  { name: 'as the vendors have them', rateScale: undefined, events: 100, perSecond: 2 },
  { name: 'none', rateScale: 0, events: 200, perSecond: 5 },
];
type Setting = (typeof SETTINGS)[number];

/** Patrons at the beginning of the list, who are linked before anything counts. */
const FIRST = 700;
/** More than can be brought over while the webhooks are sent. */
const BULK = 100_000;
const LOOK_EVERY = 250;
const MOST_LOOKS_WITHOUT_NEWS = 480;
const TOPIC = '801001';

const DoneSchema = z.unknown();
const RowSchema = z.object({
  email: z.string().nullish(),
  id: z.string(),
  tessitura_email_permission: z.string().nullish(),
});
const PatronSchema = z.object({
  ElectronicAddresses: z.array(z.object({ Address: z.string().nullish(), AllowMarketing: z.boolean() })),
});
const TimesSchema = z.array(z.tuple([z.string(), z.array(z.number())]));
const WatchSchema = z.object({ told: TimesSchema, written: TimesSchema });
const ProgressSchema = z.object({ finishedAt: z.number().optional(), pending: z.number() });

/** An unsubscribe in HubSpot: from its signed webhook until the box office may no longer write to the person. */
export async function consent({ full, profile }: BenchOptions): Promise<Table[]> {
  const rows: (string | number)[][] = [];
  for (const setting of full ? SETTINGS : SETTINGS.slice(0, 1)) {
    for (const when of ['idle', 'in a backfill'] as const) {
      const times = await unsubscribes(setting, { patrons: when === 'idle' ? FIRST : BULK, profile });
      const of = (what: 'fromHook' | 'fromAct', share: number) =>
        quantile(
          times.map((each) => each[what]),
          share,
        );
      const denied = times.filter((each) => each.denied).length;
      rows.push([
        setting.name,
        when,
        setting.perSecond,
        `${denied} of ${times.length}`,
        ...([0.5, 0.99] as const).map((share) => of('fromHook', share)),
        ...([0.5, 0.99] as const).map((share) => of('fromAct', share)),
      ]);
    }
  }
  return [
    {
      title: 'an unsubscribe in HubSpot until Tessitura has AllowMarketing=false',
      columns: [
        'limits',
        'beside',
        'a second',
        'denied there',
        'from webhook p50 ms',
        'from webhook p99 ms',
        'from click p50 ms',
        'from click p99 ms',
      ],
      rows,
      notes: [
        'from webhook: the signed request has come in whole, until Tessitura has answered the write. From click: HubSpot’s sandbox looks for what it has to send every 100 ms.',
        `the backfill is the first one of ${BULK.toLocaleString('en-US')} patrons with households, performances and attendance, and it outlasts the measurement.`,
      ],
    },
  ];
}

interface Person {
  id: string;
  contactId: string;
  email: string;
}

interface Timed {
  fromHook: number;
  fromAct: number;
  /** As the box office stores it at the end. */
  denied: boolean;
}

async function unsubscribes(
  { rateScale, events, perSecond }: Setting,
  { patrons, profile }: { patrons: number; profile: string | undefined },
): Promise<Timed[]> {
  const place = scratch();
  const options = {
    flow: 'watched',
    data: place.dir,
    patrons,
    ...(rateScale !== undefined && { rateScale }),
  };
  const host = await startChild('./host-child.ts', options, profile);
  try {
    const client = openClient(await host.ask('url', z.string()));
    await (patrons === FIRST ? everythingOver(host) : beyondTheFirst(client));
    const people = await linked(client, events);
    const acts: { person: Person; at: number }[] = [];
    const begin = moment();
    for (const [index, person] of people.entries()) {
      await sleep(Math.max(0, begin + (index * 1_000) / perSecond - moment()));
      acts.push({ person, at: moment() });
      const edit = {
        record: 'subscription',
        id: person.email,
        set: { [TOPIC]: 'UNSUBSCRIBED' },
        by: 'person',
      };
      await client.post('/sandbox/hubspot/_control', DoneSchema, { edit });
    }
    return await results(host, client, acts);
  } finally {
    await host.stop();
    place.remove();
  }
}

async function everythingOver(host: Child): Promise<void> {
  for (let quiet = 0; quiet < 8; ) {
    const all = await host.ask('whole', z.array(ProgressSchema));
    quiet = all.every((each) => each.finishedAt !== undefined && each.pending === 0) ? quiet + 1 : 0;
    await sleep(LOOK_EVERY);
  }
}

/** The backfill goes through the patrons in order, several hundred at a time. */
async function beyondTheFirst(client: Client): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS_WITHOUT_NEWS; looks += 1) {
    for (let id = 3 * FIRST; id < 3 * FIRST + 10; id += 1) if (await contactOf(client, String(id))) return;
    await sleep(LOOK_EVERY);
  }
  throw new Error('the backfill does not get on');
}

/** Among the first patrons: who has a contact, may be mailed, and shares the address with none of the others. */
async function linked(client: Client, events: number): Promise<Person[]> {
  const people = new Map<string, Person>();
  for (let id = 1; id <= FIRST && people.size < events; id += 1) {
    const contact = await contactOf(client, String(id));
    if (!contact?.email || contact.tessitura_email_permission !== 'granted' || people.has(contact.email))
      continue;
    people.set(contact.email, { id: String(id), contactId: contact.id, email: contact.email });
  }
  if (people.size < events)
    throw new Error(`only ${people.size} of the first ${FIRST} patrons may be mailed`);
  return [...people.values()];
}

function contactOf(client: Client, id: string) {
  return peek(client, `hubspot/_control?record=contact&id=tessitura_constituent_id:${id}`, RowSchema);
}

async function peek<T>(client: Client, path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const { value } = await client.get(`/sandbox/${path}`, SandboxStateSchema);
  return value.record ? schema.parse(value.record) : undefined;
}

async function results(
  host: Child,
  client: Client,
  acts: readonly { person: Person; at: number }[],
): Promise<Timed[]> {
  for (let looks = 0; ; looks += 1) {
    const { told, written } = await watched(host);
    const ends = acts.map(({ person, at }) => ({
      at,
      person,
      told: after(at, told.get(person.contactId)),
      written: after(at, written.get(person.id)),
    }));
    const missing = ends.filter((each) => each.told === undefined || each.written === undefined);
    if (missing.length > 0 && looks < MOST_LOOKS_WITHOUT_NEWS) {
      await sleep(LOOK_EVERY);
      continue;
    }
    if (missing.length > 0)
      throw new Error(`${missing.length} of ${ends.length} unsubscribes did not arrive`);
    const times: Timed[] = [];
    for (const { at, person, told: from = at, written: until = at } of ends)
      times.push({ fromHook: until - from, fromAct: until - at, denied: await isDenied(client, person) });
    return times;
  }
}

async function watched(host: Child) {
  const { told, written } = await host.ask('watched', WatchSchema);
  return { told: new Map(told), written: new Map(written) };
}

function after(at: number, moments: readonly number[] = []): number | undefined {
  return moments.find((each) => each >= Math.floor(at));
}

async function isDenied(client: Client, { id, email }: Person): Promise<boolean> {
  const row = await peek(client, `tessitura/_control?record=constituent&id=${id}`, PatronSchema);
  const known = row?.ElectronicAddresses.filter((each) => each.Address?.trim().toLowerCase() === email) ?? [];
  return known.length > 0 && known.every((each) => !each.AllowMarketing);
}
