import type { Millis } from '../../shared/engine/ports.ts';
import type { Dice } from './dice.ts';

interface Entry {
  at: Millis;
  /** Seeded, so that things due at the same moment happen in every order. */
  tie: number;
  happen(): void;
}

/**
 * Virtual time: the only thing that moves it is the next event. After an event that woke a promise,
 * everything that can run without another event runs to its end, so one thing happens at a time.
 */
export class Scheduler {
  now: Millis = 1_700_000_000_000;
  events = 0;
  readonly #heap: Entry[] = [];
  readonly #dice: Dice;
  #woke = false;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  after(delay: Millis, happen: () => void): void {
    push(this.#heap, { at: this.now + Math.max(0, Math.round(delay)), tie: this.#dice.next(), happen });
  }

  /** An event that resolves or rejects something that code is waiting for says so here. */
  woke(): void {
    this.#woke = true;
  }

  /** Until the moment, or until `enough` says so. */
  async run(until: Millis, enough?: () => boolean): Promise<void> {
    await this.#settle();
    for (let next = this.#heap[0]; next && next.at <= until; next = this.#heap[0]) {
      pop(this.#heap);
      this.now = Math.max(this.now, next.at);
      this.events += 1;
      next.happen();
      if (this.#woke) await this.#settle();
      if (enough?.()) return;
    }
    this.now = until;
  }

  #settle(): Promise<void> {
    this.#woke = false;
    return quiet();
  }
}

/**
 * Resolves when everything that can run without another event has run. A tick that is asked for inside of a
 * microtask comes when no microtask is left; that is many times cheaper than a turn of the event loop.
 */
function quiet(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (!parent || !before(entry, parent)) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const child = smallerChild(heap, at);
    const below = heap[child];
    if (!below || !before(below, last)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
}

function smallerChild(heap: readonly Entry[], at: number): number {
  const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
  return left && right && before(right, left) ? 2 * at + 2 : 2 * at + 1;
}
