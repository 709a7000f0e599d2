import type { SandboxRequest, SandboxWebhooks } from '../sandbox.ts';
import type { AssociationChange } from './sandbox-associations.ts';
import { seededRandom } from './sandbox-dice.ts';
import type { FaultName } from './sandbox-faults.ts';
import { signatureHeaders } from './sandbox-signature.ts';
import type { StoreChange } from './sandbox-store.ts';
import { Subscriptions } from './sandbox-subscriptions.ts';
import { type Told, toldOf, toldOfAssociation } from './sandbox-webhook-events.ts';

type Event = Readonly<Record<string, unknown>>;
/** Up to 100 events that travel together, also when they are tried again. */
interface Batch {
  readonly events: readonly Event[];
  readonly attempt: number;
  readonly due: number;
  /** When it was tried first. */
  readonly first: number;
}

const BATCH = 100;
/** Requests under way at once; HubSpot's default. */
const CONCURRENCY = 10;
const RETRIES = 10;
const DAY = 86_400_000;
/** Event ids start again after so many: they are not unique at HubSpot either. */
const EVENT_IDS = 997;

/** What the outbox needs from outside. */
export interface OutboxWorld {
  readonly seed: number;
  readonly portalId: number;
  readonly appId: number;
  readonly clientSecret: string;
  readonly on: ReadonlySet<FaultName>;
  /** The clock of the machine, which signatures are dated by: the receiver knows no other. */
  machine(): number;
  /** The sandbox's clock, which decides what is due. */
  now(): number;
  count(name: string): void;
}

/** Webhooks on their way: nothing is sent before `deliver` is called, and nothing is kept without a target. */
export class Outbox implements SandboxWebhooks {
  readonly subscriptions = new Subscriptions();
  readonly #world: OutboxWorld;
  readonly #random: () => number;
  #url: string | undefined;
  #fresh: { event: Event; due: number }[] = [];
  #again: Batch[] = [];
  #events = 0;

  constructor(world: OutboxWorld) {
    this.#world = world;
    // Of its own, so that the sandbox's other choices are the same with and without webhooks.
    this.#random = seededRandom(world.seed + 1);
  }

  get url(): string | undefined {
    return this.#url;
  }

  aim(url: string | undefined): void {
    this.#url = url;
    if (url !== undefined) return;
    this.#fresh = [];
    this.#again = [];
  }

  nextAt(): number | undefined {
    const waiting = [...this.#fresh, ...this.#again];
    return waiting.length
      ? waiting.reduce((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY)
      : undefined;
  }

  async deliver(post: (request: SandboxRequest) => Promise<number>): Promise<number> {
    const url = this.#url;
    if (url === undefined) return 0;
    const batches = this.#take();
    for (let at = 0; at < batches.length; at += CONCURRENCY)
      await Promise.all(batches.slice(at, at + CONCURRENCY).map((batch) => this.#send(url, batch, post)));
    return batches.length;
  }

  note(change: StoreChange): void {
    if (this.#url !== undefined) this.#add(toldOf(change));
  }

  association(change: AssociationChange): void {
    if (this.#url !== undefined) for (const told of toldOfAssociation(change)) this.#add(told);
  }

  #add({ type, property, more }: Told): void {
    const { portalId, appId, on, now } = this.#world;
    const subscription = this.subscriptions.find(type, property);
    if (!subscription) return;
    this.#events += 1;
    if (on.has('webhooks-lost') && this.#events % 2 === 0) return;
    const event = {
      eventId: 100 + (this.#events % EVENT_IDS),
      subscriptionId: subscription.id,
      portalId,
      appId,
      occurredAt: now(),
      subscriptionType: type,
      ...more,
    };
    const copies = on.has('webhooks-duplicated') ? [event, event] : [event];
    for (const each of copies) {
      const late = on.has('webhooks-reordered') && this.#random() < 0.5 ? 5_000 : 0;
      this.#fresh.push({ event: each, due: now() + late });
    }
  }

  /** What is due, in batches; it is no longer waiting. */
  #take(): Batch[] {
    const now = this.#world.now();
    const isDue = ({ due }: { due: number }) => due <= now;
    const inOrder = this.#fresh.filter(isDue).map(({ event }) => event);
    const events = this.#world.on.has('webhooks-reordered') ? shuffled(inOrder, this.#random) : inOrder;
    const batches = this.#again.filter(isDue);
    this.#fresh = this.#fresh.filter((each) => !isDue(each));
    this.#again = this.#again.filter((each) => !isDue(each));
    for (let at = 0; at < events.length; at += BATCH)
      batches.push({ events: events.slice(at, at + BATCH), attempt: 0, due: now, first: now });
    return batches;
  }

  async #send(url: string, batch: Batch, post: (request: SandboxRequest) => Promise<number>): Promise<void> {
    const { clientSecret, machine, count } = this.#world;
    const body = JSON.stringify(batch.events.map((event) => ({ ...event, attemptNumber: batch.attempt })));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'HubSpot Connect 2.0 (http://dev.hubspot.com/)',
      'x-hubspot-timeout-millis': '10000',
      ...signatureHeaders(clientSecret, { url, body, at: machine() }),
    };
    const status = await post({ method: 'POST', url, headers, body }).catch(() => 0);
    count('webhooks.sent');
    if (status >= 200 && status < 300) return;
    const due = this.#world.now() + pause(batch.attempt, this.#random());
    if (batch.attempt < RETRIES && due <= batch.first + DAY)
      this.#again.push({ ...batch, attempt: batch.attempt + 1, due });
    else count('webhooks.given-up');
  }
}

/** Ten pauses of about one minute doubling: within a day in all, and spread at random (the spread is not documented). */
function pause(attempt: number, random: number): number {
  return 60_000 * 2 ** attempt * (0.5 + 0.9 * random);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
