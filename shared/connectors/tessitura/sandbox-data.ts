import type { Millis } from '../../engine/ports.ts';
import { auditLog } from './sandbox-audit.ts';
import { CHILD_KINDS, type ChildKind } from './sandbox-children.ts';
import { people } from './sandbox-derived.ts';
import { doorLog } from './sandbox-doors.ts';
import { sandboxFinds } from './sandbox-finds.ts';
import type { Layout } from './sandbox-layout.ts';
import type { Row } from './sandbox-people.ts';
import { sandboxShows } from './sandbox-shows.ts';
import { netStamp } from './sandbox-stamp.ts';

/** A constituent that somebody touched; all others are derived when they are asked for. */
interface Touched {
  columns: Row;
  children: Record<ChildKind, Row[]>;
}

/** Where a constituent went that is no more: merged into another, or purged. */
interface Ended {
  into: number | undefined;
}

export type Data = ReturnType<typeof sandboxData>;

/** What is stored: derived people under an overlay of edits, and the audit log. Memory grows with edits only. */
export function sandboxData(layout: Layout, now: () => Millis) {
  const derived = people(layout);
  const touched = new Map<number, Touched>();
  const ended = new Map<number, Ended>();
  const columns = (id: number): Row | undefined =>
    ended.has(id) ? undefined : (touched.get(id)?.columns ?? derived.columns(id));
  const children = (kind: ChildKind, id: number): readonly Row[] =>
    ended.has(id) ? [] : (touched.get(id)?.children[kind] ?? derived.children(kind, id));
  let ticks = 0;

  return {
    layout,
    touched,
    ended,
    columns,
    children,
    now,
    log: auditLog(),
    doors: doorLog(),
    shows: sandboxShows(layout.seed, now),
    finds: sandboxFinds(layout, derived, children),
    /** Constituents of rows that people added or moved, by the row's id. */
    parents: new Map<number, number>(),
    /** Constituents that are marked to be purged by the nightly job. */
    purges: new Set<number>(),
    /** Changes that leave no trace in the audit log or at the doors. */
    unaudited: 0,
    ids: { constituent: layout.size, child: (layout.size + 1) * 100 },
    stamp: (): string => {
      ticks += 1;
      return netStamp(now(), ticks * 37);
    },
    endOf(id: number): Ended | undefined {
      const role = derived.role(id);
      return ended.get(id) ?? (role?.role === 'merged' ? { into: role.into } : undefined);
    },
    /** Merged away before anybody looked. */
    derivedEnd: (id: number): boolean => derived.role(id)?.role === 'merged',
    /** A copy that may be changed. */
    touch(id: number): Touched {
      const own = touched.get(id) ?? derivedCopy(derived, id);
      touched.set(id, own);
      return own;
    },
  };
}

export function noChildren(): Record<ChildKind, Row[]> {
  return {
    Addresses: [],
    ElectronicAddresses: [],
    PhoneNumbers: [],
    Salutations: [],
    ContactPermissions: [],
    WebLogins: [],
    Affiliations: [],
    Memberships: [],
    SubLineItems: [],
    Attendance: [],
  };
}

function derivedCopy(derived: ReturnType<typeof people>, id: number): Touched {
  const columns = derived.columns(id);
  if (!columns) throw new Error(`constituent ${id} does not exist`);
  const kinds = Object.fromEntries(CHILD_KINDS.map((kind) => [kind, derived.children(kind, id)]));
  return { columns, children: { ...noChildren(), ...kinds } };
}
