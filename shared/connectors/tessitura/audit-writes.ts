import type { Session } from '../../engine/session.ts';
import { parseInstant } from '../../values/instant.ts';
import type { Secret } from './auth.ts';
import { exchange, isSuccess, parsed, query, secretOf } from './client.ts';
import { type Call, faultFrom, parseJson } from './faults.ts';
import { AUDIT_PAGE, MAX_WRITE_PAGES } from './limits.ts';
import { safeWindow } from './local-time.ts';
import { type AuditDetail, type AuditLog, AuditReplySchema } from './wire.ts';
import { toldColumn, WRITE_KINDS, type WriteEntry, type WriteKind } from './write-entry.ts';

const AUDIT: Call = {
  operation: 'audit-logs.of',
  method: 'GET',
  resource: 'Reporting/AuditLogs',
  effect: 'read',
};
const DAY = 86_400_000;

/** Entries by constituent id, oldest first. */
export type Told = ReadonlyMap<string, readonly WriteEntry[]>;

/**
 * What the audit log says about these constituents and their e-mails, phones and permissions, for all of them in
 * one query. Undefined where it cannot be read (no right, no such resource, changes by procedure) or is too long
 * to be read whole: then nobody may conclude from it who wrote what.
 */
export async function readWrites(
  session: Session,
  ids: readonly string[],
  days: number,
): Promise<Told | undefined> {
  const secret = await secretOf(session);
  if (secret.changes === 'procedure' || ids.length === 0) return undefined;
  const now = session.now();
  // To the end of the log: the clock of the service may be ahead of ours.
  const auditStartTime = safeWindow(secret.timeZone, now - days * DAY, now).from;
  const logs: AuditLog[] = [];
  for (let pageIndex = 1; pageIndex <= MAX_WRITE_PAGES; pageIndex += 1) {
    const asked = { entityIds: ids.join(','), includeSubEntities: true, auditStartTime, pageIndex };
    const path = `Reporting/AuditLogs${query({ ...asked, pageSize: AUDIT_PAGE })}`;
    const response = await exchange(session, { ...AUDIT, path });
    if (response.status === 403 || response.status === 404) return undefined;
    if (!isSuccess(response.status)) throw faultFrom(AUDIT, response);
    const reply = parsed(AUDIT, AuditReplySchema, parseJson(response.body));
    logs.push(...reply.AuditLogs);
    if (pageIndex * (reply.PageSize ?? AUDIT_PAGE) >= reply.Total) return writesOf(logs, ids, secret);
  }
  return undefined;
}

/** Of the wanted constituents only: an id is also the id of other tables' rows. Pure. */
export function writesOf(logs: readonly AuditLog[], ids: readonly string[], secret: Secret): Told {
  const byId = new Map<string, (WriteEntry & { order: number })[]>(ids.map((id) => [id, []]));
  const kinds = kindsByTable(secret);
  for (const log of logs) {
    const at = parseInstant(log.ActionDateTime ?? '', secret.timeZone);
    if (!at.ok) continue;
    const by = writerOf(secret, log.UserName, log.CreateLocation);
    for (const detail of log.AuditDetails) {
      const kind = kinds.get(detail.AuditTable.toLowerCase());
      const owner = kind === 'constituent' ? detail.EntityId : detail.ParentEntityId;
      const found = kind && byId.get(String(owner));
      if (found) found.push({ at: at.value.epoch, by, ...rowWrite(kind, detail), order: log.Id });
    }
  }
  return new Map([...byId].map(([id, writes]) => [id, inOrder(writes)] as const));
}

/** Who an entry or a row is by. */
export function writerOf(
  { user, webUsers, webLocations }: Pick<Secret, 'user' | 'webUsers' | 'webLocations'>,
  name: string | null | undefined,
  location?: string | null,
): WriteEntry['by'] {
  const among = (names: readonly string[], one: string | null | undefined) =>
    names.some((each) => each.toLowerCase() === one?.trim().toLowerCase());
  if (among([user], name)) return 'us';
  return among(webUsers, name) || among(webLocations, location) ? 'person' : 'other';
}

function rowWrite(
  kind: WriteKind,
  detail: AuditDetail,
): Pick<WriteEntry, 'kind' | 'rowId' | 'action' | 'changes'> {
  const changes = (detail.AuditEntries ?? []).flatMap((entry) => {
    const column = toldColumn(kind, entry.Property);
    if (!column) return [];
    return { property: column.property, before: column.read(entry.Old), after: column.read(entry.New) };
  });
  return { kind, rowId: detail.EntityId ?? 0, action: actionOf(detail.Action), changes };
}

/** `Inserted`, `I`, `Deleted`, `D`: an organisation's audit shows either. */
function actionOf(action: string | null | undefined): WriteEntry['action'] {
  if (/^i/i.test(action ?? '')) return 'insert';
  return /^d/i.test(action ?? '') ? 'delete' : 'update';
}

/** Nothing that cannot flow back. */
function inOrder(writes: (WriteEntry & { order: number })[]): WriteEntry[] {
  return writes
    .filter(({ action, changes }) => action !== 'update' || changes.length > 0)
    .sort((a, b) => a.at - b.at || a.order - b.order)
    .map(({ order: _order, ...write }) => write);
}

function kindsByTable({ auditTables }: Pick<Secret, 'auditTables'>): ReadonlyMap<string, WriteKind> {
  return new Map(
    WRITE_KINDS.flatMap((kind) => auditTables[kind].map((table) => [table.toLowerCase(), kind] as const)),
  );
}
