import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import * as z from 'zod';
import { ProblemSchema, type SandboxAnswer, SandboxStateSchema } from '../../operate/answers.ts';
import { Problem } from '../../operate/api/problem.ts';
import type { ControlCommand, ControlResult } from './sandbox-control.ts';
import { type ChildAim, type ChildOptions, ChildReadySchema } from './sandbox-ready.ts';

/** One vendor's sandbox in a process of its own, as the host sees it. */
export interface SandboxProcess {
  readonly vendor: string;
  readonly title: string;
  /** Where it speaks the vendor's protocol. */
  readonly baseUrl: string;
  /** Its state, and one stored record if asked. */
  state(peek?: { record: string; id: string }): Promise<SandboxAnswer>;
  control(command: ControlCommand): Promise<ControlResult>;
  /** Where it sends its webhooks from now on, if its vendor has any; those of before are not kept. */
  aim(url: string): void;
  stop(): Promise<void>;
}

const ResultSchema = z.object({ ids: z.array(z.string()) });
const CHILD = new URL('./sandbox-child.ts', import.meta.url);

/** Resolves when it takes calls; rejects with the child's own words when it cannot start. */
export async function startSandbox(options: ChildOptions): Promise<SandboxProcess> {
  const child = fork(CHILD, [JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A sandbox holds all records of its vendor; the bounds on memory are the host's own.
    execArgv: process.execArgv.filter((flag) => !flag.startsWith('--max-')),
  });
  const { port, controlPort, title } = await ready(child, options.vendor);
  const controlUrl = `http://127.0.0.1:${controlPort}/`;
  return {
    vendor: options.vendor,
    title,
    baseUrl: `http://127.0.0.1:${port}`,
    async state(peek) {
      const query = peek ? `?${new URLSearchParams(peek)}` : '';
      return SandboxStateSchema.parse(await ask(options.vendor, `${controlUrl}${query}`));
    },
    async control(command) {
      const body = JSON.stringify(command);
      return ResultSchema.parse(
        await ask(options.vendor, controlUrl, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
        }),
      );
    },
    aim(url) {
      const said: ChildAim = { webhooks: url };
      child.send(said);
    },
    stop: () => stopChild(child),
  };
}

async function ready(child: ChildProcess, vendor: string): Promise<z.infer<typeof ChildReadySchema>> {
  const early = new AbortController();
  const message = once(child, 'message', { signal: early.signal });
  const exit = once(child, 'exit', { signal: early.signal }).then(() => {
    throw new Error(`the sandbox of ${vendor} ended before it was ready; its own message is above`);
  });
  try {
    const [said] = await Promise.race([message, exit]);
    return ChildReadySchema.parse(said);
  } finally {
    early.abort();
    message.catch(() => undefined);
    exit.catch(() => undefined);
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}

async function ask(vendor: string, url: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, init).catch(() => {
    throw new Problem(
      503,
      `the sandbox of ${vendor} does not answer`,
      'stop npm start and start it again; the sandbox keeps its records',
    );
  });
  const body: unknown = await response.json();
  if (response.ok) return body;
  const problem = ProblemSchema.parse(body);
  throw new Problem(400, problem.error, problem.hint);
}
