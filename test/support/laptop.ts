import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';

const root = join(import.meta.dirname, '..', '..');

/** Everything that `npm start` starts, as a process of its own, on a free port and a directory of its own. */
export interface Laptop {
  url: string;
  /** What it has printed so far. */
  said(): string;
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** Throws when it is refused. */
  post(path: string, body?: object): Promise<void>;
  /** Ends it with a signal; resolves with its exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | string>;
}

export function dataDirectory(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'intertie-laptop-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

export async function startLaptop(dir: string, ...more: string[]): Promise<Laptop> {
  const main = join(root, 'shared/hosts/embedded/main.ts');
  const child = spawn(process.execPath, [main, '--port', '0', '--data', dir, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const url = await until('it is ready', async () => {
    if (child.exitCode !== null) throw new Error(`it ended instead of starting: ${text}`);
    return /^ready (http:\S+)$/m.exec(text)?.[1];
  });
  return {
    url,
    said: () => text,
    get: async (path, schema) => schema.parse(await (await fetch(`${url}${path}`)).json()),
    post: async (path, body = {}) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body), headers });
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    },
    end: (signal) => ended(child, signal),
  };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | string> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode ?? '';
  const exit = once(child, 'exit');
  child.kill(signal);
  const [code, by] = await exit;
  return code ?? by;
}

/** Looks again and again until there is an answer; a bound on the number of looks, not on what they mean. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  looks = 500,
): Promise<T> {
  for (let at = 0; at < looks; at += 1) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await sleep(100);
  }
  throw new Error(`waited in vain until ${what}`);
}

/** Runs the operator's CLI against it. */
export async function runIntertie(
  url: string,
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [join(root, 'shared/operate/cli.ts'), ...argv, '--url', url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code, ...said };
}
