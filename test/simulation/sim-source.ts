import * as z from 'zod';
import type { Read, Source } from '../../shared/engine/resource.ts';
import type { Session } from '../../shared/engine/session.ts';
import type { Code } from './code.ts';
import { connection } from './connection.ts';
import { type Data, DataSchema } from './records.ts';
import { account, PageSchema, paged } from './sim-account.ts';
import type { Weights } from './weights.ts';

const RecordSchema = z.object({
  id: z.string(),
  state: z.enum(['present', 'gone', 'merged']),
  into: z.string().optional(),
  data: z.unknown().optional(),
});
const RecordsSchema = z.object({ records: z.array(RecordSchema) });
const ChangesSchema = PageSchema.extend({
  items: z.array(z.object({ id: z.string(), changeId: z.string() })),
});
const IdsSchema = PageSchema.extend({ items: z.array(z.string()) });

/** The engine's view of the simulated source: a connector like any other. */
export function simSource(code: Code, weights: Weights): Source<Data> {
  const ask = connection(code);
  const { Fault } = code.fault;

  function reading(record: z.infer<typeof RecordSchema>): Read<Data> {
    if (record.state === 'gone') return { state: 'gone' };
    if (record.state === 'merged') return { state: 'merged', into: record.into ?? '' };
    const parsed = DataSchema.safeParse(record.data);
    if (parsed.success) return { state: 'present', record: parsed.data };
    const details = { vendor: 'source', operation: 'read', message: 'the record does not fit', field: 'a' };
    return { state: 'unreadable', fault: new Fault('rejected', details) };
  }

  async function read(
    session: Session,
    operation: string,
    ids: readonly string[],
  ): Promise<Map<string, Read<Data>>> {
    const reply = await ask(session, {
      vendor: 'source',
      operation,
      effect: 'read',
      body: { ids },
      reply: RecordsSchema,
    });
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
    scan: async (session, window) =>
      paged(
        await ask(session, {
          vendor: 'source',
          operation: 'scan',
          effect: 'read',
          body: window,
          reply: ChangesSchema,
        }),
      ),
    list: async (session, page) => {
      const reply = await ask(session, {
        vendor: 'source',
        operation: 'list',
        effect: 'read',
        body: { page },
        reply: IdsSchema,
      });
      return { ...paged(reply), ...(reply.total === undefined ? {} : { total: reply.total }) };
    },
  };
}
