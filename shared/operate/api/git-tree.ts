import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from './problem.ts';

const run = promisify(execFile);

/** Marks folders of ours, so that nothing else is ever removed. */
export const TREE_PREFIX = 'intertie-mapping-';

/** The commit that a ref of the repository at `root` names; throws a Problem when there is none. */
export async function commitOf(root: string, ref: string): Promise<string> {
  if (!/^[\w@][\w./@^~{}+-]*$/.test(ref))
    throw new Problem(
      400,
      `"${ref}" is no name of a git ref`,
      'e.g. --mapping-from main or --mapping-from HEAD~1',
    );
  if (!existsSync(join(root, '.git')))
    throw new Problem(
      409,
      'the code that answers is no git checkout, so it has no other refs',
      'run it from a clone: npm start, or the CLI with --stage',
    );
  try {
    const { stdout } = await run('git', ['-C', root, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
    return stdout.trim();
  } catch (error) {
    if (isMissing(error)) throw noGit();
    throw noRef(ref);
  }
}

/** The code of a commit in a temporary folder, with the packages that are installed now. */
export async function extract(root: string, commit: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), TREE_PREFIX));
  try {
    const tar = join(dir, 'tree.tar');
    await run('git', [
      '-C',
      root,
      'archive',
      '--format=tar',
      '-o',
      tar,
      commit,
      '--',
      'functions',
      'shared',
      'package.json',
    ]);
    await run('tar', ['-xf', tar, '-C', dir]);
    rmSync(tar);
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
    return dir;
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    if (isMissing(error)) throw noGit();
    throw notUnpacked(commit, error);
  }
}

function noRef(ref: string): Problem {
  return new Problem(
    404,
    `git knows no ref "${ref}" here`,
    'git branch -a and git tag list them; fetch it first',
  );
}

function notUnpacked(commit: string, error: unknown): Problem {
  return new Problem(
    409,
    `the code of ${commit.slice(0, 12)} cannot be unpacked: ${lastLine(error)}`,
    'it needs the folders functions and shared, and room in the temporary folder',
  );
}

function noGit(): Problem {
  return new Problem(
    409,
    'git or tar is not installed where the code runs',
    'install both, or leave out --mapping-from',
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function lastLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? '';
}
