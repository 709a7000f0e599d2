import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import { HttpFailure, type Ports } from '../../engine/ports.ts';
import { commitOf, extract } from './git-tree.ts';
import { LENT, lend, NotLent } from './lent-ports.ts';
import type { OtherMappings, OtherPlan } from './other-mappings.ts';
import { Problem } from './problem.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const CHILD = join(import.meta.dirname, '..', 'mapping-child.ts');
/** How long a process that was started for a ref waits for more, in milliseconds. */
const IDLE = 30_000;
/** How long it may take for one answer. */
const PATIENCE = 70_000;

const MessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
  z.object({ kind: z.literal('port'), id: z.number(), port: z.enum(LENT), args: z.array(z.unknown()) }),
  z.object({ kind: z.literal('planned'), id: z.number(), items: z.array(z.unknown()) }),
  z.object({
    kind: z.literal('refused'),
    id: z.number(),
    message: z.string(),
    /** Its kind, when it was a vendor's or an account's trouble and not the code's. */
    fault: z.string().optional(),
  }),
]);

type Message = z.infer<typeof MessageSchema>;

/** One process per commit: it runs the engine, the connectors and the flows of that commit, on ports that only read. */
export function gitMappings({ root = ROOT, idle = IDLE } = {}): OtherMappings {
  const running = new Map<string, Promise<MappingProcess>>();
  return {
    async plan(ports, ref, of) {
      const commit = await commitOf(root, ref);
      const known = running.get(commit) ?? MappingProcess.start({ root, commit, idle }, ports);
      running.set(commit, known);
      try {
        const process = await known;
        process.whenOver(() => running.delete(commit));
        return await process.plan(of);
      } catch (error) {
        running.delete(commit);
        throw error;
      }
    },
  };
}

interface Asked {
  resolve(items: readonly unknown[]): void;
  reject(problem: Problem): void;
}

interface Start {
  root: string;
  commit: string;
  idle: number;
}

class MappingProcess {
  readonly #child: ChildProcess;
  readonly #commit: string;
  readonly #asked = new Map<number, Asked>();
  #last = 0;
  #triedToWrite = false;
  readonly #wait: number;
  #idle: NodeJS.Timeout | undefined;
  #over: () => void = () => undefined;

  private constructor(child: ChildProcess, commit: string, idle: number) {
    this.#child = child;
    this.#wait = idle;
    this.#commit = commit.slice(0, 12);
  }

  /** Resolves once the definitions are loaded; throws a Problem with the words of what went wrong. */
  static async start({ root, commit, idle }: Start, ports: Ports): Promise<MappingProcess> {
    const dir = await extract(root, commit);
    const child = fork(CHILD, [dir], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const started = new MappingProcess(child, commit, idle);
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message) => {
        const parsed = MessageSchema.parse(message);
        if (parsed.kind === 'ready') resolve();
        else if (parsed.kind === 'failed') reject(started.#problem(parsed.message));
        else if (parsed.kind === 'port') void started.#lend(ports, parsed);
        else started.#answered(parsed);
      });
      child.on('exit', () => {
        reject(started.#problem('its process ended'));
        started.#ended();
      });
      child.on('error', (error) => reject(started.#problem(error.message)));
    });
    return started;
  }

  plan(of: OtherPlan): Promise<readonly unknown[]> {
    clearTimeout(this.#idle);
    this.#child.ref();
    this.#child.channel?.ref();
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
      this.#asked.set(id, {
        resolve: (items) => this.#done(id, late, () => resolve(items)),
        reject: (problem) => this.#done(id, late, () => reject(problem)),
      });
      this.#child.send({ kind: 'plan', id, ...of });
    });
  }

  whenOver(over: () => void): void {
    this.#over = over;
  }

  /** Neither an idle process nor its timer keeps the one that started it alive; it ends when that one does. */
  #done(id: number, late: NodeJS.Timeout, then: () => void): void {
    clearTimeout(late);
    this.#asked.delete(id);
    if (this.#asked.size === 0) this.#rest();
    then();
  }

  #rest(): void {
    this.#child.unref();
    this.#child.channel?.unref();
    const end = () => this.#child.connected && this.#child.disconnect();
    this.#idle = setTimeout(end, this.#wait).unref();
  }

  #answered(message: Extract<Message, { kind: 'planned' | 'refused' }>): void {
    const asked = this.#asked.get(message.id);
    if (message.kind === 'planned') asked?.resolve(message.items);
    else asked?.reject(this.#refusal(message));
  }

  #refusal({ message, fault }: Extract<Message, { kind: 'refused' }>): Problem {
    if (this.#triedToWrite) {
      this.#triedToWrite = false;
      return new Problem(
        409,
        `the mapping of ${this.#commit} wanted to write, which a plan may not: ${message}`,
        'if it is an access token that has to be renewed: plan once without --mapping-from, then again',
      );
    }
    if (fault === undefined) return this.#problem(message);
    const hint =
      fault === 'auth-expired'
        ? 'that commit reads the secret otherwise than the code that runs; the account itself is not held by it'
        : 'ask again in a minute; the status shows what is held or paused';
    return new Problem(503, `${fault}: ${message}`, hint);
  }

  async #lend(
    ports: Ports,
    { id, port, args }: { id: number; port: (typeof LENT)[number]; args: unknown[] },
  ): Promise<void> {
    try {
      this.#reply({ kind: 'lent', id, value: await lend(ports, port, args) });
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error('unknown');
      if (error instanceof NotLent) this.#triedToWrite = true;
      const sent = error instanceof HttpFailure ? { sent: error.sent } : {};
      this.#reply({ kind: 'lent', id, error: { message: error.message, ...sent } });
    }
  }

  #reply(message: object): void {
    if (this.#child.connected) this.#child.send(message);
  }

  #ended(): void {
    clearTimeout(this.#idle);
    this.#over();
    for (const { reject } of this.#asked.values())
      reject(this.#problem('its process ended before it answered'));
  }

  #problem(message: string): Problem {
    return new Problem(
      409,
      `the mapping of ${this.#commit} cannot be used: ${message}`,
      'it runs with the packages that are installed now; a commit that is closer to the running code may do',
    );
  }
}
