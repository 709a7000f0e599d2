import type { Work } from '../../engine/engine.ts';
import { WORKER_TIMEOUT } from '../../engine/flow.ts';
import type { Clock, Millis } from '../../engine/ports.ts';

/** What of Lambda's second argument is used. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** Left of Lambda's own limit for putting away what was aborted. */
const RESERVE: Millis = 2_000;

/**
 * One invocation. At its deadline everything is aborted and sockets are destroyed; what was left in the
 * background has ended before it resolves, so that nothing runs on into the next invocation. Work that does
 * not end although it was aborted is ended by Lambda's own timeout, and its messages come back.
 */
export async function invoke<T>(
  clock: Clock,
  context: LambdaContext,
  run: (work: Work) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController();
  const finished = new AbortController();
  const left: Promise<unknown>[] = [];
  const span = Math.max(0, Math.min(context.getRemainingTimeInMillis(), WORKER_TIMEOUT) - RESERVE);
  const deadline = clock.now() + span;
  const watch = clock.sleep(span, finished.signal).then(
    () => timeout.abort(new Error('the worker reached its time limit')),
    () => undefined,
  );
  try {
    return await run({ deadline, signal: timeout.signal, background: (task) => void left.push(task) });
  } finally {
    await Promise.allSettled(left);
    finished.abort();
    await watch;
  }
}
