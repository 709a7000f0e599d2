import type { Page } from '../../engine/ports.ts';
import type { Change, ScanWindow } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { call, query, secretOf } from './client.ts';
import type { Call } from './faults.ts';
import { safeWindow } from './local-time.ts';
import { type DoorRow, EventControlSchema } from './wire.ts';

const SCANS: Call = {
  operation: 'event-control.read',
  method: 'GET',
  resource: 'AccessControl/EventControl',
  effect: 'read',
};

/** Who was let in during a window, by constituent. */
export async function scanDoors(session: Session, window: ScanWindow): Promise<Page<Change>> {
  const admitted = await admissions(session, window);
  return { items: admitted.map((row) => ({ id: String(row.CustomerNumber), changeId: `scan/${row.Id}` })) };
}

/**
 * The good scans of a window. The table keeps every attempt, also refused ones; scanners that were offline
 * send theirs later, and the window is about when the row was written, so a late scan is in a later window.
 * The service does not page it.
 */
export async function admissions(session: Session, window: ScanWindow): Promise<DoorRow[]> {
  const { timeZone } = await secretOf(session);
  const { from, to } = safeWindow(timeZone, window.from, window.to);
  const path = `AccessControl/EventControl${query({ startDate: from, endDate: to })}`;
  const reply = await call(session, { ...SCANS, path }, EventControlSchema);
  return (reply.EventControlSet ?? []).filter(isAdmission);
}

function isAdmission(row: {
  CustomerNumber?: number | null | undefined;
  TicketOk?: string | null | undefined;
}) {
  return (row.CustomerNumber ?? 0) > 0 && row.TicketOk?.trim().toUpperCase() === 'Y';
}
