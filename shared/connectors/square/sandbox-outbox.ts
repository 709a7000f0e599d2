import { createHmac } from 'node:crypto';
import type { SandboxRequest, SandboxWebhooks } from '../sandbox.ts';
import { seededRandom } from './sandbox-dice.ts';
import type { FaultName } from './sandbox-faults.ts';
import type { Json } from './sandbox-rows.ts';

interface Waiting {
  readonly body: string;
  readonly attempt: number;
  readonly due: number;
  /** When it was tried first, and why it is tried again. */
  readonly first: number;
  readonly why?: string;
}

const MINUTE = 60_000;
/** Minutes until the next try ("Webhooks", retries); the eleventh is the last. */
const AGAIN = [1, 2, 4, 8, 16, 32, 60, 120, 240, 480, 480];
/** In real time: longer does no write wait for its own events to be delivered. */
const PATIENCE = 2_000;

/** What the outbox needs from outside. */
export interface OutboxWorld {
  readonly seed: number;
  readonly key: string;
  readonly merchantId: string;
  readonly on: ReadonlySet<FaultName>;
  now(): number;
  count(name: string): void;
}

/** Events and their webhooks: nothing is sent before `deliver` is called, and nothing is kept without a target. */
export class Outbox implements SandboxWebhooks {
  readonly #world: OutboxWorld;
  readonly #random: () => number;
  #key: string;
  #url: string | undefined;
  #waiting: Waiting[] = [];
  #whenSent: (() => void)[] = [];

  constructor(world: OutboxWorld) {
    this.#world = world;
    this.#key = world.key;
    // Of its own, so that the sandbox's other choices are the same with and without webhooks.
    this.#random = seededRandom(world.seed + 2);
  }

  /** The subscription's signature key. */
  get key(): string {
    return this.#key;
  }

  /** As UpdateWebhookSubscriptionSignatureKey does: deliveries are signed with this one from now on. */
  rotate(key: string): void {
    this.#key = key;
  }

  aim(url: string | undefined): void {
    this.#url = url;
    if (url === undefined) this.#waiting = [];
  }

  nextAt(): number | undefined {
    if (this.#waiting.length === 0) return undefined;
    return this.#waiting.reduce((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY);
  }

  async deliver(post: (request: SandboxRequest) => Promise<number>): Promise<number> {
    const url = this.#url;
    if (url === undefined) return 0;
    const now = this.#world.now();
    const inOrder = this.#waiting.filter(({ due }) => due <= now);
    this.#waiting = this.#waiting.filter(({ due }) => due > now);
    const due = this.#world.on.has('webhooks-reordered') ? shuffled(inOrder, this.#random) : inOrder;
    for (const each of due) await this.#send(url, each, post);
    for (const tell of this.#whenSent.splice(0)) tell();
    return due.length;
  }

  /** Something happened to an object. */
  tell(type: string, data: Json): void {
    const { now, on, merchantId } = this.#world;
    if (this.#url === undefined || on.has('webhooks-lost')) return;
    const body = JSON.stringify({
      ...{ merchant_id: merchantId, type, event_id: eventId(this.#random) },
      ...{ created_at: new Date(now()).toISOString(), data },
    });
    for (const each of on.has('webhooks-duplicated') ? [body, body] : [body]) {
      const late = on.has('webhooks-reordered') && this.#random() < 0.5 ? 5_000 : 0;
      this.#waiting.push({ body: each, attempt: 0, due: now() + late, first: now() });
    }
  }

  /** Resolves when all that is due has been sent, or after a moment. */
  async sent(): Promise<void> {
    if ((this.nextAt() ?? Number.POSITIVE_INFINITY) > this.#world.now()) return;
    await new Promise<void>((resolve) => {
      this.#whenSent.push(resolve);
      setTimeout(resolve, PATIENCE).unref();
    });
  }

  async #send(
    url: string,
    waiting: Waiting,
    post: (request: SandboxRequest) => Promise<number>,
  ): Promise<void> {
    const { count, now } = this.#world;
    const { body, attempt, first, why } = waiting;
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Square Connect v2',
      'square-environment': 'Sandbox',
      'square-initial-delivery-timestamp': new Date(first).toISOString(),
      ...(why !== undefined && { 'square-retry-number': String(attempt), 'square-retry-reason': why }),
      // Written apart from the check in webhook.ts on purpose.
      'x-square-hmacsha256-signature': createHmac('sha256', this.#key)
        .update(`${url}${body}`)
        .digest('base64'),
    };
    const status = await post({ method: 'POST', url, headers, body }).catch(() => 0);
    count('webhooks.sent');
    if (status >= 200 && status < 300) return;
    const wait = AGAIN[attempt];
    if (wait === undefined) return count('webhooks.given-up');
    const reason = status === 0 ? 'http_timeout' : 'http_error';
    this.#waiting.push({ ...waiting, attempt: attempt + 1, due: now() + wait * MINUTE, why: reason });
  }
}

function eventId(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
