import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REAL_ENGINE } from './code.ts';
import type { Mutant } from './mutants.ts';

const MODULES = join(import.meta.dirname, '../../node_modules');

export interface EngineCopy {
  /** Its modules; an absolute path. */
  folder: string;
  remove(): void;
}

/** A copy of the engine as it is now: a long hunt compares with one engine, whoever works on it meanwhile. */
export function copyEngine(from = REAL_ENGINE): EngineCopy {
  const root = mkdtempSync(join(tmpdir(), 'intertie-mutant-'));
  const folder = join(root, 'engine');
  cpSync(from, folder, { recursive: true });
  // What the engine imports from outside of its folder is the real thing.
  symlinkSync(MODULES, join(root, 'node_modules'));
  symlinkSync(join(REAL_ENGINE, '../values'), join(root, 'values'));
  return { folder, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** A copy with the mutant's edits; each must find its text exactly once, or the mutant has rotted. */
export function mutate(mutant: Mutant, from = REAL_ENGINE): EngineCopy {
  const { folder, remove } = copyEngine(from);
  try {
    for (const edit of mutant.edits) applyEdit(mutant.name, folder, edit);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, remove };
}

/** One patch; its text must be there once. */
export function applyEdit(name: string, folder: string, edit: Mutant['edits'][number]): void {
  const file = join(folder, edit.file);
  const text = readFileSync(file, 'utf8');
  const found = text.split(edit.find).length - 1;
  if (found !== 1)
    throw new Error(
      `mutant "${name}": its text is ${found} times in ${edit.file} and must be there once; the code has changed, so change the list of mutants in test/simulation`,
    );
  writeFileSync(
    file,
    text.replace(edit.find, () => edit.replace),
  );
}
