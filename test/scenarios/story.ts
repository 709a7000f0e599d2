import { parseArgs } from 'node:util';
import * as z from 'zod';
import {
  FlowAuditSchema,
  ParkedSchema,
  SandboxStateSchema,
  StatusSchema,
} from '../../shared/operate/answers.ts';
import { ItemsSchema } from '../../shared/operate/answers-pair.ts';
import { dataDirectory, type Laptop, startLaptop, until } from '../support/laptop.ts';
import { callsSoFar, type Happened, least } from './story-calls.ts';

// A season at a box office and its marketing, on this machine: everybody is brought over, households are founded, people
// buy, come in, move, subscribe and unsubscribe on both sides, mail comes back, and in the end both sides agree. Prints
// counts, time and vendor calls against the fewest that the vendors allow.

const { values } = parseArgs({
  options: {
    patrons: { type: 'string', default: '5000' },
    households: { type: 'string', default: '800' },
    performances: { type: 'string', default: '300' },
    scans: { type: 'string', default: '20000' },
    edits: { type: 'string', default: '500' },
    /** It fails when it takes longer. */
    minutes: { type: 'string', default: '60' },
  },
});
const patrons = Number(values.patrons);
const households = Number(values.households);
const performances = Number(values.performances);
const scans = Number(values.scans);
const edits = Number(values.edits);
const minutes = Number(values.minutes);
const FLOW = '/api/flows/ticketing-marketing';
/** Edits that fit into one body of the control endpoint (64 KB). */
const PART = 400;
/** Patrons who buy: as many as can be found in a few seconds. */
const BUYERS = 2_000;
const DAY = 86_400_000;
const Done = z.object({ ids: z.array(z.string()) });

const data = dataDirectory();
const began = Date.now();
let laptop: Laptop | undefined;
try {
  laptop = await startLaptop(data.dir, '--patrons', String(patrons));
  await story(laptop);
} catch (error) {
  process.exitCode = 1;
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await laptop?.end('SIGKILL');
  data.remove();
}

async function story(host: Laptop): Promise<void> {
  await chapter(host, 'everybody is brought over', async () => {
    await patiently('the backfills are finished', async () =>
      (await flow(host)).collections.every((each) => each.backfill?.finishedAt),
    );
    const [made = 0, homes = 0, events = 0, attendances = 0] = (await flow(host)).collections.map(
      (each) => each.backfill?.sent ?? 0,
    );
    const standings = Math.min(events, attendances);
    return { made, households: homes, events, attendances, standings };
  });
  const known = await linked(host);
  const founded = Math.max(0, households - ((await flow(host)).collections[1]?.backfill?.sent ?? 0));
  await chapter(host, `${founded} more households of two are founded`, () => found(host, known, founded));
  await chapter(host, `${scans} tickets of ${performances} performances are sold and scanned`, () =>
    season(host, known),
  );
  await chapter(host, `${edits} patrons change at the box office, and as many contacts in HubSpot`, () =>
    change(host, known),
  );
  await audited(host);
}

interface Known {
  id: string;
  contact: string;
}

/** Patrons who have a contact. */
async function linked(host: Laptop): Promise<Known[]> {
  const all: Known[] = [];
  for (let id = 1; id <= patrons && all.length < BUYERS; id += 1) {
    const query = `record=contact&id=tessitura_constituent_id:${id}`;
    const { record } = await host.get(`/sandbox/hubspot/_control?${query}`, SandboxStateSchema);
    if (record) all.push({ id: String(id), contact: String(record.id) });
  }
  return all;
}

async function found(host: Laptop, known: readonly Known[], count: number): Promise<Happened> {
  const names = Array.from({ length: count }, (_, n) => ({ Group: 'Household', LastName: `Household ${n}` }));
  const homes = await edit(
    host,
    'tessitura',
    names.map((set) => ({ record: 'constituent', set })),
  );
  const members = homes.flatMap((GroupConstituent, n) =>
    [2 * n, 2 * n + 1].map((at) => ({
      record: 'affiliation',
      set: { GroupConstituent, IndividualConstituent: known[at % known.length]?.id },
    })),
  );
  await edit(host, 'tessitura', members);
  await host.post(`${FLOW}/scan`);
  return { changed: members.length, households: count, told: homes.length + members.length };
}

async function season(host: Laptop, known: readonly Known[]): Promise<Happened> {
  for (let at = 0; at < scans; at += PART) {
    const sales = Array.from({ length: Math.min(PART, scans - at) }, (_, n) => sale(known, at + n));
    const tickets = await edit(host, 'tessitura', sales);
    const entries = tickets.map((Ticket) => ({ record: 'scan', set: { Ticket } }));
    await edit(host, 'tessitura', entries);
  }
  await host.post(`${FLOW}/scan`);
  const visits = new Set(
    Array.from({ length: scans }, (_, n) => `${(n * 7) % known.length} ${n % performances}`),
  );
  const changed = Math.min(known.length, scans);
  return { changed, attendances: visits.size, events: performances, standings: performances, told: scans };
}

function sale(known: readonly Known[], n: number) {
  const who = known[(n * 7) % known.length];
  const Day = new Date(Date.now() - (1 + (n % performances)) * DAY).toISOString().slice(0, 10);
  return { record: 'ticket', set: { Constituent: Number(who?.id), Day, Amount: 20 + (n % 60) } };
}

async function change(host: Laptop, known: readonly Known[]): Promise<Happened> {
  const some = (from: number) =>
    Array.from({ length: edits }, (_, n) => known[(from + n * 3) % known.length]);
  const atOffice = some(0).map((who, n) => ({
    record: 'constituent',
    id: who?.id,
    set: { City: `Town ${n}` },
  }));
  await edit(host, 'tessitura', atOffice);
  await edit(host, 'hubspot', some(1).map(inMarketing));
  await host.post(`${FLOW}/scan`);
  return { changed: 2 * edits, told: 2 * edits };
}

/** Some want no letters, some have a new e-mail, and mail to some comes back. */
function inMarketing(who: Known | undefined, n: number) {
  if (n % 10 === 9) return { record: 'bounce', id: who?.contact };
  const set = n % 2 === 0 ? { tessitura_mail_permission: 'denied' } : { email: `moved.${n}@story.example` };
  return { record: 'contact', id: who?.contact, set };
}

/** Does something, waits until nothing is on its way, and tells what that took of either vendor. */
async function chapter(host: Laptop, what: string, act: () => Promise<Happened>): Promise<void> {
  const [before, from] = [await callsSoFar(host), Date.now()];
  const fewest = least(await act());
  await patiently(`nothing is queued after "${what}"`, async () => {
    const { alerts, lanes } = await flow(host);
    if (alerts.some((each) => each.key.endsWith('/held-mass-change'))) await approve(host);
    return lanes.every((lane) => lane.visible + lane.inFlight + lane.delayed === 0);
  });
  const after = await callsSoFar(host);
  const seconds = Math.round((Date.now() - from) / 1_000);
  const told = (['tessitura', 'hubspot'] as const).map(
    (vendor) => `${vendor} ${after[vendor] - before[vendor]} (at least ${fewest[vendor]})`,
  );
  say(`${what}: ${seconds} s, calls: ${told.join(', ')}`);
}

/** A season goes on sale: more changes than on any other day, and the flow asks whether they are meant. */
async function approve(host: Laptop): Promise<void> {
  await host.post(`${FLOW}/approve`);
  say('the flow held itself: so many changes in a day; an operator approves them');
}

async function audited(host: Laptop): Promise<void> {
  await host.post(`${FLOW}/audit`);
  const { collections, differ } = await patiently('the audit is finished', async () => {
    const report = await host.get(`${FLOW}/audit`, FlowAuditSchema);
    return report.finished && report;
  });
  const { parked, records } = await leftToPeople(host);
  for (const { collection, agree, differ: apart, explained, repaired, causes } of collections) {
    const why = Object.entries(causes).map(([cause, n]) => `, ${n} ${cause}`);
    say(
      `${collection}: ${agree} agree, ${apart} differ, ${explained} explained, ${repaired} repaired${why.join('')}`,
    );
  }
  for (const [why, n] of records) say(`${n} × ${why}`);
  const { counters } = await host.get('/sandbox/hubspot/_control', SandboxStateSchema);
  const took = (Date.now() - began) / 60_000;
  say(`parked ${parked}, duplicates ${counters.duplicates}, ${took.toFixed(1)} minutes in all`);
  if (differ > 0 || counters.duplicates !== 0) throw new Error('the story does not end in agreement');
  if (took > minutes) throw new Error(`the story took longer than ${minutes} minutes`);
}

/** Why records were parked or wait for a person, and how many each. */
async function leftToPeople(host: Laptop): Promise<{ parked: number; records: [string, number][] }> {
  const { count, records } = await host.get(`${FLOW}/parked`, ParkedSchema);
  const { items } = await host.get(`${FLOW}/items`, ItemsSchema);
  const reasons = [
    ...records.map(({ collection, field, reason }) => `parked ${collection}: ${field ?? ''} ${reason}`),
    ...items.map(({ collection, field, because }) => `item ${collection}: ${field} ${because}`),
  ].map((reason) => reason.replaceAll(/\d+/g, 'n'));
  const counted = Map.groupBy(reasons, (reason) => reason);
  return { parked: count, records: [...counted].map(([reason, all]) => [reason, all.length]) };
}

async function flow(host: Laptop) {
  const [only] = (await host.get('/api/status', StatusSchema)).flows;
  if (!only) throw new Error('there is no flow');
  return only;
}

async function edit(host: Laptop, vendor: string, all: readonly object[]): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < all.length; at += PART)
    ids.push(...(await editPart(host, vendor, all.slice(at, at + PART))));
  return ids;
}

async function editPart(host: Laptop, vendor: string, all: readonly object[]): Promise<string[]> {
  const answer = await fetch(`${host.url}/sandbox/${vendor}/_control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ edits: all }),
  });
  if (!answer.ok) throw new Error(`${vendor} refuses the edits: ${await answer.text()}`);
  return Done.parse(await answer.json()).ids;
}

function patiently<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  return until(what, look, minutes * 600);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
