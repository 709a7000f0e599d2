import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createKey } from '../../functions/payments/api/api-key.ts';
import type { Random } from '../../shared/engine/ports.ts';
import { openEmbeddedPorts } from '../../shared/hosts/embedded/ports.ts';
import { httpClient } from '../../shared/hosts/http-client.ts';
import { dataDirectory } from '../support/laptop.ts';
import { seededRandom } from '../support/memory/clock.ts';
import { type Killable, spawnKillable } from './killable.ts';
import { type Comparison, compareBooks, PROVIDERS } from './payment-books.ts';
import { type Order, ordersOf } from './payment-orders.ts';

/** What became of payments whose hub was killed again and again while it took them on and carried them out. */
export interface PaymentOutcome extends Comparison {
  kills: number;
  /** Kills while the host was still starting. */
  whileStarting: number;
  /** Payments that had been answered when the last kill came. */
  acceptedByThen: number;
  /** Requests that a client had to send again. */
  sentAgain: number;
  livesInPeace: number;
  /** Messages that failed ten times. */
  deadLetters: number;
}

export interface PaymentKillOptions {
  kills: number;
  payments: number;
  seed: number;
  /** Of a host, after it is ready; in milliseconds. */
  longestLife: number;
  told?: (line: string) => void;
}

const CHILD = join(import.meta.dirname, 'payments-host-child.ts');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The clocks of the next life begin so much later: leases, visibility and pauses of circuits are over by then. */
const BETWEEN_LIVES = 10 * MINUTE;
const STARTING = 0.12;
const CLIENTS = 24;
const FAULT_LASTS = 250;
const FAULTS = ['reply-lost', 'error-after', 'error-before', 'late-writes', 'in-flight', 'slow', 'outage'];
/** Turns of calm for each turn of every trouble. */
const CALM = 14;
const LOOK_EVERY = 100;
const LOOKS = 200;
const LIVES_IN_PEACE = 30;

interface Story {
  random: Random;
  orders: readonly Order[];
  keys: ReadonlyMap<string, string>;
  /** Ids of payments by the key of their request. */
  accepted: Map<string, string>;
  sentAgain: number;
}

/** Kills host and sandboxes without warning, at moments that the seed chooses, and lets them end in peace. */
export async function killPaymentsAgainAndAgain(options: PaymentKillOptions): Promise<PaymentOutcome> {
  const { kills, payments, seed, longestLife, told } = options;
  const data = dataDirectory();
  const random = seededRandom(seed);
  const story: Story = {
    random,
    orders: ordersOf(random, payments, Date.now() + 7 * DAY),
    keys: await keysIn(data.dir),
    accepted: new Map(),
    sentAgain: 0,
  };
  const start = (later: number) => spawnKillable([CHILD, data.dir], later);
  try {
    let whileStarting = 0;
    for (let life = 0; life < kills; life += 1) {
      const due = Math.ceil((payments * (life + 1)) / kills);
      whileStarting += (await oneLife(start(life * BETWEEN_LIVES), story, { due, longest: longestLife }))
        ? 0
        : 1;
      told?.(`kill ${life + 1} of ${kills}; ${story.accepted.size} of ${payments} payments accepted so far`);
    }
    const acceptedByThen = story.accepted.size;
    const end = await inPeace((more) => start(kills * BETWEEN_LIVES + more * HOUR), story, told);
    return { kills, whileStarting, acceptedByThen, sentAgain: story.sentAgain, ...end };
  } finally {
  }
}

/** A key for each merchant, made before anything runs. */
export async function keysIn(dir: string): Promise<Map<string, string>> {
  const ports = openEmbeddedPorts({ dir, http: httpClient({ maxSockets: 1 }) });
  const keys = new Map<string, string>();
  for (const merchant of ['riverside', 'northgate']) {
    const made = await createKey(ports, { merchant, title: 'a shop', scopes: ['read', 'pay'] });
    keys.set(merchant, made.text);
  }
  await ports.close();
  return keys;
}

/** False when it was killed before it was ready. */
async function oneLife(
  host: Killable,
  story: Story,
  { due, longest }: { due: number; longest: number },
): Promise<boolean> {
  const { random } = story;
  try {
    const moment = random.next() * longest;
    if (random.next() < STARTING) {
      await sleep(moment);
      return false;
    }
    await host.ready();
    const over = new AbortController();
    const busy = Promise.all([shops(host, story, { due, over: over.signal }), trouble(host, random)]);
    await sleep(moment);
    await host.kill();
    over.abort();
    await busy;
    return true;
  } finally {
    await host.kill();
  }
}

/** Several shops at once, each sending one order until it is answered. */
async function shops(
  host: Killable,
  story: Story,
  { due, over }: { due: number; over: AbortSignal },
): Promise<void> {
  const waiting = story.orders.slice(0, due).filter(({ key }) => !story.accepted.has(key));
  const one = async () => {
    for (let order = waiting.shift(); order && !over.aborted; order = waiting.shift()) {
      const id = await ask(host, story, order);
      if (id !== undefined) story.accepted.set(order.key, id);
      else {
        story.sentAgain += 1;
        waiting.push(order);
        await sleep(50);
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, one));
}

const Accepted = z.object({ id: z.string() });

/** Undefined when it has to be sent again. */
async function ask(host: Killable, { keys }: Story, order: Order): Promise<string | undefined> {
  const headers = {
    authorization: `Bearer ${keys.get(order.merchant)}`,
    'idempotency-key': order.key,
    'content-type': 'application/json',
  };
  const init = { method: 'POST', headers, body: order.body };
  const answer = await fetch(`${host.url()}/payments-api/v1/payments`, init).catch(() => undefined);
  const text = await answer?.text().catch(() => undefined);
  if (!answer || text === undefined) {
    if (host.killed()) return undefined;
    throw new Error(`the host did not answer: ${host.said().slice(-2_000)}`);
  }
  const isBusy = answer.status === 409 && text.includes('in-progress');
  if (isBusy || answer.status >= 500) return undefined;
  if (!answer.ok) throw new Error(`payment ${order.key} was answered ${answer.status}: ${text}`);
  return Accepted.parse(JSON.parse(text)).id;
}

/** The providers have one kind of trouble after another, and none in between. */
async function trouble(host: Killable, random: Random): Promise<void> {
  while (!host.killed()) {
    for (const vendor of PROVIDERS) {
      const chosen = FAULTS[Math.floor(random.next() * (FAULTS.length + CALM))];
      const faults = Object.fromEntries(FAULTS.map((name) => [name, name === chosen]));
      try {
        await host.post(`/sandbox/${vendor}/_control`, z.unknown(), { faults });
      } catch (thrown) {
        // It was killed meanwhile; anything else is a failure.
        if (!host.killed()) throw thrown;
      }
    }
    await sleep(random.next() * FAULT_LASTS);
  }
}

type End = Comparison & { livesInPeace: number; deadLetters: number };

/** Lets it finish what there is, hour by hour, then holds the hub's word against the providers' books. */
async function inPeace(
  start: (life: number) => Killable,
  story: Story,
  told?: (line: string) => void,
): Promise<End> {
  for (let life = 0; life < LIVES_IN_PEACE; life += 1) {
    const host = start(life);
    try {
      await host.ready();
      const faults = Object.fromEntries(FAULTS.map((name) => [name, false]));
      for (const vendor of PROVIDERS) await host.post(`/sandbox/${vendor}/_control`, z.unknown(), { faults });
      await shops(host, story, { due: story.orders.length, over: new AbortController().signal });
      const { left, deadLetters } = await rest(host);
      told?.(`in peace, life ${life + 1}: ${left} messages left`);
      if (left === 0) return { ...(await compareBooks(host, story)), livesInPeace: life + 1, deadLetters };
    } finally {
      await host.kill();
    }
  }
  throw new Error(`after ${LIVES_IN_PEACE} lives in peace there is still something queued`);
}

/**
 * Waits until it has nothing to do now, and tells what is left for later. A message that failed is out of sight for
 * minutes: it is the next life's.
 */
async function rest(host: Killable): Promise<{ left: number; deadLetters: number }> {
  for (let look = 0; ; look += 1) {
    const line =
      host
        .said()
        .match(/^queue \d+ \d+ \d+ \d+$/gm)
        ?.at(-1) ?? 'queue 1 0 0 0';
    const [visible = 0, inFlight = 0, delayed = 0, deadLetters = 0] = line.split(' ').slice(1).map(Number);
    if (visible + inFlight === 0 || look === LOOKS)
      return { left: visible + inFlight + delayed, deadLetters };
    await sleep(LOOK_EVERY);
  }
}
