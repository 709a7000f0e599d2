import { SingleBar } from 'cli-progress';
import type { Register } from './register.ts';

/** On standard error, so that standard output stays the answer alone; nothing where there is no terminal. */
export function progress(
  register: Register,
  title: string,
): { at(value: number, total: number): void; end(): void } {
  if (!register.surroundings.terminal) return { at: () => undefined, end: () => undefined };
  const bar = new SingleBar({
    format: `${title} [{bar}] {value}/{total}`,
    hideCursor: true,
    stream: process.stderr,
  });
  bar.start(1, 0);
  return {
    at(value, total) {
      bar.setTotal(Math.max(total, value, 1));
      bar.update(value);
    },
    end: () => bar.stop(),
  };
}
