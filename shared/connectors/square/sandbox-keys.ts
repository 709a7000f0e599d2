/** The answer that was given first to a key, or that its request is at work. */
export type KeyState = { kind: 'at-work' } | { kind: 'answered'; status: number; body: string };

interface Kept {
  readonly fingerprint: string;
  readonly at: number;
  state: KeyState;
}

/** Chosen: Square does not publish how long it keeps a key. */
const KEPT = 86_400_000;

/** Idempotency keys by operation, each with its first answer. */
export class Keys {
  readonly #kept = new Map<string, Kept>();

  /** Undefined = never seen, or pruned; `other` = it belongs to a request with another body. */
  find(key: string, fingerprint: string, now: number): KeyState | 'other' | undefined {
    const kept = this.#kept.get(key);
    if (!kept || kept.at + KEPT <= now) return undefined;
    return kept.fingerprint === fingerprint ? kept.state : 'other';
  }

  begin(key: string, fingerprint: string, at: number): void {
    this.#kept.set(key, { fingerprint, at, state: { kind: 'at-work' } });
  }

  answer(key: string, status: number, body: string): void {
    const kept = this.#kept.get(key);
    if (kept) kept.state = { kind: 'answered', status, body };
  }

  /** The request ended before it was carried out: the key is free again. */
  release(key: string): void {
    this.#kept.delete(key);
  }

  prune(): void {
    for (const [key, { state }] of this.#kept) if (state.kind === 'answered') this.#kept.delete(key);
  }
}
