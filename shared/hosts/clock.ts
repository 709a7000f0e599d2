import { randomFillSync, randomInt } from 'node:crypto';
import type { Clock, Random } from '../engine/ports.ts';

/** The machine's clock and timers. */
export const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, ms);
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
    }),
};

/** `randomInt` takes a range below 2^48. */
const STEPS = 2 ** 48 - 1;

const TOKEN_BYTES = 16;
/** Asking the system for 16 bytes costs as much as asking it for thousands. */
const pool = Buffer.alloc(256 * TOKEN_BYTES);
let used = pool.length;

/** The operating system's randomness. */
export const random: Random = {
  next: () => randomInt(STEPS) / STEPS,
  token: () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += TOKEN_BYTES;
    return pool.toString('base64url', used - TOKEN_BYTES, used);
  },
};
