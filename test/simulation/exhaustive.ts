import type { Code } from './code.ts';
import { SmallWorld, type Trouble } from './small-world.ts';

export interface Explored {
  /** Different states in which somebody had a choice. */
  states: number;
  /** Runs that came to their end; the others met a state that was known already. */
  endings: number;
  runs: number;
  problem?: { text: string; steps: string[] };
}

/**
 * Tries every order of everything in the small scenario. Promises cannot be forked, so each branch is run
 * again from the start along its recorded choices; a state that was seen before is not followed twice.
 */
export async function explore(
  code: Code,
  trouble: Trouble,
  progress: (found: Explored) => void = () => undefined,
): Promise<Explored> {
  const seen = new Set<string>();
  const todo: number[][] = [[]];
  const found: Explored = { states: 0, endings: 0, runs: 0 };
  for (let path = todo.pop(); path && !found.problem; path = todo.pop()) {
    found.runs += 1;
    await follow(new SmallWorld(code, trouble), path, { seen, todo, found });
    found.states = seen.size;
    if (found.runs % 500 === 0) progress(found);
  }
  return found;
}

async function follow(
  small: SmallWorld,
  path: number[],
  search: { seen: Set<string>; todo: number[][]; found: Explored },
): Promise<void> {
  const steps: string[] = [];
  for (let depth = 0; depth < LONGEST; depth += 1) {
    await quiet();
    const options = await optionsOf(small);
    if (options.length === 0) {
      search.found.endings += 1;
      const text = small.verdict();
      if (text !== undefined) search.found.problem = { text, steps };
      return;
    }
    if (depth >= path.length) {
      const key = small.key();
      if (search.seen.has(key)) return;
      search.seen.add(key);
      for (let other = options.length - 1; other > 0; other -= 1) search.todo.push([...path, other]);
      path.push(0);
    }
    const option = options[path[depth] ?? 0];
    steps.push(option?.what ?? '');
    option?.take();
  }
  search.found.problem = { text: `no end after ${LONGEST} steps`, steps };
}

const LONGEST = 500;

/** Waking a sleeper gives nobody a choice by itself, so it is asked again once the sleeper has gone on. */
async function optionsOf(small: SmallWorld): Promise<ReturnType<SmallWorld['options']>> {
  for (;;) {
    const before = small.world.now;
    const options = small.options();
    if (small.world.now === before) return options;
    await quiet();
  }
}

function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
