import type { Millis } from '../../engine/ports.ts';
import { netStamp } from './sandbox-stamp.ts';

/** One attempt at a door, as it was written into the table; `at` = then, not when it was scanned. */
export interface DoorScan {
  at: Millis;
  ticket: number;
  constituent: number;
  show: { Id: number; PerformanceDateTime: string } | undefined;
  /** Why it was turned away; undefined = let in. */
  why: string | undefined;
}

/** The table of scans, oldest first. */
export function doorLog() {
  const scans: DoorScan[] = [];
  return {
    size: () => scans.length,
    /** Returns the row's number. */
    add(scan: DoorScan): number {
      scans.push(scan);
      return 900_000 + scans.length;
    },
    /** Rows written in [from, to], as AccessControl/EventControl shows them; null columns are absent. */
    window(from: Millis, to: Millis) {
      return scans.flatMap((scan, index) =>
        scan.at < from || scan.at > to ? [] : [rowOf(scan, 900_001 + index)],
      );
    },
  };
}

function rowOf({ at, ticket, constituent, show, why }: DoorScan, id: number) {
  const ok = why === undefined;
  return {
    Id: id,
    TicketNumber: ticket,
    SubLineItemNumber: ticket,
    CustomerNumber: constituent,
    ...(show ? { PerformanceNumber: show.Id, PerformanceDateTime: show.PerformanceDateTime } : {}),
    TicketOk: ok ? 'Y' : 'N',
    Status: ok ? 'A' : 'R',
    ...(ok ? {} : { ErrorText: why }),
    UpdateDateTime: netStamp(at, id),
    DeviceName: 'DOOR01',
  };
}
