import type { SandboxRequest, SandboxWebhooks } from '../sandbox.ts';
import { drawnId, seededRandom } from './sandbox-dice.ts';
import type { FaultName } from './sandbox-faults.ts';
import type { Json } from './sandbox-replies.ts';
import type { Signer } from './sandbox-signer.ts';

interface Waiting {
  readonly event: Json;
  readonly attempt: number;
  readonly due: number;
}

/** PayPal tries up to 25 times over three days. */
const TRIES = 25;
const BETWEEN = (3 * 86_400_000) / TRIES;
/** In real time: longer does no write wait for its own events to be delivered. */
const PATIENCE = 2_000;

/** What the outbox needs from outside. */
export interface OutboxWorld {
  readonly seed: number;
  readonly webhookId: string;
  readonly signer: Signer;
  readonly on: ReadonlySet<FaultName>;
  /** Where this sandbox is reached, as its last state was asked for: certificates are fetched there. */
  base(): string;
  /** The clock of the machine, which signatures are dated by: the receiver knows no other. */
  machine(): number;
  /** The sandbox's clock, which decides what is due. */
  now(): number;
  count(name: string): void;
}

/** Events and their webhooks: nothing is sent before `deliver` is called, and nothing is kept without a target. */
export class Outbox implements SandboxWebhooks {
  /** Every event of the app, oldest first. */
  readonly events: Json[] = [];
  readonly #world: OutboxWorld;
  readonly #random: () => number;
  #url: string | undefined;
  #waiting: Waiting[] = [];
  #whenEmpty: (() => void)[] = [];

  constructor(world: OutboxWorld) {
    this.#world = world;
    // Of its own, so that the sandbox's other choices are the same with and without webhooks.
    this.#random = seededRandom(world.seed + 2);
  }

  get url(): string | undefined {
    return this.#url;
  }

  aim(url: string | undefined): void {
    this.#url = url;
    if (url === undefined) this.#waiting = [];
  }

  nextAt(): number | undefined {
    return this.#waiting.length ? Math.min(...this.#waiting.map(({ due }) => due)) : undefined;
  }

  async deliver(post: (request: SandboxRequest) => Promise<number>): Promise<number> {
    const url = this.#url;
    if (url === undefined) return 0;
    const { now, on } = this.#world;
    const due = this.#waiting.filter((each) => each.due <= now());
    this.#waiting = this.#waiting.filter((each) => each.due > now());
    const order = on.has('webhooks-reordered') ? due.toReversed() : due;
    for (const each of order) await this.#send(url, each, post);
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
    return order.length;
  }

  /** Tells of what happened to a resource. */
  tell(type: string, resourceType: string, resource: Json): void {
    const { now, on } = this.#world;
    const event = {
      id: `WH-${drawnId(this.#random)}-${drawnId(this.#random)}`,
      event_version: '1.0',
      create_time: new Date(now()).toISOString(),
      resource_type: resourceType,
      resource_version: '2.0',
      event_type: type,
      summary: type.toLowerCase().replaceAll('.', ' '),
      resource,
      links: [],
    };
    this.events.push(event);
    if (!on.has('webhooks-lost')) this.send(event);
  }

  /** Puts an event on its way, once more where it was sent already. */
  send(event: Json): void {
    if (this.#url === undefined) return;
    const { now, on } = this.#world;
    const copies = on.has('webhooks-duplicated') ? [event, event] : [event];
    for (const each of copies) {
      const late = on.has('webhooks-reordered') && this.#random() < 0.5 ? 5_000 : 0;
      this.#waiting.push({ event: each, attempt: 1, due: now() + late });
    }
  }

  /** Resolves when what is due has been sent, or after a while. */
  async sent(): Promise<void> {
    if (this.nextAt() === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenEmpty.push(resolve);
    setTimeout(resolve, PATIENCE).unref();
    await promise;
  }

  async #send(url: string, each: Waiting, post: (request: SandboxRequest) => Promise<number>): Promise<void> {
    const { webhookId, signer, machine, base, on, count, now } = this.#world;
    const body = JSON.stringify(each.event);
    const id = drawnId(this.#random, 32).toLowerCase();
    const forged = on.has('webhooks-forged');
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'PayPal/AUHD-214.0-58843828',
      ...signer.headers({ id, at: machine(), webhookId, body, base: base(), forged }),
    };
    const status = await post({ method: 'POST', url, headers, body }).catch(() => 0);
    count('webhooks.sent');
    if (status >= 200 && status < 300) return;
    if (each.attempt >= TRIES) count('webhooks.given-up');
    else this.#waiting.push({ ...each, attempt: each.attempt + 1, due: now() + BETWEEN });
  }
}
