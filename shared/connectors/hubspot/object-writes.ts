import { Fault } from '../../engine/fault.ts';
import type { Fields } from '../../engine/fields.ts';
import type { Write, WriteResult } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { batchArchive, batchUpdate, batchUpsert, type WriteInput } from './batch.ts';
import { recordFailure } from './record-faults.ts';
import type { BatchReply, HubspotError } from './schema.ts';
import type { ObjectType } from './versions.ts';

type Results = Map<string, WriteResult>;
type Send = (session: Session, writes: readonly Write[]) => Promise<Results>;

/** What records are written, and the unique property that keeps our reference. */
export interface WriteRule {
  type: ObjectType;
  reference: string;
}

/** Up to 100 writes: one call for each kind among them. */
export async function writeObjects(
  session: Session,
  writes: readonly Write[],
  rule: WriteRule,
): Promise<ReadonlyMap<string, WriteResult>> {
  const groups = [
    { send: creating(rule), writes: writes.filter((each) => each.kind !== 'remove' && isNew(each)) },
    { send: updating(rule), writes: writes.filter((each) => each.kind === 'update' && !isNew(each)) },
    { send: removing(rule), writes: writes.filter((each) => each.kind === 'remove') },
  ].filter((each) => each.writes.length > 0);
  const [only, ...more] = groups;
  if (!only) return new Map();
  if (more.length === 0) return await only.send(session, only.writes);
  const results: Results = new Map();
  for (const group of groups) {
    for (const [ref, result] of await isolated(session, group.send, group.writes)) results.set(ref, result);
  }
  return results;
}

function isNew(write: Write): boolean {
  return write.kind === 'create' || write.targetId === undefined;
}

/** What fails in one call must not hide what another achieved, so its fault goes to its own records. */
export async function isolated(session: Session, send: Send, writes: readonly Write[]): Promise<Results> {
  try {
    return await send(session, writes);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const whole = thrown.kind === 'rejected' || thrown.kind === 'conflict';
    if (!whole || writes.length === 1)
      return new Map(writes.map(({ ref }) => [ref, { ok: false, fault: thrown }]));
    // Refused as a whole without naming a record: nothing was applied, so the halves may be sent again.
    const half = Math.ceil(writes.length / 2);
    const first = await isolated(session, send, writes.slice(0, half));
    return new Map([...first, ...(await isolated(session, send, writes.slice(half)))]);
  }
}

function creating({ type, reference }: WriteRule): Send {
  return async (session, writes) => {
    const inputs = writes.map((write) => ({
      id: write.ref,
      idProperty: reference,
      properties: propertiesOf({ ...write.fields, [reference]: write.ref }),
      objectWriteTraceId: write.ref,
    }));
    const reply = await batchUpsert(session, type, inputs);
    return resultsOf(reply, inputs, { operation: `${type}.upsert`, reference });
  };
}

/** Only an adoption stamps our reference: a contact merged with another patron's must keep the one it has. */
function updating({ type, reference }: WriteRule): Send {
  return async (session, writes) => {
    const inputs = writes.map(({ ref, targetId = '', fields, adopts }) => {
      const stamp = adopts ? { [reference]: ref } : {};
      return { id: targetId, properties: propertiesOf({ ...fields, ...stamp }), objectWriteTraceId: ref };
    });
    const reply = await batchUpdate(session, type, inputs);
    return resultsOf(reply, inputs, { operation: `${type}.update` });
  };
}

function removing({ type }: WriteRule): Send {
  return async (session, writes) => {
    const ids = writes.flatMap((each) => each.targetId ?? []);
    if (ids.length > 0) await batchArchive(session, type, ids);
    return new Map(
      writes.map(({ ref, targetId }) => [
        ref,
        targetId === undefined ? { ok: false, lost: true } : { ok: true, targetId, created: false },
      ]),
    );
  };
}

/** Ties results and errors to our records; one that neither names stays out, which means: outcome unknown. */
function resultsOf(
  reply: BatchReply,
  inputs: readonly WriteInput[],
  { operation, reference }: { operation: string; reference?: string },
): Results {
  const results: Results = new Map();
  const byTrace = new Map(inputs.map((each) => [each.objectWriteTraceId, each]));
  const byId = new Map(inputs.map((each) => [each.id, each]));
  for (const record of reply.results) {
    const ref =
      record.objectWriteTraceId ??
      (reference === undefined ? byId.get(record.id)?.objectWriteTraceId : record.properties[reference]);
    const input = byTrace.get(ref ?? '');
    if (!input) continue;
    // An update of a merged-away id answers with the survivor, which belongs to another link.
    const moved = reference === undefined && record.id !== input.id;
    const done = { ok: true, targetId: record.id, created: record.new === true } as const;
    results.set(input.objectWriteTraceId, moved ? { ok: false, lost: true } : done);
  }
  for (const error of reply.errors ?? []) {
    for (const input of named(error, inputs)) {
      const sent = Object.values(input.properties);
      results.set(input.objectWriteTraceId, recordFailure(error, operation, sent));
    }
  }
  return results;
}

function named(error: HubspotError, inputs: readonly WriteInput[]): readonly WriteInput[] {
  if (inputs.length === 1) return inputs;
  const { objectWriteTraceId, ids, id } = error.context ?? {};
  const traces = new Set([objectWriteTraceId].flat());
  const keys = new Set([ids, id].flat());
  return inputs.filter((each) => traces.has(each.objectWriteTraceId) || keys.has(each.id));
}

/** HubSpot takes text only; an empty one clears. */
function propertiesOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value === null ? '' : String(value)]),
  );
}
