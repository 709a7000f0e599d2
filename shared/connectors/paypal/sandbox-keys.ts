import type { Reply } from './sandbox-replies.ts';

/** What a request id is known for: its request is still at work, or what it made, shown as it is now. */
export type KeyState = { kind: 'at-work' } | { kind: 'done'; show: () => Reply };

/**
 * Request ids ("Idempotency"): a repetition is answered with the latest state of what the first request made,
 * whatever its body says. Requests that failed keep nothing, so a repetition is carried out.
 */
export class Keys {
  readonly #kept = new Map<string, { state: KeyState; until: number }>();

  find(key: string, now: number): KeyState | undefined {
    const kept = this.#kept.get(key);
    return kept && kept.until > now ? kept.state : undefined;
  }

  set(key: string, state: KeyState, until: number): void {
    this.#kept.set(key, { state, until });
  }

  release(key: string): void {
    this.#kept.delete(key);
  }

  prune(): void {
    for (const [key, { state }] of this.#kept) if (state.kind === 'done') this.#kept.delete(key);
  }
}
