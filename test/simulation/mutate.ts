import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REAL_ENGINE } from './code.ts';
import type { Mutant } from './mutants.ts';

/** Inside node_modules, so that the copies find their packages and no tool looks at them. */
const COPIES = join(import.meta.dirname, '../../node_modules/.cache/intertie-mutants');

/** A copy of the engine with the mutant's edits; each must find its text exactly once, or the mutant has rotted. */
export function mutate(mutant: Mutant): string {
  const folder = join(COPIES, `${process.pid}`, mutant.name.replaceAll(/[^a-z0-9]+/gi, '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(REAL_ENGINE, folder, { recursive: true });
  // Type stripping is refused below node_modules, so the copy gets its types stripped here.
  for (const edit of mutant.edits) {
    const file = join(folder, edit.file);
    const text = readFileSync(file, 'utf8');
    const found = text.split(edit.find).length - 1;
    if (found !== 1)
      throw new Error(`mutant "${mutant.name}": its text is ${found} times in ${edit.file} and must be there once; the engine has changed, so change test/simulation/mutants.ts`);
    writeFileSync(file, text.replace(edit.find, () => edit.replace));
  }
  return folder;
}

export function removeCopies(): void {
  rmSync(join(COPIES, `${process.pid}`), { recursive: true, force: true });
}
