import * as z from 'zod';
import type { EndPolicy, Flow } from '../../shared/engine/flow.ts';
import type { Page } from '../../shared/engine/ports.ts';
import type { Found, Read, Source, Target, WriteResult } from '../../shared/engine/resource.ts';
import type { AccountRef, Session } from '../../shared/engine/session.ts';
import type { Code } from './code.ts';
import { connection } from './connection.ts';
import { type Data, DataSchema, mapData, OWNED } from './records.ts';
import { FieldsSchema } from './target-vendor.ts';
import type { Weights } from './weights.ts';

export const FLOW = 'simulated';
export const THINGS = 'things';
export const MAX_ATTEMPTS = 12;

export interface FlowOptions {
  upsert: boolean;
  whenAbsent: EndPolicy;
}

const RecordSchema = z.object({ id: z.string(), state: z.enum(['present', 'gone', 'merged']), into: z.string().optional(), data: z.unknown().optional() });
const PageSchema = z.object({ items: z.array(z.unknown()), next: z.string().optional(), total: z.number().optional() });

function account(name: 'source' | 'target', weights: Weights): AccountRef {
  return { vendor: name, name: 'main', limits: () => (weights.rate > 0 ? { rate: { calls: weights.rate * 10, windowMs: 10_000 } } : {}) };
}

/** The simulated vendors' flow: one collection, on the real engine's own contract. */
export function simFlow(code: Code, weights: Weights, options: FlowOptions): Flow {
  const collection = code.flow.defineCollection<Data>({
    name: THINGS,
    source: simSource(code, weights),
    target: simTarget(code, weights, options.upsert),
    map: mapData,
    owns: OWNED,
    whenGone: 'remove',
    whenMerged: 'remove',
    whenAbsent: options.whenAbsent,
  });
  return code.flow.defineFlow({
    name: FLOW,
    title: 'Simulated',
    moves: { what: 'things', from: 'source', to: 'target', direction: 'one-way' },
    howOften: { webhook: 'every change', scanEveryMinutes: 5, audit: { dailyAt: '03:00', timeZone: 'UTC' } },
    whenItBreaks: {
      impact: 'nothing real',
      retryHorizonHours: 24 * 7,
      maxAttempts: MAX_ATTEMPTS,
      parks: 'what cannot be moved',
      removals: { share: 1, atLeast: 1_000_000 },
      changes: { share: 1, atLeast: 1_000_000 },
    },
    whoIsPaged: { owner: 'nobody', page: ['nobody'] },
    whereToLook: { runbook: 'none' },
    expects: { heartbeatMinutes: 30, oldestMinutes: 60 },
    collections: [collection],
    webhooks: {
      changes: {
        account: account('source', weights),
        methods: ['POST'],
        read: async (_session, request) => {
          const { ids } = z.object({ ids: z.array(z.string()) }).parse(JSON.parse(new TextDecoder().decode(request.body)));
          return { kind: 'accepted', changes: ids.map((id) => ({ collection: THINGS, id })), ignored: 0 };
        },
      },
    },
  });
}

function simSource(code: Code, weights: Weights): Source<Data> {
  const ask = connection(code);
  const { Fault } = code.fault;
  const RecordsSchema = z.object({ records: z.array(RecordSchema) });
  const ChangesSchema = PageSchema.extend({ items: z.array(z.object({ id: z.string(), changeId: z.string() })) });
  const IdsSchema = PageSchema.extend({ items: z.array(z.string()) });

  function reading(record: z.infer<typeof RecordSchema>): Read<Data> {
    if (record.state === 'gone') return { state: 'gone' };
    if (record.state === 'merged') return { state: 'merged', into: record.into ?? '' };
    const parsed = DataSchema.safeParse(record.data);
    if (parsed.success) return { state: 'present', record: parsed.data };
    const details = { vendor: 'source', operation: 'read', message: 'the record does not fit', field: 'a' };
    return { state: 'unreadable', fault: new Fault('rejected', details) };
  }

  async function read(session: Session, operation: string, ids: readonly string[]): Promise<Map<string, Read<Data>>> {
    const reply = await ask(session, { vendor: 'source', operation, effect: 'read', body: { ids }, reply: RecordsSchema });
    return new Map(reply.records.map((record) => [record.id, reading(record)]));
  }

  return {
    account: account('source', weights),
    title: 'Source things',
    batchSize: 4,
    readLag: weights.readLag,
    overlap: weights.commitLag,
    callsPerRead: 1,
    read: (session, ids) => read(session, 'read', ids),
    readOne: async (session, id) => (await read(session, 'readOne', [id])).get(id) ?? { state: 'gone' },
    scan: async (session, window) => paged(await ask(session, { vendor: 'source', operation: 'scan', effect: 'read', body: window, reply: ChangesSchema })),
    list: async (session, page) => {
      const reply = await ask(session, { vendor: 'source', operation: 'list', effect: 'read', body: { page }, reply: IdsSchema });
      return { ...paged(reply), ...(reply.total === undefined ? {} : { total: reply.total }) };
    },
  };
}

function simTarget(code: Code, weights: Weights, upsert: boolean): Target {
  const ask = connection(code);
  const ReadsSchema = z.object({ records: z.array(z.object({ id: z.string(), state: z.enum(['present', 'gone']), fields: FieldsSchema.optional() })) });
  const FoundSchema = z.object({
    found: z.array(
      z.object({ ref: z.string(), candidates: z.array(z.object({ targetId: z.string(), ref: z.string().optional(), by: z.enum(['reference', 'match']) })) }),
    ),
  });
  const ListSchema = PageSchema.extend({ items: z.array(z.object({ targetId: z.string(), ref: z.string() })) });

  async function read(session: Session, operation: string, ids: readonly string[]) {
    const reply = await ask(session, { vendor: 'target', operation, effect: 'read', body: { ids }, reply: ReadsSchema });
    return new Map(
      reply.records.map(({ id, state, fields }): [string, Read<z.infer<typeof FieldsSchema>>] => [
        id,
        state === 'present' ? { state, record: fields ?? {} } : { state },
      ]),
    );
  }

  return {
    account: account('target', weights),
    title: 'Target things',
    batchSize: 4,
    readLag: weights.readLag,
    lateness: weights.lateness,
    lookup: upsert ? 'on-conflict' : 'before-create',
    read: (session, ids) => read(session, 'read', ids),
    readOne: async (session, id) => (await read(session, 'readOne', [id])).get(id) ?? { state: 'gone' },
    find: async (session, wanted) => {
      const body = { wanted: wanted.map(({ ref, fields }) => ({ ref, email: fields['email'] ?? null })) };
      const reply = await ask(session, { vendor: 'target', operation: 'find', effect: 'read', body, reply: FoundSchema });
      return new Map(reply.found.map(({ ref, candidates }) => [ref, candidates.map((each): Found => found(each))]));
    },
    write: async (session, writes) => {
      const reply = await ask(session, { vendor: 'target', operation: 'write', effect: 'write', body: { writes }, reply: ResultsSchema });
      return new Map(reply.results.map((result) => [result.ref, writeResult(code, result)]));
    },
    list: async (session, page) => paged(await ask(session, { vendor: 'target', operation: 'list', effect: 'read', body: { page }, reply: ListSchema })),
  };
}

const ResultsSchema = z.object({
  results: z.array(
    z.object({
      ref: z.string(),
      targetId: z.string().optional(),
      created: z.boolean().optional(),
      lost: z.boolean().optional(),
      problem: z.enum(['refused', 'waiting', 'conflict']).optional(),
      for: z.string().optional(),
    }),
  ),
});

function writeResult(code: Code, result: z.infer<typeof ResultsSchema>['results'][number]): WriteResult {
  const details = { vendor: 'target', operation: 'write', message: `the vendor says: ${result.problem}` };
  if (result.lost) return { ok: false, lost: true };
  if (result.problem === 'refused') return { ok: false, fault: new code.fault.Fault('rejected', { ...details, field: 'refuse' }) };
  if (result.problem === 'conflict') return { ok: false, fault: new code.fault.Fault('conflict', details) };
  if (result.problem === 'waiting')
    return { ok: false, fault: new code.fault.Fault('waiting', { ...details, waitingFor: `${THINGS}/${result.for}` }) };
  return { ok: true, targetId: result.targetId ?? '', created: result.created ?? false };
}

function found(candidate: { targetId: string; ref?: string | undefined; by: 'reference' | 'match' }): Found {
  const { targetId, by, ref } = candidate;
  return ref === undefined ? { targetId, by } : { targetId, by, ref };
}

function paged<T>(reply: { items: T[]; next?: string | undefined }): Page<T> {
  return reply.next === undefined ? { items: reply.items } : { items: reply.items, next: reply.next };
}
