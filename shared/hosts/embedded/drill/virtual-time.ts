import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Millis } from '../../../engine/ports.ts';

/** Turns of the event loop without work after which nothing more happens by itself. */
const QUIET_TURNS = 4;

/** Time that stands still while anything real is under way, and then jumps to the next moment somebody waits for. */
export interface VirtualTime {
  readonly clock: Clock;
  /** Time does not pass while this runs. */
  during<T>(real: Promise<T>): Promise<T>;
  /** The same clock for what is called `during` something and takes its time there. */
  pause(ms: Millis): Promise<void>;
  /** Somebody should look then. */
  at(moment: Millis, look: () => void): void;
  pass(until: Millis): Promise<void>;
}

interface Waiting {
  at: Millis;
  wake(): void;
}

/** Begins at `start`. */
export function virtualTime(start: Millis): VirtualTime {
  let now = start;
  let busy = 0;
  const waiting = new Set<Waiting>();
  const wait = (at: Millis, wake: () => void): (() => void) => {
    const one = { at: Math.ceil(at), wake };
    waiting.add(one);
    return () => waiting.delete(one);
  };
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          forget();
          reject(signal?.reason);
        };
        const forget = wait(now + ms, () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        signal?.addEventListener('abort', abort, { once: true });
      }),
  };
  const quiet = async () => {
    for (let turns = 0; turns < QUIET_TURNS; turns = busy === 0 ? turns + 1 : 0) await turn();
  };
  return {
    clock,
    at: (moment, look) => void wait(moment, look),
    during: async (real) => {
      busy += 1;
      return await real.finally(() => {
        busy -= 1;
      });
    },
    pause: async (ms) => {
      busy -= 1;
      await clock.sleep(ms);
      busy += 1;
    },
    pass: async (until) => {
      for (;;) {
        await quiet();
        const next = earliest(waiting);
        if (!next || next.at > until) break;
        now = Math.max(now, next.at);
        waiting.delete(next);
        next.wake();
      }
      now = Math.max(now, until);
    },
  };
}

function earliest(waiting: Iterable<Waiting>): Waiting | undefined {
  let found: Waiting | undefined;
  for (const each of waiting) if (!found || each.at < found.at) found = each;
  return found;
}
