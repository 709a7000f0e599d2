import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type * as z from 'zod';
import { until } from '../support/laptop.ts';

/** `npm start` with its vendors, in a process group that can be killed as one. */
export interface Killable {
  /** Resolves when it takes traffic. */
  ready(): Promise<void>;
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** Throws when it is refused. */
  post<T>(path: string, schema: z.ZodType<T>, body?: object): Promise<T>;
  /** Every process of the group dies at once, in the middle of whatever it does. */
  kill(): Promise<void>;
  killed(): boolean;
  url(): string;
  /** What it has printed so far. */
  said(): string;
}

const MAIN = join(import.meta.dirname, '../../shared/hosts/embedded/main.ts');

export function startKillable({
  dir,
  patrons,
  later,
}: {
  dir: string;
  patrons: number /** Its clocks, in milliseconds. */;
  later: number;
}): Killable {
  return spawnKillable([MAIN, '--port', '0', '--data', dir, '--patrons', String(patrons)], later);
}

/** Any program that prints `ready <url>`, its clocks set that many milliseconds ahead. */
export function spawnKillable(program: readonly string[], later: number): Killable {
  // Reaches the vendors too: a forked process takes over what its parent was started with.
  const clock = `data:text/javascript,const now=Date.now;Date.now=()=>now()+${later}`;
  const argv = ['--import', clock, ...program];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const gone = once(child, 'exit');
  let [text, killed] = ['', false];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  const killGroup = () => {
    if (killed || child.pid === undefined) return;
    killed = true;
    if (child.exitCode !== null) throw new Error(`it ended by itself: ${text.slice(-2_000)}`);
    process.kill(-child.pid, 'SIGKILL');
  };
  process.once('exit', killGroup);
  const url = () => /^ready (http:\S+)$/m.exec(text)?.[1];
  const call = async <T>(path: string, schema: z.ZodType<T>, init: RequestInit): Promise<T> => {
    const answer = await fetch(`${url()}${path}`, init);
    if (!answer.ok)
      throw new Error(
        `${path} answered ${answer.status}: ${await answer.text()}\nit said: ${text.slice(-2_000)}`,
      );
    return schema.parse(await answer.json());
  };
  return {
    async ready() {
      await until('it is ready', async () => {
        if (child.exitCode !== null) throw new Error(`it ended instead of starting: ${text}`);
        return url();
      });
    },
    get: (path, schema) => call(path, schema, {}),
    post: (path, schema, body = {}) =>
      call(path, schema, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    async kill() {
      process.off('exit', killGroup);
      killGroup();
      await gone;
    },
    killed: () => killed,
    url: () => url() ?? '',
    said: () => text,
  };
}
