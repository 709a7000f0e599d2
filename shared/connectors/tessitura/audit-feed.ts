import type { Page } from '../../engine/ports.ts';
import type { Change, ScanWindow } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import type { Secret } from './auth.ts';
import { call, query, secretOf } from './client.ts';
import { type Call, contractChanged } from './faults.ts';
import { AUDIT_PAGE } from './limits.ts';
import { safeWindow } from './local-time.ts';
import { type AuditDetail, type AuditLog, AuditReplySchema } from './wire.ts';

const AUDIT: Call = {
  operation: 'audit-logs.read',
  method: 'GET',
  resource: 'Reporting/AuditLogs',
  effect: 'read',
};

/**
 * Changes from the audit log, one window of the clock at a time, page by page. Entries of our own user are
 * kept: to look at a record again that we wrote does no harm, to miss an edit would.
 */
export async function scanAuditLog(session: Session, window: ScanWindow): Promise<Page<Change>> {
  const { items, ...rest } = await auditPage(session, window);
  return { ...rest, items: changesOf(items, await secretOf(session)) };
}

/** The entries themselves. */
export async function auditPage(session: Session, window: ScanWindow): Promise<Page<AuditLog>> {
  const { timeZone } = await secretOf(session);
  const pageIndex = Number(window.page ?? 1);
  const { from, to } = safeWindow(timeZone, window.from, window.to);
  const filter = query({ auditStartTime: from, auditEndTime: to, pageIndex, pageSize: AUDIT_PAGE });
  const reply = await call(session, { ...AUDIT, path: `Reporting/AuditLogs${filter}` }, AuditReplySchema);
  const size = reply.PageSize ?? AUDIT_PAGE;
  const items = reply.AuditLogs;
  return pageIndex * size < reply.Total ? { items, next: String(pageIndex + 1) } : { items };
}

/** Each constituent of each entry once; an entry about several is several changes. */
export function changesOf(logs: readonly AuditLog[], secret: Pick<Secret, 'auditTables' | 'user'>): Change[] {
  const { auditTables: tables, user } = secret;
  const [own, child] = [lowerCase(tables.constituent), lowerCase(tables.child)];
  const changes = new Map<string, Change>();
  let orphans = 0;
  for (const log of logs) {
    for (const detail of log.AuditDetails) {
      const table = detail.AuditTable.toLowerCase();
      const id = own.has(table) ? detail.EntityId : child.has(table) ? detail.ParentEntityId : undefined;
      if (id == null) {
        if (child.has(table) || own.has(table)) orphans += 1;
        continue;
      }
      const changeId = `${log.Id}/${id}`;
      const isOurs = log.UserName?.toLowerCase() === user.toLowerCase();
      const urgent = !isOurs && (changes.get(changeId)?.urgent || isAboutConsent(detail));
      changes.set(changeId, { id: String(id), changeId, ...(urgent ? { urgent } : {}) });
    }
  }
  refuseIfOnlyOrphans(orphans, changes.size);
  return [...changes.values()];
}

const CONSENT_COLUMNS = ['allowmarketing', 'market_ind', 'allowtelemarketing', 'tele_ind', 'answer'];

/** A consent that was given or taken back, or a new row that says no; not the yes that every new e-mail begins with. */
function isAboutConsent({ AuditEntries }: AuditDetail): boolean {
  return (AuditEntries ?? []).some(
    ({ Property, Old, New }) =>
      CONSENT_COLUMNS.includes(Property.toLowerCase()) &&
      (Old != null || /^(n|no|false|0)$/i.test(New ?? '')),
  );
}

/** Dropping every entry without a word would look like a quiet day at the box office. */
function refuseIfOnlyOrphans(orphans: number, changes: number): void {
  if (orphans > 0 && changes === 0) throw contractChanged(AUDIT, 'AuditDetails[].ParentEntityId');
}

function lowerCase(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}
