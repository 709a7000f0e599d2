import { parseArgs } from 'node:util';
import * as z from 'zod';
import { FlowAuditSchema, SandboxStateSchema, StatusSchema } from '../../shared/operate/answers.ts';
import { dataDirectory, type Laptop, startLaptop, until } from '../support/laptop.ts';

// A season at a box office and its marketing, on this machine: everybody is brought over, people buy, come in, move,
// subscribe and unsubscribe on both sides, and in the end both sides agree. Prints counts, time and vendor calls.

const { values } = parseArgs({
  options: {
    patrons: { type: 'string', default: '5000' },
    performances: { type: 'string', default: '300' },
    scans: { type: 'string', default: '20000' },
    edits: { type: 'string', default: '500' },
    /** It fails when it takes longer. */
    minutes: { type: 'string', default: '60' },
  },
});
const [patrons, performances, scans, edits, minutes] = [
  values.patrons,
  values.performances,
  values.scans,
  values.edits,
  values.minutes,
].map(Number);
const FLOW = '/api/flows/ticketing-marketing';
/** Edits that fit into one body of the control endpoint (64 KB). */
const PART = 400;
/** Calls of the service itself; the others in its counters are parts of a batch. */
const CALLS = /^(POST|GET) (Batch|Custom\/Execute|Reporting|AccessControl|TXN\/Performances)/;
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
  });
  const contacts = await linked(host);
  await chapter(host, `${scans} tickets of ${performances} performances are sold and scanned`, async () => {
    for (let at = 0; at < (scans ?? 0); at += PART) {
      const part = Array.from({ length: Math.min(PART, (scans ?? 0) - at) }, (_, n) =>
        sale(contacts, at + n),
      );
      const tickets = await edit(host, 'tessitura', part);
      await edit(
        host,
        'tessitura',
        tickets.map((Ticket) => ({ record: 'scan', set: { Ticket } })),
      );
    }
    await host.post(`${FLOW}/scan`);
  });
  await chapter(
    host,
    `${edits} patrons change at the box office, and as many contacts in HubSpot`,
    async () => {
      const some = (from: number) =>
        Array.from({ length: edits ?? 0 }, (_, n) => contacts[(from + n * 3) % contacts.length]);
      await edit(
        host,
        'tessitura',
        some(0).map((who, n) => ({ record: 'constituent', id: who?.id, set: { City: `Town ${n}` } })),
      );
      await edit(
        host,
        'hubspot',
        some(1).map((who, n) => inMarketing(who, n)),
      );
      await host.post(`${FLOW}/scan`);
    },
  );
  await audited(host);
}

function sale(contacts: readonly Known[], n: number) {
  const who = contacts[(n * 7) % contacts.length];
  const Day = new Date(Date.now() - (1 + (n % (performances ?? 1))) * DAY).toISOString().slice(0, 10);
  return { record: 'ticket', set: { Constituent: Number(who?.id), Day, Amount: 20 + (n % 60) } };
}

/** Some want no letters, some have a new e-mail, and mail to some comes back. */
function inMarketing(who: Known | undefined, n: number) {
  if (n % 10 === 9) return { record: 'bounce', id: who?.contact };
  const set = n % 2 === 0 ? { tessitura_mail_permission: 'denied' } : { email: `moved.${n}@story.example` };
  return { record: 'contact', id: who?.contact, set };
}

interface Known {
  id: string;
  contact: string;
}

/** Patrons who have a contact, as far as a sample of everybody shows. */
async function linked(host: Laptop): Promise<Known[]> {
  const found: Known[] = [];
  for (let id = 1; id <= (patrons ?? 0) && found.length < 2_000; id += 1) {
    const query = `record=contact&id=tessitura_constituent_id:${id}`;
    const { record } = await host.get(`/sandbox/hubspot/_control?${query}`, SandboxStateSchema);
    if (record) found.push({ id: String(id), contact: String(record.id) });
  }
  return found;
}

/** Does something, waits until nothing is on its way, and tells what that took of either vendor. */
async function chapter(host: Laptop, what: string, act: () => Promise<void>): Promise<void> {
  const [before, from] = [await calls(host), Date.now()];
  await act();
  await patiently(`nothing is queued after "${what}"`, async () => {
    const { alerts, lanes } = await flow(host);
    if (alerts.some((each) => each.key.endsWith('/held-mass-change'))) await approve(host);
    return lanes.every((lane) => lane.visible + lane.inFlight + lane.delayed === 0);
  });
  const after = await calls(host);
  const seconds = Math.round((Date.now() - from) / 1_000);
  say(
    `${what}: ${seconds} s, calls: Tessitura ${after.tessitura - before.tessitura}, HubSpot ${after.hubspot - before.hubspot}`,
  );
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
  const { parked } = await flow(host);
  for (const { collection, agree, differ: apart, explained, repaired, causes } of collections) {
    const why = Object.entries(causes).map(([cause, n]) => `, ${n} ${cause}`);
    say(
      `${collection}: ${agree} agree, ${apart} differ, ${explained} explained, ${repaired} repaired${why.join('')}`,
    );
  }
  const { counters } = await host.get('/sandbox/hubspot/_control', SandboxStateSchema);
  const took = (Date.now() - began) / 60_000;
  say(`parked ${parked}, duplicates ${counters.duplicates}, ${took.toFixed(1)} minutes in all`);
  if (differ > 0 || counters.duplicates !== 0) throw new Error('the story does not end in agreement');
  if (took > (minutes ?? 0)) throw new Error(`the story took longer than ${minutes} minutes`);
}

async function flow(host: Laptop) {
  const [only] = (await host.get('/api/status', StatusSchema)).flows;
  if (!only) throw new Error('there is no flow');
  return only;
}

async function calls(host: Laptop): Promise<{ tessitura: number; hubspot: number }> {
  const sum = async (vendor: string, counts: (name: string) => boolean) => {
    const { counters } = await host.get(`/sandbox/${vendor}/_control`, SandboxStateSchema);
    return Object.entries(counters).reduce((all, [name, n]) => (counts(name) ? all + n : all), 0);
  };
  return {
    tessitura: await sum('tessitura', (name) => CALLS.test(name)),
    hubspot: await sum('hubspot', (name) => name.includes('.') && !name.startsWith('webhooks')),
  };
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
  return until(what, look, (minutes ?? 0) * 600);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
