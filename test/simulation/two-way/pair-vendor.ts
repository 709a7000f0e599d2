import * as z from 'zod';
import type { FieldValue } from '../../../shared/engine/fields.ts';
import type { Writer } from '../../../shared/engine/history.ts';
import { History, type Reply, Vendor } from '../vendor.ts';
import type { World } from '../world.ts';
import { type Entry, FIELDS, type FieldName, type Values } from './pair-fields.ts';

/** A record at one moment. Never changed in place: reads with lag look back. */
export interface Snapshot {
  fields: Values;
  logs: Record<FieldName, readonly Entry[]>;
  version: number;
  /** Our reference; at the right side only. */
  ref?: string;
}

export type RecordState =
  | ({ state: 'present' } & Snapshot)
  | ({ state: 'gone'; erased?: boolean } & Snapshot)
  | { state: 'merged'; into: string; was: Snapshot };

const IdsSchema = z.object({ ids: z.array(z.string()) });
const ScanSchema = z.object({ from: z.number(), to: z.number(), page: z.string().optional() });
const PagedSchema = z.object({ page: z.string().optional() });
export const ValuesSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const PAGE = 4;

/** What both sides of a pair have: records with a history of each field, reads that lag, and a feed of changes. */
export abstract class PairVendor extends Vendor {
  readonly records = new Map<string, History<RecordState>>();
  /** Rings for a change, whoever made it. */
  rung: (id: string) => void = () => undefined;
  /** Have both sides of this record agreed once, as far as the engine remembers? */
  isPaired: (id: string) => boolean = () => false;
  /** Asked before we erase somebody: has anybody agreed to it? */
  mayErase: (id: string) => boolean = () => true;
  /** Changes of values that we made, by the left's id and in all fields. */
  readonly ours = new Map<string, number>();
  /** The same by people. */
  readonly theirs = new Map<string, number>();
  protected paired = false;
  readonly #skew: number;
  /** A vendor that stamps whole seconds gives many changes the same stamp. */
  readonly #grain: number;
  readonly #logsSame: boolean;
  readonly #feed: { id: string; changeId: string; stamp: number; visibleAt: number }[] = [];

  constructor(world: World, name: 'source' | 'target') {
    super(world, name);
    const { skew } = world.weights;
    this.#skew = world.dice.between(-skew, skew);
    this.#grain = world.dice.pick([1, 1000]);
    this.#logsSame = world.dice.chance(0.3);
  }

  get clock(): number {
    return Math.floor((this.world.now + this.#skew) / this.#grain) * this.#grain;
  }

  /** The record if it is there now. */
  present(id: string): Snapshot | undefined {
    const state = this.records.get(id)?.now();
    return state?.state === 'present' ? state : undefined;
  }

  presentIds(): string[] {
    return [...this.records.keys()].filter((id) => this.present(id) !== undefined);
  }

  /** A person's edit, or anybody's but ours. */
  edit(id: string, field: FieldName, value: FieldValue, by: Writer): void {
    const before = this.present(id);
    if (!before) return;
    this.world.tell(
      this.name,
      () => `${by.toUpperCase()} EDITS ${id} ${field} := ${value} (was ${before.fields[field]})`,
    );
    add(this.theirs, before.ref ?? id, 1);
    this.paired = this.isPaired(before.ref ?? id);
    this.store(id, { ...this.changed(before, { [field]: value }, by), state: 'present' });
    this.paired = false;
  }

  protected changed(before: Snapshot, values: Readonly<Record<string, FieldValue>>, by: Writer): Snapshot {
    const after: Snapshot = {
      ...before,
      fields: { ...before.fields },
      logs: { ...before.logs },
      version: before.version + 1,
    };
    for (const field of FIELDS) {
      if (!Object.hasOwn(values, field)) continue;
      const value = values[field] ?? null;
      const same = before.fields[field] === value;
      if (same && !(by === 'us' && this.#logsSame)) continue;
      after.fields[field] = value;
      after.logs[field] = [...before.logs[field], this.entry(value, by)];
    }
    return after;
  }

  protected entry(value: FieldValue, by: Writer): Entry {
    return { value, at: this.clock, by, happened: this.world.now, paired: this.paired };
  }

  /** A new record; fields that are empty have no history. */
  protected begun(values: Values, by: Writer, at?: number): Snapshot {
    const entry = (value: FieldValue): Entry => {
      const made = this.entry(value, by);
      return at === undefined ? made : { ...made, at, happened: at };
    };
    return {
      fields: values,
      logs: logsOf((field) => (values[field] === null ? [] : [entry(values[field])])),
      version: 1,
    };
  }

  protected store(id: string, state: RecordState): void {
    const { world } = this;
    const known = this.records.get(id);
    if (known) known.set(world.now, state);
    else this.records.set(id, new History<RecordState>(world.now, state));
    const entry = { id, changeId: `${id}@${this.#feed.length}`, stamp: world.now };
    this.#feed.push({ ...entry, visibleAt: world.now + world.dice.between(0, world.weights.commitLag) });
    this.rung(id);
  }

  protected countOurs(id: string, before: Snapshot | undefined, after: Snapshot): void {
    const moved = FIELDS.filter((field) => (before?.fields[field] ?? null) !== after.fields[field]).length;
    add(this.ours, id, moved);
  }

  /** As a read shows it that may lag; undefined when the record was not there yet. */
  protected seen(id: string): RecordState | undefined {
    const { now, dice, weights } = this.world;
    return this.records.get(id)?.before(now - dice.between(0, weights.readLag));
  }

  operate(operation: string, body: unknown): Reply {
    switch (operation) {
      case 'read':
        return { status: 200, json: { records: this.#bulk(IdsSchema.parse(body).ids) } };
      case 'readOne':
        return {
          status: 200,
          json: { records: IdsSchema.parse(body).ids.map((id) => this.shown(id, this.seen(id))) },
        };
      case 'scan':
        return this.#scan(ScanSchema.parse(body));
      case 'list':
        return this.#list(PagedSchema.parse(body).page);
      default:
        return this.special(operation, body);
    }
  }

  protected abstract special(operation: string, body: unknown): Reply;
  protected abstract listed(id: string, record: Snapshot): unknown;

  protected shown(id: string, state: RecordState | undefined): unknown {
    if (!state || state.state === 'gone') return { id, state: 'gone', erased: state?.erased };
    if (state.state === 'merged') return { id, state: 'merged', into: state.into };
    const { fields, logs, version, ref } = state;
    return { id, state: 'present', fields, logs, version: String(version), ref };
  }

  #bulk(ids: readonly string[]): unknown[] {
    const { dice, weights } = this.world;
    return ids.flatMap((id) => {
      const state = this.seen(id);
      if (dice.chance(weights.partial) || state?.state !== 'present') return [];
      return [this.shown(id, state)];
    });
  }

  #scan(window: z.infer<typeof ScanSchema>): Reply {
    const { now } = this.world;
    const all = this.#feed.filter(
      (each) => each.visibleAt <= now && each.stamp >= window.from && each.stamp <= window.to,
    );
    const start = Number(window.page ?? 0);
    const items = all.slice(start, start + PAGE).map(({ id, changeId }) => ({ id, changeId }));
    return { status: 200, json: { items, ...next(start, all.length) } };
  }

  #list(page: string | undefined): Reply {
    const start = Number(page ?? 0);
    const all = [...this.records.keys()];
    const items = all.slice(start, start + PAGE).flatMap((id) => {
      const state = this.seen(id);
      const item = state?.state === 'present' ? this.listed(id, state) : undefined;
      return item === undefined ? [] : [item];
    });
    return { status: 200, json: { items, ...next(start, all.length) } };
  }
}

function next(start: number, total: number): { next?: string } {
  return start + PAGE < total ? { next: String(start + PAGE) } : {};
}

function add(counter: Map<string, number>, key: string, by: number): void {
  counter.set(key, (counter.get(key) ?? 0) + by);
}

export function logsOf(of: (field: FieldName) => readonly Entry[]): Snapshot['logs'] {
  return {
    name: of('name'),
    nick: of('nick'),
    phone: of('phone'),
    tags: of('tags'),
    score: of('score'),
    consent: of('consent'),
    city: of('city'),
    memo: of('memo'),
    badge: of('badge'),
    title: of('title'),
    email: of('email'),
  };
}
