import * as z from 'zod';
import type { Fields } from '../../../shared/engine/fields.ts';
import type { History } from '../../../shared/engine/history.ts';
import type { SideName } from '../../../shared/engine/pair.ts';
import type { Read, Source, SourceResult, SourceWriter } from '../../../shared/engine/resource.ts';
import type { Session } from '../../../shared/engine/session.ts';
import type { Code } from '../code.ts';
import { connection } from '../connection.ts';
import { account, PageSchema, paged } from '../sim-account.ts';
import type { Weights } from '../weights.ts';
import type { TwoWay } from './mode.ts';
import { UNTOLD } from './pair-fields.ts';
import { ValuesSchema } from './pair-vendor.ts';

const ValueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const LogsSchema = z.record(
  z.string(),
  z.array(z.object({ value: ValueSchema, at: z.number(), by: z.enum(['us', 'person', 'other']) })),
);
export const RecordSchema = z.object({
  id: z.string(),
  state: z.enum(['present', 'gone', 'merged']),
  into: z.string().optional(),
  fields: ValuesSchema.optional(),
  logs: LogsSchema.optional(),
  version: z.string().optional(),
  ref: z.string().optional(),
  erased: z.boolean().optional(),
});
export const RecordsSchema = z.object({ records: z.array(RecordSchema) });
export const ChangesSchema = PageSchema.extend({
  items: z.array(z.object({ id: z.string(), changeId: z.string() })),
});
const IdsSchema = PageSchema.extend({ items: z.array(z.string()) });
const ResultsSchema = z.object({
  results: z.array(z.object({ id: z.string(), problem: z.enum(['conflict', 'gone']).optional() })),
});
const MatchesSchema = z.object({
  found: z.array(z.object({ targetId: z.string(), ids: z.array(z.string()) })),
});

/** A vendor that tells who wrote what tells it of most fields. */
export function toldBy(side: SideName, logs: History): History {
  return Object.fromEntries(
    Object.entries(logs).filter(([name]) => !UNTOLD[side].some((each) => each === name)),
  );
}

/** A record of the left side as the engine's connector hands it on. */
export interface LeftRecord {
  id: string;
  version: string;
  fields: Fields;
  history?: History;
}

/** The engine's view of the left side: a connector like any other. */
export function leftSource(code: Code, weights: Weights, twoWay: TwoWay): Source<LeftRecord> {
  const ask = connection(code);

  function reading(record: z.infer<typeof RecordSchema>): Read<LeftRecord> {
    if (record.state === 'merged') return { state: 'merged', into: record.into ?? '' };
    if (record.state !== 'present') return { state: 'gone', erased: record.erased === true };
    const { id, version = '', fields = {}, logs = {} } = record;
    const told = twoWay.mode === 'provenance' ? { history: toldBy('left', logs) } : {};
    return { state: 'present', record: { id, version, fields, ...told } };
  }

  async function read(
    session: Session,
    operation: string,
    ids: readonly string[],
  ): Promise<Map<string, Read<LeftRecord>>> {
    const body = { ids };
    const call = { vendor: 'source', operation, effect: 'read', body, reply: RecordsSchema } as const;
    const reply = await ask(session, call);
    return new Map(reply.records.map((record) => [record.id, reading(record)]));
  }

  return {
    account: account('source', weights),
    title: 'Left things',
    batchSize: 4,
    readLag: weights.readLag,
    overlap: weights.commitLag,
    callsPerRead: 1,
    read: (session, ids) => read(session, 'read', ids),
    readOne: async (session, id) => (await read(session, 'readOne', [id])).get(id) ?? { state: 'gone' },
    scan: async (session, body) =>
      paged(
        await ask(session, {
          vendor: 'source',
          operation: 'scan',
          effect: 'read',
          body,
          reply: ChangesSchema,
        }),
      ),
    list: async (session, page) =>
      paged(
        await ask(session, {
          vendor: 'source',
          operation: 'list',
          effect: 'read',
          body: { page },
          reply: IdsSchema,
        }),
      ),
  };
}

/** What the engine writes at the left side: values, over the version that it has read. */
export function leftWriter(code: Code, weights: Weights): SourceWriter<LeftRecord, Fields> {
  const ask = connection(code);
  return {
    batchSize: 3,
    lateness: weights.lateness,
    write: async (session, edits) => {
      const writes = edits.map(({ id, record, edit }) => ({ id, version: record.version, fields: edit }));
      const call = {
        vendor: 'source',
        operation: 'write',
        effect: 'write',
        body: { writes },
        reply: ResultsSchema,
      } as const;
      const reply = await ask(session, call);
      return new Map(reply.results.map(({ id, problem }) => [id, result(code, problem)]));
    },
    erase: async (session, id) => erased(ask, session, { vendor: 'source', id }),
    match: async (session, wanted) => {
      const body = {
        wanted: wanted.map(({ targetId, fields }) => ({ targetId, email: String(fields.email) })),
      };
      const call = {
        vendor: 'source',
        operation: 'match',
        effect: 'read',
        body,
        reply: MatchesSchema,
      } as const;
      const reply = await ask(session, call);
      return new Map(reply.found.map(({ targetId, ids }) => [targetId, ids]));
    },
  };
}

/** Erases a person for good; somebody who is gone already is erased. */
export async function erased(
  ask: ReturnType<typeof connection>,
  session: Session,
  { vendor, id }: { vendor: 'source' | 'target'; id: string },
): Promise<SourceResult> {
  const reply = z.object({ erased: z.literal(true) });
  await ask(session, { vendor, operation: 'erase', effect: 'write', body: { id }, reply });
  return { ok: true };
}

function result(code: Code, problem: 'conflict' | 'gone' | undefined): SourceResult {
  if (problem === undefined) return { ok: true };
  const details = { vendor: 'source', operation: 'write', message: `the vendor says: ${problem}` };
  return { ok: false, fault: new code.fault.Fault('conflict', details) };
}
