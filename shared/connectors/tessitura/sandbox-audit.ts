import type { Millis } from '../../engine/ports.ts';
import { netStamp } from './sandbox-stamp.ts';

/** The audit table of each kind of record. */
export const AUDIT_TABLES = {
  Constituents: 'T_CUSTOMER',
  Addresses: 'T_ADDRESS',
  ElectronicAddresses: 'T_EADDRESS',
  PhoneNumbers: 'T_PHONE',
  Salutations: 'T_SALUTATION',
  ContactPermissions: 'TX_CONTACT_PERMISSION',
  WebLogins: 'T_CUST_LOGIN',
  Affiliations: 'T_AFFILIATION',
  Memberships: 'TX_CUST_MEMBERSHIP',
  SubLineItems: 'T_ORDER',
  Attendance: 'T_ATTENDANCE',
} as const;
export type Audited = keyof typeof AUDIT_TABLES;

export interface AuditDetail {
  action: 'Inserted' | 'Updated' | 'Deleted';
  kind: Audited;
  id: number;
  constituentId: number;
  changes: readonly { property: string; old: unknown; new: unknown }[];
}

export interface AuditEntry {
  id: number;
  user: string;
  location: string;
  at: Millis;
  /** Committed then: until that moment no reader sees it. */
  visibleAt: Millis;
  detail: AuditDetail;
}

/** The audit log, oldest first. */
export function auditLog() {
  const entries: AuditEntry[] = [];
  /** By the entity's own id and by its constituent's. */
  const byId = new Map<number, AuditEntry[]>();
  const note = (id: number, entry: AuditEntry) => {
    const known = byId.get(id);
    if (known) known.push(entry);
    else byId.set(id, [entry]);
  };
  return {
    size: () => entries.length,
    add(entry: Omit<AuditEntry, 'id'>): void {
      const added = { id: 500_000 + entries.length, ...entry };
      entries.push(added);
      note(added.detail.id, added);
      if (added.detail.constituentId !== added.detail.id) note(added.detail.constituentId, added);
    },
    /** Entries stamped in [from, to] that are committed by `now`. */
    window(from: Millis, to: Millis, now: Millis): AuditEntry[] {
      const start = entries.findLastIndex((each) => each.at < from) + 1;
      const found: AuditEntry[] = [];
      for (const entry of entries.slice(start)) {
        if (entry.at > to) break;
        if (entry.visibleAt <= now) found.push(entry);
      }
      return found;
    },
    /** Of some ids, own or parent's, committed by `now`; each entry once. */
    about(ids: readonly number[], now: Millis): AuditEntry[] {
      const found = new Set(ids.flatMap((id) => byId.get(id) ?? []));
      return [...found].filter((each) => each.visibleAt <= now).sort((a, b) => a.id - b.id);
    },
  };
}

/** As Reporting/AuditLogs writes an entry; null values are absent. */
export function auditJson({ id, user, location, at, detail }: AuditEntry) {
  const isOwn = detail.kind === 'Constituents';
  return {
    Id: id,
    UserName: user,
    ActionDateTime: netStamp(at, id),
    CreateLocation: location,
    AuditDetails: [
      {
        Id: id * 10,
        Action: detail.action,
        AuditTable: AUDIT_TABLES[detail.kind],
        EntityId: detail.id,
        ...(isOwn ? {} : { ParentEntityId: detail.constituentId }),
        AuditEntries: detail.changes.map(entryJson),
      },
    ],
  };
}

function entryJson(change: AuditDetail['changes'][number]) {
  return {
    Property: change.property,
    ...(change.old == null ? {} : { Old: asText(change.old) }),
    ...(change.new == null ? {} : { New: asText(change.new) }),
  };
}

/** Of a reference to another table the audited column holds the id only. */
function asText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return 'Id' in value ? String(value.Id) : JSON.stringify(value);
}
