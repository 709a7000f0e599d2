import { type Author, BY_MERGE } from './sandbox-author.ts';
import { PropertyHistory } from './sandbox-history.ts';
import { SearchIndex } from './sandbox-index.ts';
import type { ObjectKind } from './sandbox-kinds.ts';
import { combined } from './sandbox-merge.ts';
import { normalise, type PropertyDefinition } from './sandbox-properties.ts';
import type { Row, Values } from './sandbox-row.ts';
import { UniqueValues } from './sandbox-unique.ts';

/** Something that happened to a record, for whoever is told: the webhooks, the associations. */
export type StoreChange = { readonly kind: ObjectKind; readonly id: number; readonly author: Author } & (
  | { readonly what: 'creation' | 'deletion' | 'restore' | 'privacyDeletion' }
  | { readonly what: 'propertyChange'; readonly name: string; readonly value: string }
  | { readonly what: 'merge'; readonly merged: number; readonly survivor: number; readonly moved: number }
);

/** What a store needs from outside. */
export interface StoreWorld {
  /** The sandbox's clock. */
  now(): number;
  /** Called after each change; no change of what is stored goes untold. */
  tell(change: StoreChange): void;
}

/** All records of one kind: unique values enforced, deletions kept in the recycle bin, merges remembered. */
export class ObjectStore {
  readonly kind: ObjectKind;
  readonly properties: Map<string, PropertyDefinition>;
  readonly history: PropertyHistory;
  creates = 0;
  readonly #world: StoreWorld;
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #rows = new Map<number, Row>();
  readonly #bin = new Map<number, Row>();
  readonly #mergedInto = new Map<number, number>();
  readonly #unique: UniqueValues;
  readonly #index: SearchIndex;
  #nextId: number;

  constructor(kind: ObjectKind, world: StoreWorld) {
    this.kind = kind;
    this.#world = world;
    this.properties = kind.properties();
    this.history = new PropertyHistory(kind.keptVersions);
    this.#unique = new UniqueValues((name) => this.isUnique(name), normalise);
    this.#index = new SearchIndex(() => world.now());
    this.#nextId = kind.firstId;
  }

  get size(): number {
    return this.#rows.size;
  }

  get binned(): number {
    return this.#bin.size;
  }

  get nextId(): number {
    return this.#nextId;
  }

  /** Unique values that more than one record holds: 0 unless the store itself is wrong. */
  get duplicates(): number {
    return this.#unique.duplicates;
  }

  /** A live record; the id of one that was merged away finds its survivor. */
  get(id: number): Row | undefined {
    const into = this.#mergedInto.get(id);
    return into === undefined ? this.#rows.get(id) : this.get(into);
  }

  /** In the recycle bin. */
  deleted(id: number): Row | undefined {
    return this.#bin.get(id);
  }

  isUnique(name: string): boolean {
    return name === this.kind.emailProperty || this.properties.get(name)?.hasUniqueValue === true;
  }

  holder(name: string, value: string): number | undefined {
    return this.#unique.holder(name, value);
  }

  /** The first unique value among these that another record holds. */
  conflict(values: Values, self?: number): { property: string; id: number } | undefined {
    return this.#unique.conflict(values, self);
  }

  create(values: Values, author: Author): Row {
    this.creates += 1;
    const row = this.#add(values, author);
    const { kind } = this;
    this.#world.tell({ kind, id: row.id, author, what: 'creation' });
    for (const [name, value] of values)
      if (value !== '') this.#world.tell({ kind, id: row.id, author, what: 'propertyChange', name, value });
    // Whoever was told may have changed it further.
    return this.#rows.get(row.id) ?? row;
  }

  /** Sets these values and keeps the others; an empty one clears. Unchanged values do not move `updated`. */
  update(row: Row, changes: Values, author: Author): Row {
    const before = this.values(row);
    const after = new Map(before);
    for (const [name, value] of changes) {
      if (value === '') after.delete(name);
      else after.set(name, value);
    }
    const packed = this.#pack(after);
    if (packed === row.packed) return row;
    const at = this.#world.now();
    const updated = { ...row, packed, updated: at };
    this.#index.note(row);
    this.#unique.release(row.id, before);
    this.#unique.hold(row.id, after);
    this.#rows.set(row.id, updated);
    for (const [name, value] of changes) {
      if ((before.get(name) ?? '') === value) continue;
      this.history.note(row, name, before.get(name), { value, at, author });
      this.#world.tell({ kind: this.kind, id: row.id, author, what: 'propertyChange', name, value });
    }
    return this.#rows.get(row.id) ?? updated;
  }

  /** To the recycle bin; its unique values are free again. */
  archive(row: Row, author: Author): void {
    this.#remove(row);
    this.#bin.set(row.id, row);
    this.#world.tell({ kind: this.kind, id: row.id, author, what: 'deletion' });
  }

  /** Out of the recycle bin, under its old id. */
  restore(row: Row, author: Author): void {
    this.#bin.delete(row.id);
    this.#rows.set(row.id, { ...row, updated: this.#world.now() });
    this.#unique.hold(row.id, this.values(row));
    this.#world.tell({ kind: this.kind, id: row.id, author, what: 'restore' });
  }

  /** For ever, history and recycle bin included. */
  erase(row: Row, author: Author): void {
    if (!this.#bin.delete(row.id)) this.#remove(row);
    this.#index.forget(row.id);
    this.history.forget(row.id);
    this.#world.tell({ kind: this.kind, id: row.id, author, what: 'privacyDeletion' });
    this.#world.tell({ kind: this.kind, id: row.id, author, what: 'deletion' });
  }

  /** A new record takes the place of both; where both have a value, the primary's holds. */
  merge(primary: Row, other: Row, author: Author): Row {
    const [first, second] = [this.values(primary), this.values(other)];
    const values = combined([primary.id, first], [other.id, second]);
    for (const row of [primary, other]) this.#remove(row);
    const survivor = this.#add(values, author);
    this.#joinHistories(survivor, [primary, first], [other, second]);
    for (const row of [primary, other]) this.#mergedInto.set(row.id, survivor.id);
    const moved = [...second.keys()].filter((name) => !first.has(name)).length;
    const merged = other.id;
    this.#world.tell({
      kind: this.kind,
      id: primary.id,
      author,
      what: 'merge',
      merged,
      survivor: survivor.id,
      moved,
    });
    return survivor;
  }

  /** Live records with an id above `after`, in the order of their ids. */
  *after(after: number): Generator<Row> {
    for (let id = Math.max(after + 1, this.kind.firstId); id < this.#nextId; id += 1) {
      const row = this.#rows.get(id);
      if (row) yield row;
    }
  }

  /** What the search index shows now. */
  *indexed(): Generator<Row> {
    yield* this.#index.shown(this.#rows.values());
  }

  values(row: Row): Map<string, string> {
    const values = new Map<string, string>();
    const parts: unknown = JSON.parse(row.packed);
    if (!Array.isArray(parts)) return values;
    for (let at = 0; at < parts.length; at += 2) {
      const name = this.#names[Number(parts[at])];
      if (name !== undefined) values.set(name, String(parts[at + 1]));
    }
    return values;
  }

  #add(values: Values, author: Author): Row {
    const now = this.#world.now();
    const row = { id: this.#nextId, packed: this.#pack(values), created: now, updated: now, author };
    this.#nextId += 1;
    this.#rows.set(row.id, row);
    this.#unique.hold(row.id, values);
    return row;
  }

  /** What both were, and the merge where it changed what was set last. */
  #joinHistories(survivor: Row, ...halves: readonly (readonly [Row, Values])[]): void {
    const values = this.values(survivor);
    const names = halves.flatMap(([row]) => [...this.history.names(row.id)]);
    for (const name of new Set([...values.keys(), ...names])) {
      const lived = halves.flatMap(([row, had]) => [...this.history.of(row, name, had.get(name))]);
      lived.sort((a, b) => b.at - a.at);
      const value = values.get(name) ?? '';
      if ((lived[0]?.value ?? '') !== value) lived.unshift({ value, at: survivor.created, author: BY_MERGE });
      this.history.adopt(survivor.id, name, lived);
    }
  }

  #remove(row: Row): void {
    this.#index.note(row);
    this.#unique.release(row.id, this.values(row));
    this.#rows.delete(row.id);
  }

  #pack(values: Values): string {
    const parts: (number | string)[] = [];
    for (const [name, value] of values) if (value !== '') parts.push(this.#number(name), value);
    return JSON.stringify(parts);
  }

  #number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }
}
