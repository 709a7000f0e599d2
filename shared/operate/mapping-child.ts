// Started by `plan --mapping-from`, never by hand: plans with the code of another commit, in the folder it is given.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import type { Engine, Work } from '../engine/engine.ts';
import type { Flow } from '../engine/flow.ts';
import type { HttpFailure, Ports } from '../engine/ports.ts';
import { TREE_PREFIX } from './api/git-tree.ts';
import type { Lent } from './api/lent-ports.ts';

const MessageSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('plan'),
    id: z.number(),
    flow: z.string(),
    collection: z.string(),
    ids: z.array(z.string()),
  }),
  z.object({
    kind: z.literal('lent'),
    id: z.number(),
    value: z.unknown().optional(),
    error: z.object({ message: z.string(), sent: z.boolean().optional() }).optional(),
  }),
]);

/** A worker's time, in milliseconds. */
const TIME = 60_000;

const dir = process.argv[2] ?? '';
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
let asked = 0;

/** What of the other commit's code is used; checked as far as it can be. */
const Callable = <T>() => z.custom<T>((value) => typeof value === 'function');
const TreeSchema = z.object({
  flows: z.array(
    z.custom<Flow>((value) => typeof value === 'object' && value !== null && 'collection' in value),
  ),
  openEngine: Callable<(options: { ports: Ports; flows: readonly Flow[]; deployment: string }) => Engine>(),
  plan: Callable<
    (
      engine: Engine,
      flow: Flow,
      of: { collection: string; ids: readonly string[] },
      work: Work,
    ) => Promise<unknown[]>
  >(),
  HttpFailure: Callable<new (message: string, sent: boolean) => HttpFailure>(),
});
type Tree = z.infer<typeof TreeSchema>;

async function load(): Promise<Tree> {
  const parts: object[] = [];
  for (const path of [
    'functions/flows.ts',
    'shared/engine/engine.ts',
    'shared/engine/plan.ts',
    'shared/engine/ports.ts',
  ]) {
    const part: object = await import(pathToFileURL(join(dir, path)).href);
    parts.push(part);
  }
  return TreeSchema.parse(Object.assign({}, ...parts.map((part) => ({ ...part }))));
}

function ask<T>(schema: z.ZodType<T>, port: Lent, ...args: unknown[]): Promise<T> {
  asked += 1;
  const id = asked;
  return new Promise<unknown>((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    process.send?.({ kind: 'port', id, port, args });
  }).then((value) => schema.parse(value));
}

const anything = <T>() => z.custom<T>(() => true);
const refused = async (): Promise<never> => {
  throw new Error('a plan writes nothing');
};

function lentPorts(): Ports {
  const clock: Ports['clock'] = {
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  return {
    clock,
    random: {
      next: () => randomBytes(4).readUInt32LE() / 2 ** 32,
      token: () => randomBytes(16).toString('hex'),
    },
    links: {
      read: (keys) => ask(anything<Awaited<ReturnType<Ports['links']['read']>>>(), 'links.read', keys),
      claim: refused,
      settle: refused,
      wait: refused,
      page: refused,
      parked: refused,
      due: refused,
      parkedCount: refused,
    },
    queue: { send: refused, receive: refused, acknowledge: refused, depth: refused },
    deadLetters: { add: refused, look: refused, remove: refused, depth: refused },
    documents: {
      get: (key) => ask(anything<Awaited<ReturnType<Ports['documents']['get']>>>(), 'documents.get', key),
      put: (key, value, revision) => ask(z.boolean(), 'documents.put', key, value, revision),
    },
    secrets: {
      get: (name) => ask(anything<Awaited<ReturnType<Ports['secrets']['get']>>>(), 'secrets.get', name),
      put: refused,
    },
    trail: { write: () => undefined },
    meter: { count: () => undefined, gauge: () => undefined },
    http: ({ signal: _, ...request }) => ask(anything<Awaited<ReturnType<Ports['http']>>>(), 'http', request),
  };
}

async function planned(tree: Tree, engine: Engine, of: { flow: string; collection: string; ids: string[] }) {
  const flow = tree.flows.find(({ name }) => name === of.flow);
  if (!flow) throw new Error(`it has no flow "${of.flow}"`);
  if (!flow.collection(of.collection))
    throw new Error(`its flow ${of.flow} has no collection "${of.collection}"`);
  const work: Work = {
    deadline: Date.now() + TIME,
    signal: AbortSignal.timeout(TIME),
    background: (task) => void task.catch(() => undefined),
  };
  return tree.plan(engine, flow, { collection: of.collection, ids: of.ids }, work);
}

function listen(tree: Tree): void {
  const engine = tree.openEngine({ ports: lentPorts(), flows: tree.flows, deployment: 'plan' });
  process.on('message', (raw) => {
    const message = MessageSchema.parse(raw);
    if (message.kind === 'lent') {
      const { resolve, reject } = waiting.get(message.id) ?? {};
      waiting.delete(message.id);
      const { error, value } = message;
      if (!error) resolve?.(value);
      else if (error.sent === undefined) reject?.(new Error(error.message));
      else reject?.(new tree.HttpFailure(error.message, error.sent));
      return;
    }
    planned(tree, engine, message).then(
      (items) => process.send?.({ kind: 'planned', id: message.id, items }),
      (error: unknown) =>
        process.send?.({ kind: 'refused', id: message.id, message: words(error), ...faultOf(error) }),
    );
  });
}

/** The other commit's faults are of a class of its own. */
function faultOf(error: unknown): { fault?: string } {
  const parsed = z.object({ name: z.literal('Fault'), kind: z.string() }).safeParse(error);
  return parsed.success && parsed.data.kind !== 'bug' ? { fault: parsed.data.kind } : {};
}

function words(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

process.on('disconnect', () => {
  if (dir.startsWith(join(tmpdir(), TREE_PREFIX))) rmSync(dir, { recursive: true, force: true });
  process.exit(0);
});

try {
  listen(await load());
  process.send?.({ kind: 'ready' });
} catch (error) {
  process.send?.({ kind: 'failed', message: words(error) });
  process.disconnect();
}
