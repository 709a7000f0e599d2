import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** A process of the bench that answers one question at a time, by name. */
export interface Child {
  ask<T>(question: string, answer: z.ZodType<T>): Promise<T>;
  /** Lets it end by itself, so that a profile is written. */
  stop(): Promise<void>;
}

const MessageSchema = z.object({ number: z.number(), question: z.string() });
const AnswerSchema = z.object({ number: z.number(), answer: z.unknown() });

const PackageSchema = z.object({ scripts: z.object({ start: z.string() }) });

/** The flags of Node that `npm start` runs the host with. */
function startFlags(): string[] {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const [, ...words] = PackageSchema.parse(JSON.parse(text)).scripts.start.split(' ');
  return words.slice(
    0,
    words.findIndex((word) => word.endsWith('.ts')),
  );
}

/** `options` reach it as JSON in its only argument; a profile of it is written to `profile`, if given. */
export async function startChild(file: string, options: object, profile?: string): Promise<Child> {
  const execArgv = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile];
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(options)], {
    execArgv: [...startFlags(), ...execArgv, '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let number = 0;
  const started: Child = {
    ask: async (question, answer) => {
      number += 1;
      return answer.parse(await reply(child, { number, question }));
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
  await started.ask('ready', z.unknown());
  return started;
}

function reply(child: ChildProcess, asked: z.infer<typeof MessageSchema>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const over = () => {
      child.off('message', heard);
      child.off('exit', ended);
    };
    const heard = (message: unknown) => {
      const { number, answer } = AnswerSchema.parse(message);
      if (number !== asked.number) return;
      over();
      resolve(answer);
    };
    const ended = () => {
      over();
      reject(new Error(`the process ended before it answered "${asked.question}"`));
    };
    child.on('message', heard);
    child.on('exit', ended);
    child.send(asked);
  });
}

/** The other end: answers until its parent goes, then closes and ends. What follows a question's first word is its argument. */
export function serveParent(
  answers: Record<string, (about: string) => unknown>,
  close: () => Promise<void>,
): void {
  process.on('message', async (message) => {
    const { number, question } = MessageSchema.parse(message);
    const [name = '', ...about] = question.split(' ');
    process.send?.({ number, answer: (await answers[name]?.(about.join(' '))) ?? null });
  });
  process.on('disconnect', async () => {
    await close();
    process.exit(0);
  });
}

/** Milliseconds since 1970 with fractions; the processes of one machine agree on it. */
export function moment(): number {
  return performance.timeOrigin + performance.now();
}

export const UsageSchema = z.object({ peakMb: z.number(), cpuSeconds: z.number() });

export function usage(): z.infer<typeof UsageSchema> {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  return { peakMb: maxRSS / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
}
