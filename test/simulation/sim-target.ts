import * as z from 'zod';
import type { Found, Read, Target, WriteResult } from '../../shared/engine/resource.ts';
import type { Session } from '../../shared/engine/session.ts';
import type { Code } from './code.ts';
import { connection } from './connection.ts';
import { THINGS } from './records.ts';
import { account, PageSchema, paged } from './sim-account.ts';
import { FieldsSchema } from './target-vendor.ts';
import type { Weights } from './weights.ts';

const ReadsSchema = z.object({
  records: z.array(
    z.object({ id: z.string(), state: z.enum(['present', 'gone']), fields: FieldsSchema.optional() }),
  ),
});
const FoundSchema = z.object({
  found: z.array(
    z.object({
      ref: z.string(),
      candidates: z.array(
        z.object({ targetId: z.string(), ref: z.string().optional(), by: z.enum(['reference', 'match']) }),
      ),
    }),
  ),
});
const ListSchema = PageSchema.extend({ items: z.array(z.object({ targetId: z.string(), ref: z.string() })) });

/** The engine's view of the simulated target: a connector like any other. */
export function simTarget(code: Code, weights: Weights, upsert: boolean): Target {
  const ask = connection(code);

  async function read(session: Session, operation: string, ids: readonly string[]) {
    const reply = await ask(session, {
      vendor: 'target',
      operation,
      effect: 'read',
      body: { ids },
      reply: ReadsSchema,
    });
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
      const body = { wanted: wanted.map(({ ref, fields }) => ({ ref, email: fields.email ?? null })) };
      const reply = await ask(session, {
        vendor: 'target',
        operation: 'find',
        effect: 'read',
        body,
        reply: FoundSchema,
      });
      return new Map(
        reply.found.map(({ ref, candidates }) => [ref, candidates.map((each): Found => found(each))]),
      );
    },
    write: async (session, writes) => {
      const reply = await ask(session, {
        vendor: 'target',
        operation: 'write',
        effect: 'write',
        body: { writes },
        reply: ResultsSchema,
      });
      return new Map(reply.results.map((result) => [result.ref, writeResult(code, result)]));
    },
    list: async (session, page) =>
      paged(
        await ask(session, {
          vendor: 'target',
          operation: 'list',
          effect: 'read',
          body: { page },
          reply: ListSchema,
        }),
      ),
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
  if (result.problem === 'refused')
    return { ok: false, fault: new code.fault.Fault('rejected', { ...details, field: 'refuse' }) };
  if (result.problem === 'conflict') return { ok: false, fault: new code.fault.Fault('conflict', details) };
  if (result.problem === 'waiting')
    return {
      ok: false,
      fault: new code.fault.Fault('waiting', { ...details, waitingFor: `${THINGS}/${result.for}` }),
    };
  return { ok: true, targetId: result.targetId ?? '', created: result.created ?? false };
}

function found(candidate: { targetId: string; ref?: string | undefined; by: 'reference' | 'match' }): Found {
  const { targetId, by, ref } = candidate;
  return ref === undefined ? { targetId, by } : { targetId, by, ref };
}
