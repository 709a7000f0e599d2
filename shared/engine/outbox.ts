import { bucketed } from './backoff.ts';
import { type Cause, freshHint, type Hint, type Lane, pack } from './change-event.ts';
import type { Item } from './intake.ts';
import { fromLocalName } from './link.ts';
import { MAX_DELAY, type Millis, type Outgoing, type Ports } from './ports.ts';

interface Parcel {
  lane: Lane;
  collection: string;
  cause: Cause;
  trace: string;
  delay: Millis;
  hints: Hint[];
}

/** Collects what must be sent and packs records that share a lane, a cause and a due time into one message. */
export class Outbox {
  readonly #flow: string;
  readonly #ports: Pick<Ports, 'queue' | 'clock'>;
  readonly #parcels = new Map<string, Parcel>();

  constructor(flow: string, ports: Pick<Ports, 'queue' | 'clock'>) {
    this.#flow = flow;
    this.#ports = ports;
  }

  /** Sends an item again after `delay`; a cause of its own where the reason is another one than before. */
  again(item: Item, how: { lane: Lane; delay: Millis; spendsAttempt?: boolean }): void {
    const hint = how.spendsAttempt ? { ...item.hint, attempt: item.hint.attempt + 1 } : item.hint;
    const cause = how.spendsAttempt ? 'retry' : item.cause;
    this.#add(
      {
        lane: how.lane,
        collection: item.key.collection,
        cause,
        trace: item.trace,
        delay: bucketed(how.delay),
      },
      hint,
    );
  }

  /** Tells other records (`collection/id`) that they may have changed. */
  ring(names: readonly string[], how: { lane: Lane; cause: Cause; trace: string }): void {
    const now = this.#ports.clock.now();
    for (const name of names) {
      const { collection, id } = fromLocalName(this.#flow, name);
      this.#add({ ...how, collection, delay: 0 }, freshHint(id, now));
    }
  }

  /** Durable when it resolves; empty afterwards. */
  async flush(): Promise<void> {
    if (this.#parcels.size === 0) return;
    const now = this.#ports.clock.now();
    const messages = [...this.#parcels.values()].flatMap((parcel) => this.#messages(parcel, now));
    await this.#ports.queue.send(messages);
    this.#parcels.clear();
  }

  #messages(parcel: Parcel, now: Millis): Outgoing[] {
    const { lane, collection, cause, trace, delay, hints } = parcel;
    const envelope = { flow: this.#flow, collection, cause, trace };
    const due = delay > 0 ? { ...envelope, dueAt: now + delay } : envelope;
    return pack(due, hints).map((event) => ({ lane, event, delay: Math.min(delay, MAX_DELAY) }));
  }

  #add(parcel: Omit<Parcel, 'hints'>, hint: Hint): void {
    const key = `${parcel.lane}|${parcel.collection}|${parcel.cause}|${parcel.delay}`;
    const known = this.#parcels.get(key);
    if (known) known.hints.push(hint);
    else this.#parcels.set(key, { ...parcel, hints: [hint] });
  }
}
