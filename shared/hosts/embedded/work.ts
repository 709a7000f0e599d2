import type { Work } from '../../engine/engine.ts';
import { WORKER_TIMEOUT } from '../../engine/flow.ts';
import type { Clock } from '../../engine/ports.ts';

/**
 * One invocation with its hard deadline: `signal` aborts then, or when `killed` does, and the result is
 * undefined, whatever still runs. What it left in the background may end before this resolves.
 */
export async function invoke<T>(
  clock: Clock,
  killed: AbortSignal,
  run: (work: Work) => Promise<T>,
): Promise<T | undefined> {
  const timeout = new AbortController();
  const finished = new AbortController();
  const signal = AbortSignal.any([timeout.signal, killed]);
  const deadline = clock.now() + WORKER_TIMEOUT;
  clock.sleep(WORKER_TIMEOUT, finished.signal).then(
    () => timeout.abort(new Error('the worker reached its time limit')),
    () => undefined,
  );
  const left: Promise<unknown>[] = [];
  const dead = aborted(signal, finished.signal);
  try {
    const result = await Promise.race([
      run({ deadline, signal, background: (task) => void left.push(task) }),
      dead,
    ]);
    await Promise.race([Promise.allSettled(left), dead]);
    return result;
  } finally {
    finished.abort();
  }
}

function aborted(signal: AbortSignal, unless: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true, signal: unless });
  });
}
