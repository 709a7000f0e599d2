import type { Work } from '../../engine/engine.ts';
import { Fault } from '../../engine/fault.ts';
import { Problem } from './problem.ts';
import type { Invoke } from './record-answer.ts';

/** Runs what asks the vendors; that they cannot be asked now is a Problem that says why. */
export async function asking<T>(invoke: Invoke, run: (work: Work) => Promise<T>): Promise<T> {
  try {
    const answer = await invoke(run);
    if (answer !== undefined) return answer;
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    throw cannotBeAsked(thrown);
  }
  throw new Problem(503, 'the vendors took too long to answer', 'ask again in a minute, for fewer records');
}

function cannotBeAsked({ kind, message, mend }: Fault): Problem {
  const hint = mend ?? 'ask again in a minute; the status shows what is held or paused';
  return new Problem(503, `${kind}: ${message}`, hint);
}
