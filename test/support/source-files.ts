import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
const GENERATED = new Set(['node_modules', '.git', '.intertie', 'cdk.out', 'package-lock.json']);

/** One file of the repository, by its path from the root. */
export interface RepositoryFile {
  path: string;
  text: string;
}

export interface Import {
  /** A path from the root, or the package's name as written. */
  target: string;
  /** Erased before the program runs. */
  typeOnly: boolean;
  /** As written between `import` and `from`. */
  names: string;
}

/** Every text file that people wrote, sorted by path. */
export function repositoryFiles(folder = ''): RepositoryFile[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => !GENERATED.has(entry.name) && !entry.name.endsWith('.log'))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return repositoryFiles(path);
      return entry.isFile() ? [{ path, text: readFileSync(join(ROOT, path), 'utf8') }] : [];
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Names directly below a folder; empty when there is no such folder. */
export function entriesOf(folder: string): { folders: string[]; files: string[] } {
  try {
    const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
    const names = (wanted: boolean) =>
      entries.filter((each) => each.isDirectory() === wanted).map((each) => each.name);
    return { folders: names(true).toSorted(), files: names(false).toSorted() };
  } catch {
    return { folders: [], files: [] };
  }
}

const STATIC = /^(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s+'([^']+)'/gm;
const BARE = /^import\s+'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g;

export function importsOf(file: RepositoryFile): Import[] {
  const text = withoutComments(file.text);
  const resolve = (target: string) =>
    target.startsWith('.') ? posix.join(posix.dirname(file.path), target) : target;
  return [
    ...[...text.matchAll(STATIC)].map(([, type, names = '', target = '']) => ({
      target: resolve(target),
      typeOnly: type !== undefined,
      names,
    })),
    ...[...text.matchAll(BARE), ...text.matchAll(DYNAMIC)].map(([, target = '']) => ({
      target: resolve(target),
      typeOnly: false,
      names: '',
    })),
  ];
}

/** Comments blanked, lines kept. Strings are matched first, so that `'http://x'` is not taken for a comment. */
export function withoutComments(text: string): string {
  const token = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replaceAll(token, (found) => (found.startsWith('/') ? found.replaceAll(/[^\n]/g, ' ') : found));
}

/** Comments and the text of plain strings blanked; template literals stay, for the code inside them. */
export function withoutWords(text: string): string {
  return withoutComments(text).replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}
