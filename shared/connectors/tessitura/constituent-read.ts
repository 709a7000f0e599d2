import type { Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { batch, exchange, isSuccess, type Part, type PartReply, query } from './client.ts';
import { ended, failsAlone } from './constituent-end.ts';
import { type History, historyOf, historyParts, readHistory } from './constituent-history.ts';
import { complete, type Reads, type Wanted } from './constituent-parts.ts';
import { withWrites } from './constituent-tells.ts';
import { type Call, contractChanged, faultFrom, parseJson, unreadable } from './faults.ts';
import { type Constituent, type Detail, DetailSchema } from './schema.ts';

const DETAIL: Call = {
  operation: 'constituents.read',
  method: 'GET',
  resource: 'CRM/Constituents',
  effect: 'read',
};

/** Two calls per 100 records, three where e-mails are shared. What the service did not answer for is left out. */
export async function readMany(session: Session, ids: readonly string[], wanted: Wanted): Promise<Reads> {
  const parts = ids.map((id) => [detailPart(id), ...historyParts(id, wanted.include)]);
  const flat = await batch(session, parts.flat());
  const replies = parts.map((each) => flat.splice(0, each.length));
  refuseIfAllFailed(replies.map(([detail]) => detail));
  const reads: Reads = new Map();
  const details: { detail: Detail; history: History }[] = [];
  for (const [index, id] of ids.entries()) {
    const [reply, ...rest] = replies[index] ?? [];
    if (reply?.status !== 200) continue;
    const detail = DetailSchema.safeParse(reply.value);
    if (detail.success) details.push({ detail: detail.data, history: historyOf(rest, wanted.include) });
    else reads.set(id, { state: 'unreadable', fault: unreadable(DETAIL, detail.error) });
  }
  for (const [id, read] of await complete(session, details, wanted)) reads.set(id, read);
  return wanted.tells ? withWrites(session, reads, wanted.tells) : reads;
}

/** The only word on whether a constituent is gone; a merged one answers 404 too, so the procedure is asked. */
export async function readOne(session: Session, id: string, wanted: Wanted): Promise<Read<Constituent>> {
  const response = await exchange(session, { ...DETAIL, path: detailPart(id).path });
  if (response.status === 404 || response.status === 410) return ended(session, id);
  if (response.status >= 500) return failsAlone(session, faultFrom(DETAIL, response));
  if (!isSuccess(response.status)) throw faultFrom(DETAIL, response);
  const value = parseJson(response.body);
  if (value === undefined) throw contractChanged(DETAIL, 'the reply');
  const detail = DetailSchema.safeParse(value);
  if (!detail.success) return { state: 'unreadable', fault: unreadable(DETAIL, detail.error) };
  const history = await readHistory(session, id, wanted.include);
  const reads = await complete(session, [{ detail: detail.data, history }], wanted);
  if (wanted.tells) await withWrites(session, reads, wanted.tells);
  const read = reads.get(String(detail.data.Id));
  return read ?? failsAlone(session, faultFrom(DETAIL, { status: 500, body: '' }));
}

function detailPart(id: string): Part {
  const path = `CRM/Constituents/${encodeURIComponent(id)}/Detail${query({ includeAffiliations: false })}`;
  return { operation: DETAIL.operation, resource: DETAIL.resource, path };
}

/** Reading a hundred records singly would not help a service that failed on every one of them. */
function refuseIfAllFailed(replies: readonly (PartReply | undefined)[]): void {
  const [first] = replies;
  if (replies.length < 2 || !first || first.status < 500) return;
  const all = replies.every((reply) => reply && reply.status >= 500);
  if (all) throw faultFrom(DETAIL, { status: first.status, body: '' });
}
