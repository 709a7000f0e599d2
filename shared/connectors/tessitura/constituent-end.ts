import * as z from 'zod';
import { Fault } from '../../engine/fault.ts';
import type { Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { call, exchange, isSuccess, query, secretOf } from './client.ts';
import { type Call, faultFrom, isVendorError, parseJson } from './faults.ts';
import { mergedInto } from './procedures.ts';
import type { Constituent } from './schema.ts';
import { StatusSchema } from './wire.ts';

const FIND: Call = {
  operation: 'constituents.find',
  method: 'GET',
  resource: 'CRM/Constituents',
  effect: 'read',
};
const IdsSchema = z.array(z.object({ Id: z.int() }));

/**
 * What became of a constituent that answers 404. Tessitura deletes nobody but by a purge or a merge, so who was not
 * merged was erased; without the procedures a merge looks like a purge, and nothing can be concluded.
 */
export async function ended(session: Session, id: string): Promise<Read<Constituent>> {
  await confirmMissing(session, id);
  const into = await mergedConstituent(session, id);
  if (into !== undefined) return { state: 'merged', into };
  const isId = Number.isSafeInteger(Number(id));
  return isId && (await tellsMerges(session)) ? { state: 'gone', erased: true } : { state: 'gone' };
}

/** Where a constituent went that is not there; undefined when it was not merged, or nobody can tell. */
export async function mergedConstituent(session: Session, id: string): Promise<string | undefined> {
  return (await tellsMerges(session)) ? mergedInto(session, id) : undefined;
}

async function tellsMerges(session: Session): Promise<boolean> {
  const { changes, enumerate } = await secretOf(session);
  return changes === 'procedure' || enumerate.by === 'procedure';
}

/**
 * A web server that is being updated answers 404 to everything, and what is gone here gets removed elsewhere:
 * so a second, different question must show that the service is there and does not know the id.
 */
export async function confirmMissing(session: Session, id: string): Promise<void> {
  const path = `CRM/Constituents${query({ constituentIds: id })}`;
  const response = await exchange(session, { ...FIND, path });
  if (response.status === 404 && isVendorError(response.body)) return;
  if (!isSuccess(response.status) && response.status !== 404) throw faultFrom(FIND, response);
  const rows = IdsSchema.safeParse(parseJson(response.body));
  if (rows.success && !rows.data.some((row) => String(row.Id) === id)) return;
  throw new Fault('unavailable', {
    vendor: 'tessitura',
    operation: FIND.operation,
    status: 404,
    message:
      'the service says of a constituent both that it is there and that it is not; is it being updated? Check baseUrl in the secret if this stays',
  });
}

/**
 * A 500 for one record is an outage only if the service says that it is unwell. Else it is about the record
 * (a lock, a defect that its data meets), and must neither wait for days nor be given up at once: of the
 * kinds of fault, `conflict` is the one that is tried again a counted number of times.
 */
export async function failsAlone(session: Session, fault: Fault): Promise<Read<Constituent>> {
  const health = { operation: 'status', method: 'GET', resource: 'Diagnostics', effect: 'read' } as const;
  const status = await call(session, { ...health, path: 'Diagnostics/Status' }, StatusSchema);
  if (!status.Success) throw fault;
  return {
    state: 'unreadable',
    fault: new Fault('conflict', {
      vendor: 'tessitura',
      operation: fault.operation,
      status: fault.status ?? 500,
      message:
        'Tessitura fails to give out this one constituent (500) while it says that it is well; if this was the last try, open and save the record in Tessitura, then replay',
    }),
  };
}
