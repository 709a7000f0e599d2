import { busy, contended, directedScan, lateWrites, webhooksOnly } from './directed.ts';
import type { Weights } from './weights.ts';

/** One way to break the engine, or a promise that the engine rests on. */
export interface Mutant {
  readonly name: string;
  /** Text patches on a copy of shared/engine. */
  readonly edits: readonly { file: string; find: string; replace: string }[];
  /** Faults that make it show soon; the correct engine must survive them too. */
  readonly weights?: Partial<Weights>;
  /** A broken promise of host or storage: not part of what the correct engine must survive. */
  readonly broken?: Weights['broken'];
}

export const mutants: readonly Mutant[] = [
  {
    name: 'no lease',
    edits: [
      {
        file: 'job.ts',
        find: 'ports.links.claim(requests, now - 2 * SKEW)',
        replace: 'ports.links.claim(requests, Number.MAX_SAFE_INTEGER)',
      },
    ],
    weights: busy,
  },
  {
    name: 'no forced write on takeover',
    edits: [{ file: 'job.ts', find: 'forced: old !== undefined || ', replace: 'forced: ' }],
    weights: { ...busy, crash: 0.02, replyLost: 0.1 },
  },
  {
    name: 'no quarantine',
    edits: [
      {
        file: 'decide.ts',
        find: "return { do: 'quarantine', spendsAttempt: context.breakerClosed };",
        replace: "return { do: 'retry', delay: 1_000, spendsAttempt: context.breakerClosed };",
      },
      {
        file: 'line.ts',
        find: "lease: doubt === 'landing' ? 'report' : 'release'",
        replace: "lease: 'release'",
      },
    ],
    weights: lateWrites,
  },
  {
    name: 'lease shorter than timeout and lateness',
    edits: [
      {
        file: 'flow.ts',
        find: 'return WORKER_TIMEOUT + lateness + lag + 2 * SKEW;',
        replace: 'return Math.min(25_000, WORKER_TIMEOUT + lateness + lag + 2 * SKEW);',
      },
    ],
    weights: lateWrites,
  },
  {
    name: 'a worker that outlives its timeout',
    edits: [],
    broken: 'outlives its timeout',
    weights: { ...webhooksOnly, records: 5, freeze: 0.05, upsert: false },
  },
  {
    name: 'acknowledge because somebody else holds the lease',
    edits: [
      {
        file: 'chunk.ts',
        find: 'for (const { item, heldUntil } of held) sendAgain(run, item, contention(run, item, heldUntil - now));',
        replace: 'for (const { item } of held) run.handled(item);',
      },
    ],
    weights: contended,
  },
  {
    name: 'hash from the batch read instead of the claim',
    edits: [
      {
        file: 'reconcile.ts',
        find: 'const link = links[index];',
        replace: 'const link = links[index]; Object.assign(item, { batchBody: link?.body });',
      },
      {
        file: 'job.ts',
        find: 'body: before?.body ?? emptyBody,',
        replace: "body: Reflect.get(item, 'batchBody') ?? emptyBody,",
      },
    ],
    weights: { ...contended, readLag: 4_000, duplicate: 0.6, upsert: false },
  },
  {
    name: 'audit hint compared with the link instead of the target',
    edits: [
      {
        file: 'recall.ts',
        find: "return isPair(task) || want.do === 'merge' || job.item.hint.verify === true;",
        replace: "return isPair(task) || want.do === 'merge';",
      },
    ],
    weights: { outside: 8 },
  },
  {
    name: 'takeovers not counted',
    edits: [
      {
        file: 'job.ts',
        find: 'takeovers: takenOver ? (before?.takeovers ?? 0) + 1 : 0,',
        replace: 'takeovers: takenOver ? 1 : 0,',
      },
    ],
    weights: { killers: 0.3 },
  },
  {
    name: 'acknowledge before settle',
    edits: [
      {
        file: 'reconcile.ts',
        find: '  const outbox = new Outbox(flow.name, engine.ports);\n',
        replace:
          '  const outbox = new Outbox(flow.name, engine.ports);\n  await engine.ports.queue.acknowledge({ flow: flow.name, lane: batch.lane }, batch.deliveries.map((each) => each.receipt));\n',
      },
    ],
    weights: { crash: 0.01 },
  },
  {
    name: 'settle without ownership',
    edits: [],
    broken: 'settles without ownership',
    weights: { ...webhooksOnly, lateSettle: 0.15, outside: 4 },
  },
  {
    name: 'cursor saved before send',
    edits: [
      { file: 'scan.ts', find: '    await send(run, fresh);\n', replace: '' },
      {
        file: 'scan.ts',
        find: '    if (page === undefined) return { sent, state };\n',
        replace:
          '    if (!(await held.save(state))) throw lostCursor(run);\n    await send(run, fresh);\n    if (page === undefined) return { sent, state };\n',
      },
    ],
    weights: directedScan,
  },
  {
    name: 'vendor timestamp instead of our read time',
    edits: [
      {
        file: 'look.ts',
        find: '  for (const job of jobs) {\n    const read = found.get(job.item.key.id);\n',
        replace:
          '  for (const job of jobs) {\n    const read = found.get(job.item.key.id);\n    job.readAt = Math.ceil(session.now() / 1000) * 1000;\n',
      },
      {
        file: 'link.ts',
        find: 'readAt > hint.observedAt + lag + tolerance',
        replace: 'readAt >= Math.floor(hint.observedAt / 1000) * 1000',
      },
    ],
    weights: webhooksOnly,
  },
  {
    name: 'unbounded retry of a rejected record',
    edits: [
      {
        file: 'decide.ts',
        find: "    case 'rejected':\n",
        replace: "    case 'rejected':\n      return { do: 'retry', delay: 30_000, spendsAttempt: true };\n",
      },
    ],
    weights: { rejected: 0.3 },
  },
  {
    name: 'attempt spent by a 429',
    edits: [
      {
        file: 'decide.ts',
        find: "return { do: 'retry', delay, spendsAttempt: false };",
        replace:
          "return hint.attempt + 1 >= context.maxAttempts ? { do: 'park', reason } : { do: 'retry', delay, spendsAttempt: true };",
      },
    ],
    weights: { tooMany: 0.2, outages: 1 },
  },
  {
    name: 'a record that a bulk reply leaves out counts as gone',
    edits: [
      {
        file: 'look.ts',
        find: "if (read?.state === 'present' || read?.state === 'unreadable') into.set(job, read);",
        replace: "into.set(job, read ?? { state: 'gone' });",
      },
    ],
    weights: { ...busy, partial: 0.1 },
  },
  {
    name: 'no second look after the read lag',
    edits: [{ file: 'line.ts', find: 'if (lag === 0) return;', replace: 'return;' }],
    weights: webhooksOnly,
  },
  {
    name: 'no look before a create',
    edits: [
      {
        file: 'recall.ts',
        find: "target.lookup === 'before-create'",
        replace: 'target.lookup === undefined',
      },
    ],
    weights: { ...busy, replyLost: 0.1 },
  },
  {
    name: 'a granted call is not taken from the budget',
    edits: [
      {
        file: 'budget.ts',
        find: 'budget: { ...seen, tokens: seen.tokens - granted }',
        replace: 'budget: seen',
      },
    ],
    weights: { ...busy, rate: 5 },
  },
];
