import { type Cause, type Hint, isChange, mergeHints, parseChangeEvent } from './change-event.ts';
import type { Collection, Flow } from './flow.ts';
import { localName } from './link.ts';
import type { Delivery, LinkKey, Millis } from './ports.ts';

/** A queue and a worker may disagree about now by this much before a message goes back for being early. */
const EARLY: Millis = 1_000;

/** One record to be looked at, whatever number of messages asked for it. */
export interface Item {
  key: LinkKey;
  collection: Collection;
  hint: Hint;
  cause: Cause;
  trace: string;
}

export interface Intake {
  items: Item[];
  /** Items whose message came before its time, with what is left of the wait. */
  early: { item: Item; delay: Millis }[];
  ledger: Ledger;
}

/** Which messages are finished: a message may be acknowledged when every record of it is taken care of. */
export class Ledger {
  readonly #open = new Map<string, Set<string>>();
  readonly #messages = new Map<string, string[]>();

  expect(receipt: string, names: readonly string[]): void {
    this.#open.set(receipt, new Set(names));
    for (const name of names) this.#messages.set(name, [...(this.#messages.get(name) ?? []), receipt]);
  }

  handled(item: Item): void {
    const name = localName(item.key);
    for (const receipt of this.#messages.get(name) ?? []) this.#open.get(receipt)?.delete(name);
  }

  /** The messages of one item wait for others instead. */
  becomes(item: Item, others: readonly Item[]): void {
    const name = localName(item.key);
    for (const receipt of this.#messages.get(name) ?? []) {
      const open = this.#open.get(receipt);
      if (!open?.delete(name)) continue;
      for (const other of others) {
        const now = localName(other.key);
        open.add(now);
        this.#messages.set(now, [...(this.#messages.get(now) ?? []), receipt]);
      }
    }
  }

  done(): string[] {
    return [...this.#open].filter(([, names]) => names.size === 0).map(([receipt]) => receipt);
  }
}

/**
 * Merges the hints of all messages by record. A message that this code cannot read, or of another flow,
 * stays on the queue: a newer deployment may read it, and the queue's own redrive is the last net.
 */
export function takeIn(flow: Flow, deliveries: readonly Delivery[], now: Millis): Intake {
  const ledger = new Ledger();
  const ready = new Map<string, Item>();
  const early = new Map<string, { item: Item; delay: Millis }>();
  for (const { receipt, body } of deliveries) {
    const event = parseChangeEvent(body);
    const collection = event?.flow === flow.name ? flow.collection(event.collection) : undefined;
    if (!event || !collection) continue;
    const delay = (event.dueAt ?? 0) - now;
    const items = event.records.map((hint): Item => {
      const key = { flow: flow.name, collection: collection.name, id: hint.id };
      return { key, collection, hint, cause: event.cause, trace: event.trace };
    });
    ledger.expect(
      receipt,
      items.map((item) => localName(item.key)),
    );
    for (const item of items) {
      if (delay > EARLY) addEarly(early, item, delay);
      else addReady(ready, item);
    }
  }
  // A record that is ready now takes its early hints along: they are one hint.
  for (const [name, { item }] of early) {
    if (ready.has(name)) {
      addReady(ready, item);
      early.delete(name);
    }
  }
  return { items: [...ready.values()], early: [...early.values()], ledger };
}

function addReady(ready: Map<string, Item>, item: Item): void {
  const name = localName(item.key);
  const known = ready.get(name);
  ready.set(name, known ? together(known, item) : item);
}

/** Hints of one record, whichever side rang, as one item each. */
export function merged(items: readonly Item[]): Item[] {
  const byName = new Map<string, Item>();
  for (const item of items) addReady(byName, item);
  return [...byName.values()];
}

/** Two askings for one record: a change that the source told of outweighs a mere look. */
function together(known: Item, item: Item): Item {
  const cause = isChange(item.cause) ? item.cause : known.cause;
  return { ...known, cause, hint: mergeHints(known.hint, item.hint) };
}

function addEarly(early: Map<string, { item: Item; delay: Millis }>, item: Item, delay: Millis): void {
  const name = localName(item.key);
  const known = early.get(name);
  const merged = known ? together(known.item, item) : item;
  early.set(name, { item: merged, delay: Math.min(delay, known?.delay ?? delay) });
}
