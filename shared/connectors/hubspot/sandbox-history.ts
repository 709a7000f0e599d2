import type { Author } from './sandbox-author.ts';

/** One value that a property had; '' = cleared. */
export interface Version {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly author: Author;
}

/** What a history needs to know of a record: who made it, and when. */
export interface Born {
  readonly id: number;
  readonly created: number;
  readonly author: Author;
}

/**
 * The values that properties had, newest first, at most `kept` of each. A value that never changed since its
 * record was created is not stored twice: its only version follows from the record.
 */
export class PropertyHistory {
  readonly #kept: number;
  readonly #changed = new Map<number, Map<string, readonly Version[]>>();

  constructor(kept: number) {
    this.#kept = kept;
  }

  /** `before` is the value until now; undefined = it had none. */
  note(record: Born, name: string, before: string | undefined, version: Version): void {
    this.#put(record.id, name, [version, ...this.of(record, name, before)]);
  }

  of(record: Born, name: string, current: string | undefined): readonly Version[] {
    const noted = this.#changed.get(record.id)?.get(name);
    if (noted) return noted;
    return current === undefined ? [] : [{ value: current, at: record.created, author: record.author }];
  }

  /** Names of properties that ever changed after the record was created. */
  names(id: number): Iterable<string> {
    return this.#changed.get(id)?.keys() ?? [];
  }

  /** The survivor of a merge has lived the lives of both. */
  adopt(id: number, name: string, versions: readonly Version[]): void {
    this.#put(id, name, versions);
  }

  forget(id: number): void {
    this.#changed.delete(id);
  }

  #put(id: number, name: string, versions: readonly Version[]): void {
    const record = this.#changed.get(id) ?? new Map<string, readonly Version[]>();
    this.#changed.set(id, record.set(name, versions.slice(0, this.#kept)));
  }
}
