import { createHmac } from 'node:crypto';
import type { SandboxRequest, SandboxWebhooks } from '../sandbox.ts';
import { seededRandom } from './sandbox-dice.ts';
import type { FaultName } from './sandbox-faults.ts';
import type { Json } from './sandbox-rows.ts';

interface Waiting {
  readonly event: Json;
  readonly attempt: number;
  readonly due: number;
  /** When it was tried first. */
  readonly first: number;
}

const DAYS_OF_TRIES = 3 * 86_400_000;
/** In real time: longer does no write wait for its own events to be delivered. */
const PATIENCE = 2_000;

/** What the outbox needs from outside. */
export interface OutboxWorld {
  readonly seed: number;
  readonly webhookSecret: string;
  readonly on: ReadonlySet<FaultName>;
  /** The clock of the machine, which signatures are dated by: the receiver knows no other. */
  machine(): number;
  /** The sandbox's clock, which decides what is due. */
  now(): number;
  count(name: string): void;
  newId(prefix: string): string;
}

/** Events and their webhooks: nothing is sent before `deliver` is called, and nothing is kept without a target. */
export class Outbox implements SandboxWebhooks {
  /** Every event of the account, oldest first. */
  readonly events: Json[] = [];
  /** The version that events are written in. */
  apiVersion = '';
  readonly #world: OutboxWorld;
  readonly #random: () => number;
  #url: string | undefined;
  #waiting: Waiting[] = [];
  #whenSent: (() => void)[] = [];
  /** A second secret while the first is rolled: deliveries then carry both signatures. */
  #rolled: string | undefined;

  constructor(world: OutboxWorld) {
    this.#world = world;
    // Of its own, so that the sandbox's other choices are the same with and without webhooks.
    this.#random = seededRandom(world.seed + 2);
  }

  aim(url: string | undefined): void {
    this.#url = url;
    if (url === undefined) this.#waiting = [];
  }

  /** From now on deliveries are signed with this secret too. */
  roll(secret: string | undefined): void {
    this.#rolled = secret;
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
  tell(type: string, object: Json): void {
    const { now, on, newId } = this.#world;
    const event = {
      id: newId('evt'),
      object: 'event',
      api_version: this.apiVersion,
      created: Math.floor(now() / 1_000),
      // As it was then: a later change of the object is another event.
      data: { object: structuredClone(object) },
      livemode: false,
      pending_webhooks: this.#url === undefined ? 0 : 1,
      request: { id: null, idempotency_key: null },
      type,
    };
    this.events.push(event);
    if (this.#url === undefined || on.has('webhooks-lost')) return;
    for (const each of on.has('webhooks-duplicated') ? [event, event] : [event]) {
      const late = on.has('webhooks-reordered') && this.#random() < 0.5 ? 5_000 : 0;
      this.#waiting.push({ event: each, attempt: 0, due: now() + late, first: now() });
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
    const { machine, count, now, webhookSecret } = this.#world;
    const body = JSON.stringify(waiting.event, undefined, 2);
    const secrets = this.#rolled === undefined ? [webhookSecret] : [webhookSecret, this.#rolled];
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'stripe-signature': signatureHeader(secrets, body, Math.floor(machine() / 1_000)),
    };
    const status = await post({ method: 'POST', url, headers, body }).catch(() => 0);
    count('webhooks.sent');
    if (status >= 200 && status < 300) return;
    const due = now() + 60_000 * 2 ** Math.min(waiting.attempt, 10) * (0.5 + this.#random());
    if (due <= waiting.first + DAYS_OF_TRIES)
      this.#waiting.push({ ...waiting, attempt: waiting.attempt + 1, due });
    else count('webhooks.given-up');
  }
}

/** Written apart from the check in webhook.ts on purpose. `v0` is a scheme that receivers have to ignore. */
function signatureHeader(secrets: readonly string[], body: string, seconds: number): string {
  const sign = (secret: string) => createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const signatures = secrets.map((secret) => `v1=${sign(secret)}`);
  return [`t=${seconds}`, ...signatures, `v0=${sign('not-a-secret')}`].join(',');
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
