import type { Clock, Millis, Random } from '../../../shared/engine/ports.ts';

/** Time stands still until `advance`, which wakes every sleeper at its own moment, in order. */
export interface VirtualClock extends Clock {
  advance(ms: Millis): Promise<void>;
  /** The moment of the next sleeper; undefined when nobody sleeps. */
  nextWake(): Millis | undefined;
}

interface Sleeper {
  at: Millis;
  wake(): void;
}

export function virtualClock(start: Millis = 1_700_000_000_000): VirtualClock {
  const sleepers = new Set<Sleeper>();
  let now = start;
  const next = () => [...sleepers].sort((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    nextWake: () => next()?.at,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        };
        const sleeper: Sleeper = { at: Math.ceil(now + ms), wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', abort, { once: true });
      }),
    advance: async (ms) => {
      const end = now + ms;
      await settled();
      for (let sleeper = next(); sleeper && sleeper.at <= end; sleeper = next()) {
        now = Math.max(now, sleeper.at);
        sleepers.delete(sleeper);
        sleeper.wake();
        await settled();
      }
      now = end;
    },
  };
}

/** Everything that can run without time passing has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The same seed gives the same numbers and tokens (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const word = () =>
    Math.floor(next() * 4_294_967_296)
      .toString(16)
      .padStart(8, '0');
  return { next, token: () => word() + word() + word() + word() };
}
