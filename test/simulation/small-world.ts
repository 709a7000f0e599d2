import { hash } from 'node:crypto';
import { freshHint } from '../../shared/engine/change-event.ts';
import type { Engine } from '../../shared/engine/engine.ts';
import type { Flow } from '../../shared/engine/flow.ts';
import type { HttpRequest, HttpResponse } from '../../shared/engine/ports.ts';
import { receivable, receiveThese } from '../support/memory/queue.ts';
import type { StoredMessage } from '../support/memory/state.ts';
import type { Code } from './code.ts';
import { Hand, type PendingCall } from './hand.ts';
import { THINGS } from './records.ts';
import { FLOW, simFlow } from './sim-flow.ts';
import { SourceVendor } from './source-vendor.ts';
import { TargetVendor } from './target-vendor.ts';
import { toResponse } from './vendor.ts';
import { calm, defaultWeights } from './weights.ts';
import { World } from './world.ts';

/** What may go wrong in the small scenario, and how often. */
export interface Trouble {
  crashes: number;
  duplicates: number;
  workers: number;
}

export interface Option {
  what: string;
  take(): void;
}

const PLAIN = {
  records: 1,
  readLag: 0,
  lateness: 1_000,
  commitLag: 0,
  skew: 0,
  rate: 0,
  children: 0,
  sponsored: 0,
  lapsing: 0,
  killers: 0,
  rejected: 0,
  unreadable: 0,
  existing: 0,
};

/**
 * One record, two events, a few workers. Time stands still while anybody can do something, and every call on
 * shared state waits until it is chosen: whoever chooses can try all orders.
 */
export class SmallWorld {
  readonly world: World;
  readonly #source: SourceVendor;
  readonly #target: TargetVendor;
  readonly #flow: Flow;
  readonly #code: Code;
  readonly #left: Trouble & { changes: number };
  readonly #engines = new Map<Hand, Engine>();
  #hands: Hand[];
  #sleepers: { at: number; wake(): void }[] = [];

  constructor(code: Code, trouble: Trouble) {
    this.#code = code;
    this.#left = { ...trouble, changes: 1 };
    const weights = { ...calm(defaultWeights), ...PLAIN };
    this.world = new World({ code, seed: 1, weights });
    this.#source = new SourceVendor(this.world);
    this.#target = new TargetVendor(this.world, false);
    this.#flow = simFlow(code, weights, { upsert: false, whenAbsent: 'remove' });
    this.#hands = Array.from({ length: trouble.workers }, () => this.#hire());
    this.#announce();
  }

  /** Everything that can happen next; empty when the scenario is over. */
  options(): Option[] {
    for (;;) {
      const options = [
        ...this.#hands.flatMap((hand) => this.#turns(hand)),
        ...this.#deliveries(),
        ...this.#change(),
      ];
      if (options.length > 0 || !this.#passTime()) return options;
    }
  }

  /** Two runs with the same key have the same futures. */
  key(): string {
    const { links, messages } = this.world.state;
    const texts = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).sort();
    const state = [
      this.world.now,
      [...links.values()],
      texts([...messages.values()].map(({ sequence: _, ...message }) => message)),
      this.#source.current('r0'),
      this.#target.alive(),
      this.#left,
      texts(this.#hands.map((hand) => [hand.busy, hand.pending.map((call) => call.what), hand.seen])),
    ];
    return hash('sha256', JSON.stringify(state), 'base64');
  }

  /** What is wrong now that nothing is left to do. */
  verdict(): string | undefined {
    const [broken] = this.world.violations;
    if (broken) return broken.text;
    const there = this.#target.byRef('r0');
    const [first] = there;
    if (!first || there.length > 1) return `${there.length} records at the target`;
    const [targetId, { fields }] = first;
    const state = this.#source.current('r0');
    const wanted = state?.state === 'present' ? state.data.a : undefined;
    if (fields.a !== wanted) return `the target has a = ${fields.a}, the source ${wanted}`;
    const link = this.world.state.links.get(`${FLOW}/${THINGS}/r0`);
    return link?.body?.targetId === targetId ? undefined : `the link names ${link?.body?.targetId}`;
  }

  #turns(hand: Hand): Option[] {
    return hand.pending.flatMap((call) => {
      const options: Option[] = [
        { what: `${hand.name} ${call.what}`, take: () => take(hand, call).execute() },
      ];
      if (this.#left.crashes === 0) return options;
      options.push({ what: `${hand.name} dies before ${call.what}`, take: () => this.#dies(hand) });
      const after = () => {
        call.effect();
        this.#dies(hand);
      };
      return [...options, { what: `${hand.name} dies after ${call.what}`, take: after }];
    });
  }

  #deliveries(): Option[] {
    const hand = this.#hands.find((each) => !each.busy);
    if (!hand) return [];
    const { state, now } = this.world;
    return (['live', 'bulk'] as const).flatMap((lane) =>
      receivable(state, now, { flow: FLOW, lane }).flatMap((message) => {
        const options: Option[] = [
          {
            what: `${hand.name} receives ${message.sequence}`,
            take: () => this.#receive(hand, lane, message),
          },
        ];
        if (this.#left.duplicates === 0) return options;
        const twice = () => {
          this.#left.duplicates -= 1;
          state.sequence += 1;
          state.messages.set(state.sequence, { ...message, sequence: state.sequence });
          this.#receive(hand, lane, message);
        };
        return [
          ...options,
          { what: `${hand.name} receives ${message.sequence}, and it stays there`, take: twice },
        ];
      }),
    );
  }

  /** The second event: the record changes and its webhook is accepted. */
  #change(): Option[] {
    if (this.#left.changes === 0) return [];
    const change = () => {
      this.#left.changes -= 1;
      const state = this.#source.current('r0');
      if (state?.state === 'present')
        this.#source.change('r0', { state: 'present', data: { ...state.data, a: 1 - state.data.a } });
      this.#announce();
    };
    return [{ what: 'the source changes', take: change }];
  }

  #announce(): void {
    const { state, now } = this.world;
    state.sequence += 1;
    const event = {
      version: 1,
      flow: FLOW,
      collection: THINGS,
      cause: 'webhook',
      trace: 't',
      records: [freshHint('r0', now)],
    };
    const message: StoredMessage = {
      sequence: state.sequence,
      flow: FLOW,
      lane: 'live',
      body: JSON.stringify(event),
      visibleAt: now,
      receiveCount: 0,
    };
    state.messages.set(state.sequence, message);
  }

  #receive(hand: Hand, lane: 'live' | 'bulk', message: StoredMessage): void {
    const engine = this.#engines.get(hand);
    if (!engine) throw new Error(`${hand.name} has no engine`);
    const deliveries = receiveThese(
      [message],
      this.world.now + this.#code.flow.visibilityTimeout(this.#flow),
    );
    hand.busy = true;
    hand.seen = JSON.stringify([message.body, message.receiveCount]);
    const work = {
      deadline: this.world.now + 60_000,
      signal: new AbortController().signal,
      background: () => undefined,
    };
    const run = async () => {
      const { done } = await this.#code.reconcile.reconcile(engine, this.#flow, { lane, deliveries }, work);
      await engine.ports.queue.acknowledge({ flow: FLOW, lane }, done);
    };
    const rest = () => {
      hand.busy = false;
      hand.seen = '';
    };
    run().then(rest, rest);
  }

  #dies(hand: Hand): void {
    this.#left.crashes -= 1;
    hand.alive = false;
    this.#hands = this.#hands.map((each) => (each === hand ? this.#hire() : each));
  }

  #hire(): Hand {
    const number = this.#engines.size + 1;
    const hand = new Hand(this.world, number, {
      send: (request) => this.#exchange(request),
      sleep: (ms, wake) => this.#sleepers.push({ at: this.world.now + ms, wake }),
    });
    this.#engines.set(
      hand,
      this.#code.engine.openEngine({ ports: hand.ports, flows: [this.#flow], deployment: 'small' }),
    );
    return hand;
  }

  #exchange(request: HttpRequest): HttpResponse {
    const vendor = request.url.startsWith('https://source') ? this.#source : this.#target;
    return toResponse(vendor.handle(request));
  }

  /** Nobody can do anything now: on to the next message that shows up or worker that wakes. */
  #passTime(): boolean {
    const { state, scheduler, now } = this.world;
    const moments = [
      ...[...state.messages.values()].map((each) => each.visibleAt),
      ...this.#sleepers.map((each) => each.at),
    ];
    const next = Math.min(...moments.filter((at) => at > now));
    if (!Number.isFinite(next)) return false;
    scheduler.now = next;
    const awake = this.#sleepers.filter((each) => each.at <= next);
    this.#sleepers = this.#sleepers.filter((each) => each.at > next);
    for (const { wake } of awake) wake();
    return true;
  }
}

function take(hand: Hand, call: PendingCall): PendingCall {
  hand.pending.splice(hand.pending.indexOf(call), 1);
  return call;
}
