import { normalise, type PropertyDefinition, standardProperties } from './sandbox-properties.ts';

/** Values by property name; only properties that have one. */
export type Values = ReadonlyMap<string, string>;

/** One contact. Its values are one string, so that a million of them fit into a few hundred megabytes. */
export interface Row {
  readonly id: number;
  readonly packed: string;
  readonly created: number;
  readonly updated: number;
}

const FIRST_ID = 51_000_001;
/** The search index lags by 2 to 30 seconds. */
const LAG = { least: 2_000, spread: 28_000 };

/** All contacts of one account: unique values enforced, deletions kept in the recycle bin, merges remembered. */
export class ContactStore {
  readonly properties: Map<string, PropertyDefinition> = standardProperties();
  creates = 0;
  /** Changes of contacts and properties so far. */
  changes = 0;
  readonly #now: () => number;
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #rows = new Map<number, Row>();
  readonly #bin = new Map<number, Row>();
  readonly #mergedInto = new Map<number, number>();
  readonly #holders = new Map<string, Map<string, number>>();
  /** What the search index still shows of records that changed a moment ago. */
  readonly #unindexed = new Map<number, { before: Row | undefined; until: number }>();
  #nextId = FIRST_ID;
  #uniqueValues = 0;

  /** The sandbox's clock. */
  constructor(now: () => number) {
    this.#now = now;
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

  /** Unique values that more than one contact holds: 0 unless the store itself is wrong. */
  get duplicates(): number {
    let held = 0;
    for (const holders of this.#holders.values()) held += holders.size;
    return this.#uniqueValues - held;
  }

  /** A live contact; the id of one that was merged away finds its survivor. */
  get(id: number): Row | undefined {
    const into = this.#mergedInto.get(id);
    return into === undefined ? this.#rows.get(id) : this.get(into);
  }

  isUnique(name: string): boolean {
    return name === 'email' || this.properties.get(name)?.hasUniqueValue === true;
  }

  holder(name: string, value: string): number | undefined {
    return this.#holders.get(name)?.get(normalise(name, value));
  }

  /** The first unique value among these that another contact holds. */
  conflict(values: Values, self?: number): { property: string; id: number } | undefined {
    for (const [property, value] of this.#uniqueIn(values)) {
      const id = this.holder(property, value);
      if (id !== undefined && id !== self) return { property, id };
    }
    return undefined;
  }

  create(values: Values): Row {
    const now = this.#now();
    const row = { id: this.#nextId, packed: this.#pack(values), created: now, updated: now };
    this.#nextId += 1;
    this.creates += 1;
    this.changes += 1;
    this.#rows.set(row.id, row);
    this.#hold(row.id, values);
    return row;
  }

  /** Sets these values and keeps the others; an empty one clears. Unchanged values do not move `updated`. */
  update(row: Row, changes: Values): Row {
    const before = this.values(row);
    const after = new Map(before);
    for (const [name, value] of changes) {
      if (value === '') after.delete(name);
      else after.set(name, value);
    }
    const packed = this.#pack(after);
    if (packed === row.packed) return row;
    const updated = { ...row, packed, updated: this.#now() };
    this.#note(row);
    this.#release(row.id, before);
    this.#hold(row.id, after);
    this.#rows.set(row.id, updated);
    return updated;
  }

  /** To the recycle bin; its unique values are free again. */
  archive(row: Row): void {
    this.#note(row);
    this.#release(row.id, this.values(row));
    this.#rows.delete(row.id);
    this.#bin.set(row.id, row);
  }

  /** A new record takes the place of both; where both have a value, the primary's holds. */
  merge(primary: Row, other: Row): Row {
    const merged = new Map([...this.values(other), ...this.values(primary)]);
    const otherEmail = this.values(other).get('email');
    if (otherEmail !== undefined && otherEmail !== merged.get('email'))
      merged.set('hs_additional_emails', otherEmail);
    merged.set('hs_merged_object_ids', `${primary.id};${other.id}`);
    for (const row of [primary, other]) {
      this.#note(row);
      this.#release(row.id, this.values(row));
      this.#rows.delete(row.id);
    }
    const survivor = this.create(merged);
    this.creates -= 1;
    this.#mergedInto.set(primary.id, survivor.id);
    this.#mergedInto.set(other.id, survivor.id);
    return survivor;
  }

  /** Live contacts with an id above `after`, in the order of their ids. */
  *after(after: number): Generator<Row> {
    for (let id = Math.max(after + 1, FIRST_ID); id < this.#nextId; id += 1) {
      const row = this.#rows.get(id);
      if (row) yield row;
    }
  }

  /** What the search index shows now. */
  *indexed(): Generator<Row> {
    const now = this.#now();
    for (const row of this.#rows.values()) {
      const late = this.#unindexed.get(row.id);
      if (late && late.until > now) continue;
      if (row.created + lagOf(row.id) <= now) yield row;
    }
    for (const { before, until } of this.#unindexed.values()) if (before && until > now) yield before;
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

  #hold(id: number, values: Values): void {
    for (const [name, value] of this.#uniqueIn(values)) {
      const holders = this.#holders.get(name) ?? new Map<string, number>();
      this.#holders.set(name, holders.set(value, id));
      this.#uniqueValues += 1;
    }
  }

  #release(id: number, values: Values): void {
    for (const [name, value] of this.#uniqueIn(values)) {
      if (this.holder(name, value) === id) this.#holders.get(name)?.delete(value);
      this.#uniqueValues -= 1;
    }
  }

  /** An additional e-mail address is as unique as the primary one. */
  *#uniqueIn(values: Values): Generator<[string, string]> {
    for (const [name, value] of values) {
      if (name === 'hs_additional_emails')
        yield* value.split(';').map((each): [string, string] => ['email', each]);
      else if (value !== '' && this.isUnique(name)) yield [name, value];
    }
  }

  /** Keeps what the index still shows of a contact before a change; of a new one it shows nothing. */
  #note(before: Row): void {
    this.changes += 1;
    const now = this.#now();
    for (const [oldest, { until }] of this.#unindexed) {
      if (until > now) break;
      this.#unindexed.delete(oldest);
    }
    const shown = before.created + lagOf(before.id) <= now ? before : undefined;
    if (!this.#unindexed.has(before.id))
      this.#unindexed.set(before.id, { before: shown, until: now + lagOf(before.id) });
  }
}

/** Different for each contact, the same in every run. */
function lagOf(id: number): number {
  return LAG.least + ((Math.imul(id, 0x9e3779b1) >>> 0) % LAG.spread);
}
