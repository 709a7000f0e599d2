import type { HttpRequest, HttpResponse } from '../../shared/engine/ports.ts';
import { THINGS } from './records.ts';
import { toResponse, type Vendor } from './vendor.ts';
import type { OnTheWire, Worker } from './worker.ts';
import type { World } from './world.ts';

/** What becomes of one request. */
type Fate = 'arrives' | 'refused' | 'reply lost' | 'late' | '500 before' | '500 after';

/** Between workers and vendors: where answers get lost and writes land late. */
export class Network {
  readonly world: World;
  readonly #vendors: ReadonlyMap<string, Vendor>;
  /** Which record ids a reply body must kill its reader for. */
  killers: (reply: string) => string | undefined = () => undefined;

  constructor(world: World, vendors: readonly Vendor[]) {
    this.world = world;
    this.#vendors = new Map(vendors.map((vendor) => [vendor.name, vendor]));
  }

  send(worker: Worker, request: HttpRequest): Promise<HttpResponse> {
    const name = new URL(request.url).hostname.split('.')[0] ?? '';
    const vendor = this.#vendors.get(name);
    if (!vendor) throw new Error(`no vendor at ${request.url}`);
    vendor.noteDeparture();
    return new Promise((resolve, reject) =>
      new Exchange(this, worker, { vendor, request }, { resolve, reject }).begin(),
    );
  }
}

interface Ends {
  resolve(response: HttpResponse): void;
  reject(error: Error): void;
}

class Exchange {
  readonly #network: Network;
  readonly #world: World;
  readonly #worker: Worker;
  readonly #vendor: Vendor;
  readonly #request: HttpRequest;
  readonly #ends: Ends;
  #over = false;
  #sent = false;

  constructor(network: Network, worker: Worker, to: { vendor: Vendor; request: HttpRequest }, ends: Ends) {
    this.#network = network;
    this.#world = network.world;
    this.#worker = worker;
    this.#vendor = to.vendor;
    this.#request = to.request;
    this.#ends = ends;
  }

  begin(): void {
    const { signal, timeout } = this.#request;
    if (signal?.aborted) {
      this.#fail('aborted', false);
      return;
    }
    signal?.addEventListener('abort', () => this.#fail('aborted', this.#sent), { once: true });
    this.#world.after(timeout, () => this.#fail('timed out', this.#sent));
    this.#worker.point(`before ${this.#title}`, () => this.#depart());
  }

  get #title(): string {
    return `${this.#vendor.name} ${this.#request.url.slice(this.#request.url.lastIndexOf('/') + 1)}`;
  }

  get #writes(): boolean {
    return this.#request.url.endsWith('/write');
  }

  #depart(): void {
    // Whoever is not killed at its timeout sends what it had in hand, however long ago it gave that up.
    if (this.#over && this.#world.weights.broken !== 'outlives its timeout') return;
    const fate = this.#fate();
    if (this.#vendor.away() === 'refuses' || fate === 'refused') {
      this.#fail('connection refused', false);
      return;
    }
    this.#sent = true;
    const { dice, weights } = this.#world;
    const giveUp = this.#request.timeout;
    const delay = fate === 'late' ? giveUp + dice.between(0, weights.lateness) : dice.between(5, 150);
    const wire: OnTheWire = {
      landsAt: this.#world.now + delay,
      landed: false,
      land: () => {
        if (wire.landed || this.#world.now < wire.landsAt) return;
        wire.landed = true;
        this.#worker.wire.delete(wire);
        this.#land(fate);
      },
    };
    this.#worker.wire.add(wire);
    this.#world.after(delay, () => wire.land());
  }

  #fate(): Fate {
    const { dice, weights } = this.#world;
    if (dice.chance(weights.refused)) return 'refused';
    if (dice.chance(weights.replyLost)) return 'reply lost';
    if (this.#writes && dice.chance(weights.late)) return 'late';
    if (dice.chance(weights.serverError)) return dice.chance(0.5) ? '500 before' : '500 after';
    return 'arrives';
  }

  #land(fate: Fate): void {
    const { counts } = this.#world;
    if (fate === '500 before') {
      this.#answer({ status: 500, headers: {}, body: '{}' });
      return;
    }
    const reply = this.#vendor.handle(this.#request);
    if (fate === 'late') counts.lateWrites += 1;
    if (fate === 'reply lost') counts.lostReplies += 1;
    this.#world.tell(
      this.#vendor.name,
      () =>
        `${fate === 'arrives' ? '' : `(${fate}) `}${this.#title} ${this.#request.body ?? ''} -> ${reply.status} ${JSON.stringify(reply.json)}`,
    );
    if (fate === 'late' || fate === 'reply lost') return;
    this.#answer(fate === '500 after' ? { status: 500, headers: {}, body: '{}' } : toResponse(reply));
  }

  #answer(response: HttpResponse): void {
    this.#worker.point(`after ${this.#title}`, () => {
      if (this.#over) return;
      const killer = this.#network.killers(response.body);
      if (killer !== undefined) {
        this.#world.killedBy(killer, this.#worker.held.has(`${THINGS}/${killer}`));
        this.#worker.die(`killed by record ${killer}`);
        return;
      }
      this.#over = true;
      this.#world.scheduler.woke();
      this.#ends.resolve(response);
    });
  }

  #fail(why: string, sent: boolean): void {
    if (this.#over || this.#worker.dead) return;
    this.#over = true;
    this.#world.tell(this.#worker.name, () => `${this.#title}: ${why}${sent ? ' after sending' : ''}`);
    this.#world.scheduler.woke();
    this.#ends.reject(new this.#world.code.ports.HttpFailure(why, sent));
  }
}
