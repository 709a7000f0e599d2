import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Random } from '../../shared/engine/ports.ts';
import {
  FlowAuditSchema,
  ParkedSchema,
  SandboxStateSchema,
  StatusSchema,
} from '../../shared/operate/answers.ts';
import { dataDirectory, until } from '../support/laptop.ts';
import { seededRandom } from '../support/memory/clock.ts';
import { type Killable, startKillable } from './killable.ts';

/** What became of a town whose host was killed again and again while it brought everybody over. */
export interface Outcome {
  kills: number;
  /** Kills while the host was still starting. */
  whileStarting: number;
  /** Kills while the backfill was under way. */
  whileBackfilling: number;
  /** Records that were edited at the source meanwhile. */
  edits: number;
  agree: number;
  differ: number;
  explained: number;
  contacts: number;
  /** Contacts of the same town, brought over in peace. */
  expected: number;
  creates: number;
  duplicates: number;
  parked: number;
  /** Why the first of them were parked. */
  because: string;
}

export interface KillOptions {
  kills: number;
  patrons: number;
  seed: number;
  told?: (line: string) => void;
}

const FLOW = '/api/flows/ticketing-marketing';
/** Above the longest lease: the clocks of the next life begin so much later, so nobody waits for it. */
const BETWEEN_LIVES = 10 * 60_000;
const LONGEST_LIFE = 1_500;
const STARTING = 0.15;
const EDITED_BETWEEN_SCANS = 5;
const LOOKS = 3_000;
const LIVES_IN_PEACE = 12;

const ScanSchema = z.object({ sent: z.number(), finished: z.boolean(), skipped: z.string().optional() });

/** Kills the host and its vendors without warning, at moments that the seed chooses, and lets it end in peace. */
export async function killAgainAndAgain(options: KillOptions): Promise<Outcome> {
  const { kills, patrons, seed, told } = options;
  const data = dataDirectory();
  const random = seededRandom(seed);
  const lived = { whileStarting: 0, whileBackfilling: 0, edits: 0 };
  const start = (life: number) => startKillable({ dir: data.dir, patrons, later: life * BETWEEN_LIVES });
  try {
    for (let life = 0; life < kills; life += 1) {
      await oneLife(start(life), { random, patrons, lived });
      told?.(`kill ${life + 1} of ${kills}; ${lived.edits} records edited so far`);
    }
    const end = await inPeace((more) => start(kills + more));
    return { kills, ...lived, ...end, expected: await undisturbed(patrons) };
  } finally {
    data.remove();
  }
}

interface Life {
  random: Random;
  patrons: number;
  lived: { whileStarting: number; whileBackfilling: number; edits: number };
}

async function oneLife(host: Killable, { random, patrons, lived }: Life): Promise<void> {
  try {
    const moment = random.next() * LONGEST_LIFE;
    if (random.next() < STARTING) {
      await sleep(moment);
      lived.whileStarting += 1;
      return;
    }
    await host.ready();
    if (await isBackfilled(host)) await host.post(`${FLOW}/backfill`, z.unknown());
    const over = new AbortController();
    const changes = liveChanges(host, { random, patrons, over: over.signal });
    await sleep(moment);
    if (!(await isBackfilled(host))) lived.whileBackfilling += 1;
    await host.kill();
    over.abort();
    lived.edits += await changes;
  } finally {
    await host.kill();
  }
}

/** The box office goes on working: a few patrons are edited, the feed is scanned, again and again. */
async function liveChanges(
  host: Killable,
  { random, patrons, over }: { random: Random; patrons: number; over: AbortSignal },
): Promise<number> {
  let edited = 0;
  while (!over.aborted) {
    try {
      for (let at = 0; at < EDITED_BETWEEN_SCANS; at += 1)
        edited += (await edit(host, String(1 + Math.floor(random.next() * patrons)), random)) ? 1 : 0;
      await host.post(`${FLOW}/scan`, z.unknown());
    } catch (trouble) {
      // It was killed meanwhile; anything else is a failure.
      if (!host.killed()) throw trouble;
    }
  }
  return edited;
}

/** False for a number that nobody has any more. */
async function edit(host: Killable, id: string, random: Random): Promise<boolean> {
  const set = { FirstName: `Name ${random.token().slice(0, 6)}` };
  try {
    await host.post('/sandbox/tessitura/_control', z.unknown(), { edit: { record: 'constituent', id, set } });
    return true;
  } catch (trouble) {
    if (String(trouble).includes('there is no constituent')) return false;
    throw trouble;
  }
}

async function isBackfilled(host: Killable): Promise<boolean> {
  const [flow] = (await host.get('/api/status', StatusSchema)).flows;
  return flow?.collections[0]?.backfill?.finishedAt !== undefined;
}

type End = Omit<Outcome, 'kills' | 'whileStarting' | 'whileBackfilling' | 'edits' | 'expected'>;

/** Lets it finish what there is, then compares both sides record by record. */
async function inPeace(start: (life: number) => Killable): Promise<End> {
  for (let life = 0; life < LIVES_IN_PEACE; life += 1) {
    const host = start(life);
    try {
      await host.ready();
      await until('the feed holds nothing new', () => scanned(host), LOOKS);
      // What is put off for minutes is waited for by another life, whose clocks begin later.
      if ((await atRest(host)) === 0) return await compared(host);
    } finally {
      await host.kill();
    }
  }
  throw new Error(`after ${LIVES_IN_PEACE} lives in peace there is still something queued`);
}

async function compared(host: Killable): Promise<End> {
  await host.post(`${FLOW}/audit`, z.unknown());
  const { agree, differ, explained } = await until(
    'the audit is finished',
    async () => {
      const report = await host.get(`${FLOW}/audit`, FlowAuditSchema);
      return report.finished && report;
    },
    LOOKS,
  );
  const { records, counters } = await host.get('/sandbox/hubspot/_control', SandboxStateSchema);
  const [flow] = (await host.get('/api/status', StatusSchema)).flows;
  const { creates = 0, duplicates = 0 } = counters;
  const [contacts, parked] = [records.contact ?? 0, flow?.parked ?? 0];
  const reasons = (await host.get(`${FLOW}/parked`, ParkedSchema)).records.map((each) => each.reason);
  const because = [...new Set(reasons)].join('; ');
  return { agree, differ, explained, creates, duplicates, contacts, parked, because };
}

/** A whole pass over the feed that found no change which had not been sent. */
async function scanned(host: Killable): Promise<boolean> {
  const report = await host.post(`${FLOW}/scan`, ScanSchema);
  return report.finished && report.skipped === undefined && report.sent === 0;
}

/** Everything there is to do now has been done; how many messages are left for later. */
async function atRest(host: Killable): Promise<number> {
  const { later } = await until(
    'the backfill is finished and there is nothing to do now',
    async () => {
      const [flow] = (await host.get('/api/status', StatusSchema)).flows;
      if (flow?.collections[0]?.backfill?.finishedAt === undefined) return undefined;
      const count = (what: 'visible' | 'inFlight' | 'delayed') =>
        flow.lanes.reduce((sum, lane) => sum + lane[what], 0);
      return count('visible') + count('inFlight') === 0 && { later: count('delayed') };
    },
    LOOKS,
  );
  return later;
}

/** How many contacts the same town has when nobody is killed. */
async function undisturbed(patrons: number): Promise<number> {
  const data = dataDirectory();
  const host = startKillable({ dir: data.dir, patrons, later: 0 });
  try {
    await host.ready();
    await atRest(host);
    return (await host.get('/sandbox/hubspot/_control', SandboxStateSchema)).records.contact ?? 0;
  } finally {
    await host.kill();
    data.remove();
  }
}
