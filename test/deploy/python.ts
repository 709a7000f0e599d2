import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
export const CACHE = join(ROOT, 'node_modules', '.cache', 'intertie');

/** What CI takes from PyPI; exact versions, in an environment of their own that nothing else sees. */
export const PYTHON_TOOLS = { ministack: '1.5.33', 'cfn-lint': '1.58.0', checkov: '3.3.30' } as const;
export type PythonTool = keyof typeof PYTHON_TOOLS;

/** The folder of the tool's programs; installed at the first use, which needs python3 with venv. */
export async function pythonTool(tool: PythonTool): Promise<string> {
  const version = PYTHON_TOOLS[tool];
  const home = join(CACHE, `${tool}-${version}`);
  const bin = join(home, 'bin');
  if (existsSync(join(bin, tool))) return bin;
  mkdirSync(CACHE, { recursive: true });
  await run('python3', ['-m', 'venv', home]);
  await run(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', `${tool}==${version}`]);
  return bin;
}

export interface Ran {
  code: number;
  out: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** Resolves with the exit status instead of throwing. */
  mayFail?: boolean;
}

/** Runs a program to its end; throws with the end of its output when it fails. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (out += chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  });
  if (code !== 0 && !options.mayFail)
    throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${out.slice(-3_000)}`);
  return { code, out };
}
