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

interface Entry {
  id: number;
  user: string;
  at: Millis;
  /** Committed then: until that moment no reader sees it. */
  visibleAt: Millis;
  detail: AuditDetail;
}

/** The audit log, oldest first. */
export function auditLog() {
  const entries: Entry[] = [];
  return {
    size: () => entries.length,
    add(entry: Omit<Entry, 'id'>): void {
      entries.push({ id: 500_000 + entries.length, ...entry });
    },
    /** Entries stamped in [from, to] that are committed by `now`. */
    window(from: Millis, to: Millis, now: Millis): Entry[] {
      const start = entries.findLastIndex((each) => each.at < from) + 1;
      const found: Entry[] = [];
      for (const entry of entries.slice(start)) {
        if (entry.at > to) break;
        if (entry.visibleAt <= now) found.push(entry);
      }
      return found;
    },
  };
}

/** As Reporting/AuditLogs writes an entry; null values are absent. */
export function auditJson({ id, user, at, detail }: Entry) {
  const isOwn = detail.kind === 'Constituents';
  return {
    Id: id,
    UserName: user,
    ActionDateTime: netStamp(at, id),
    CreateLocation: 'BOXOFF01',
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
  const text = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  return {
    Property: change.property,
    ...(change.old == null ? {} : { Old: text(change.old) }),
    ...(change.new == null ? {} : { New: text(change.new) }),
  };
}
