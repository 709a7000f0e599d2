import { Fault } from './fault.ts';

/**
 * Calls a bulk operation; when the vendor refuses the whole of it without naming a record, halves it until
 * the refused record stands alone. Every other fault is the whole batch's.
 */
export async function inHalves<T>(
  batch: readonly T[],
  call: (part: readonly T[]) => Promise<void>,
  refused: (single: T, fault: Fault) => void,
): Promise<void> {
  if (batch.length === 0) return;
  try {
    await call(batch);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || !(thrown.kind === 'rejected' || thrown.kind === 'conflict'))
      throw thrown;
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) return refused(only, thrown);
    const middle = Math.ceil(batch.length / 2);
    await inHalves(batch.slice(0, middle), call, refused);
    await inHalves(batch.slice(middle), call, refused);
  }
}
