import type { Values } from './sandbox-row.ts';

/** Which record holds which value of the properties that may not repeat. */
export class UniqueValues {
  readonly #isUnique: (name: string) => boolean;
  readonly #normalise: (name: string, value: string) => string;
  readonly #holders = new Map<string, Map<string, number>>();
  #held = 0;

  constructor(isUnique: (name: string) => boolean, normalise: (name: string, value: string) => string) {
    this.#isUnique = isUnique;
    this.#normalise = normalise;
  }

  /** Values that more than one record holds: 0 unless the store itself is wrong. */
  get duplicates(): number {
    let distinct = 0;
    for (const holders of this.#holders.values()) distinct += holders.size;
    return this.#held - distinct;
  }

  holder(name: string, value: string): number | undefined {
    return this.#holders.get(name)?.get(this.#normalise(name, value));
  }

  /** The first of these values that another record holds. */
  conflict(values: Values, self?: number): { property: string; id: number } | undefined {
    for (const [property, value] of this.#of(values)) {
      const id = this.holder(property, value);
      if (id !== undefined && id !== self) return { property, id };
    }
    return undefined;
  }

  hold(id: number, values: Values): void {
    for (const [name, value] of this.#of(values)) {
      const holders = this.#holders.get(name) ?? new Map<string, number>();
      this.#holders.set(name, holders.set(value, id));
      this.#held += 1;
    }
  }

  release(id: number, values: Values): void {
    for (const [name, value] of this.#of(values)) {
      if (this.holder(name, value) === id) this.#holders.get(name)?.delete(value);
      this.#held -= 1;
    }
  }

  /** An additional e-mail address is as unique as the primary one. */
  *#of(values: Values): Generator<[string, string]> {
    for (const [name, value] of values) {
      if (name === 'hs_additional_emails')
        yield* value.split(';').map((each): [string, string] => ['email', each]);
      else if (value !== '' && this.#isUnique(name)) yield [name, value];
    }
  }
}
