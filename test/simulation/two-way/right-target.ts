import * as z from 'zod';
import type { Fields } from '../../../shared/engine/fields.ts';
import type { Found, Identity, Read, Target, WriteResult } from '../../../shared/engine/resource.ts';
import type { Session } from '../../../shared/engine/session.ts';
import type { Code } from '../code.ts';
import { connection } from '../connection.ts';
import { account, PageSchema, paged } from '../sim-account.ts';
import type { Weights } from '../weights.ts';
import { ChangesSchema, erased, type RecordSchema, RecordsSchema, toldBy } from './left-source.ts';
import type { TwoWay } from './mode.ts';

type Shown = z.infer<typeof RecordSchema>;

const CandidateSchema = z.object({
  targetId: z.string(),
  ref: z.string().optional(),
  by: z.enum(['reference', 'match']),
});
const FoundSchema = z.object({
  found: z.array(z.object({ ref: z.string(), candidates: z.array(CandidateSchema) })),
});
const ListSchema = PageSchema.extend({ items: z.array(z.object({ targetId: z.string(), ref: z.string() })) });
const ResultsSchema = z.object({
  results: z.array(
    z.object({
      ref: z.string(),
      targetId: z.string().optional(),
      created: z.boolean().optional(),
      lost: z.boolean().optional(),
      problem: z.literal('conflict').optional(),
    }),
  ),
});

/** The engine's view of the right side: a connector like any other. */
export function rightTarget(code: Code, weights: Weights, twoWay: TwoWay): Target {
  const ask = connection(code);
  const tells = twoWay.mode === 'provenance';
  const get = <T>(session: Session, operation: string, body: unknown, reply: z.ZodType<T>): Promise<T> =>
    ask(session, { vendor: 'target', operation, effect: 'read', body, reply });

  async function read(
    session: Session,
    operation: string,
    ids: readonly string[],
    told: readonly string[] | undefined,
  ) {
    const { records } = await get(session, operation, { ids }, RecordsSchema);
    return new Map(records.map((record) => [record.id, reading(record, tells ? (told ?? []) : undefined)]));
  }

  return {
    account: account('target', weights),
    title: 'Right things',
    batchSize: 4,
    readLag: weights.readLag,
    lateness: weights.lateness,
    lookup: 'before-create',
    tells,
    overlap: weights.commitLag,
    read: (session, ids, _names, told) => read(session, 'read', ids, told),
    readOne: async (session, id, _names, told) =>
      (await read(session, 'readOne', [id], told)).get(id) ?? { state: 'gone' },
    find: async (session, wanted) => {
      const body = { wanted: wanted.map(({ ref, fields }) => ({ ref, email: fields.email ?? null })) };
      const { found } = await get(session, 'find', body, FoundSchema);
      return new Map(found.map(({ ref, candidates }) => [ref, candidates.map(candidate)]));
    },
    identify: async (session, ids) => {
      const { records } = await get(session, 'identify', { ids }, RecordsSchema);
      return new Map(records.map((record) => [record.id, identity(record)]));
    },
    write: async (session, writes) => {
      const call = {
        vendor: 'target',
        operation: 'write',
        effect: 'write',
        body: { writes },
        reply: ResultsSchema,
      } as const;
      const reply = await ask(session, call);
      return new Map(reply.results.map((result) => [result.ref, writeResult(code, result)]));
    },
    erase: async (session, id) => erased(ask, session, { vendor: 'target', id }),
    scan: async (session, window) => paged(await get(session, 'scan', window, ChangesSchema)),
    list: async (session, page) => paged(await get(session, 'list', { page }, ListSchema)),
  };
}

function reading(record: Shown, told: readonly string[] | undefined): Read<Fields> {
  if (record.state === 'merged') return { state: 'merged', into: record.into ?? '' };
  if (record.state === 'gone') return { state: 'gone' };
  const read = { state: 'present', record: record.fields ?? {} } as const;
  if (!told) return read;
  const history = Object.fromEntries(told.map((name) => [name, record.logs?.[name] ?? []]));
  return { ...read, history: toldBy('right', history) };
}

function identity(record: Shown): Read<Identity> {
  if (record.state === 'merged') return { state: 'merged', into: record.into ?? '' };
  if (record.state === 'gone') return { state: 'gone' };
  const fields = { email: record.fields?.email ?? null };
  return { state: 'present', record: record.ref === undefined ? { fields } : { fields, ref: record.ref } };
}

function candidate({ targetId, by, ref }: z.infer<typeof CandidateSchema>): Found {
  return ref === undefined ? { targetId, by } : { targetId, by, ref };
}

function writeResult(code: Code, result: z.infer<typeof ResultsSchema>['results'][number]): WriteResult {
  if (result.lost) return { ok: false, lost: true };
  if (result.problem === undefined)
    return { ok: true, targetId: result.targetId ?? '', created: result.created ?? false };
  const details = { vendor: 'target', operation: 'write', message: 'another record has this e-mail' };
  return { ok: false, fault: new code.fault.Fault('conflict', details) };
}
