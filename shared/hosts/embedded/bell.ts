import type { Clock, Millis } from '../../engine/ports.ts';

/** Wakes one loop: rung by whoever has something for it, and by time. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring (true), after `atMost` or when the lane stops (false). A ring nobody waited for is kept. */
  rung(atMost: Millis): Promise<boolean>;
}

/** One waiter at a time; `stopping` ends every wait. */
export function makeBell(clock: Clock, stopping: AbortSignal): Bell {
  let waiting = false;
  let answer: ((rung: boolean) => void) | undefined;
  stopping.addEventListener('abort', () => answer?.(false), { once: true });
  return {
    ring() {
      if (answer) answer(true);
      else waiting = true;
    },
    rung(atMost) {
      if (stopping.aborted) return Promise.resolve(false);
      if (waiting) {
        waiting = false;
        return Promise.resolve(true);
      }
      const over = new AbortController();
      return new Promise<boolean>((resolve) => {
        answer = (rung) => {
          answer = undefined;
          over.abort();
          resolve(rung);
        };
        clock.sleep(atMost, over.signal).then(
          () => {
            if (!over.signal.aborted) answer?.(false);
          },
          () => undefined,
        );
      });
    },
  };
}
