import type { Work } from '../../engine/engine.ts';
import { WORKER_TIMEOUT } from '../../engine/flow.ts';
import type { Clock } from '../../engine/ports.ts';

/** What ends an invocation before its time. */
export interface Ends {
  /** Asks it to end: its `signal` aborts and its own last words are waited for. */
  stop?: AbortSignal;
  /** It is dead now, whatever still runs. */
  kill: AbortSignal;
}

/**
 * One invocation with its hard deadline: `signal` aborts then, and the result is undefined, whatever still
 * runs. What it left in the background may end before this resolves.
 */
export async function invoke<T>(
  clock: Clock,
  ends: Ends,
  run: (work: Work) => Promise<T>,
): Promise<T | undefined> {
  const timeout = new AbortController();
  const finished = new AbortController();
  const killed = AbortSignal.any([timeout.signal, ends.kill]);
  const signal = ends.stop ? AbortSignal.any([killed, ends.stop]) : killed;
  const deadline = clock.now() + WORKER_TIMEOUT;
  clock.sleep(WORKER_TIMEOUT, finished.signal).then(
    () => timeout.abort(new Error('the worker reached its time limit')),
    () => undefined,
  );
  const left: Promise<unknown>[] = [];
  const dead = aborted(killed, finished.signal);
  try {
    const work: Work = { deadline, signal, background: (task) => void left.push(task) };
    const result = await Promise.race([run(work), dead]);
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
