import type { Millis } from '../../engine/ports.ts';
import type { AuditDetail } from './sandbox-audit.ts';
import type { ChildKind } from './sandbox-children.ts';
import { type Data, noChildren, sandboxData } from './sandbox-data.ts';
import type { Layout } from './sandbox-layout.ts';
import { displayName } from './sandbox-naming.ts';
import type { Row } from './sandbox-people.ts';

/** Who changes something from where, and how long the change stays uncommitted in the audit log. */
export interface Actor {
  user: string;
  /** The machine location that the sign-in names. */
  location: string;
  commitDelay: Millis;
}

export type Values = Record<string, unknown>;

export type Store = ReturnType<typeof sandboxStore>;

/** The database with its writes; each leaves an entry in the audit log. */
export function sandboxStore(layout: Layout, now: () => Millis) {
  const data = sandboxData(layout, now);
  /** The constituent that a row belongs to, if it is there. */
  const child = (kind: ChildKind, rowId: number): { parent: number; row: Row } | undefined => {
    const parent = data.parents.get(rowId) ?? Math.floor(rowId / 100);
    const row = data.children(kind, parent).find((each) => each.Id === rowId);
    return row && { parent, row };
  };
  return {
    layout,
    log: data.log,
    doors: data.doors,
    now: data.now,
    columns: data.columns,
    children: data.children,
    endOf: data.endOf,
    idsWithEmail: data.finds.idsWithEmail,
    membersOf: data.finds.membersOf,
    buyersOf: data.finds.buyersOf,
    shows: data.shows,
    derivedEnd: data.derivedEnd,
    endedCount: () => data.ended.size,
    lastId: () => data.ids.constituent,
    purges: data.purges,
    markPurge(id: number, wanted: boolean): void {
      if (wanted) data.purges.add(id);
      else data.purges.delete(id);
      data.unaudited += 1;
    },
    /** How many changes left no trace in the audit log or at the doors. */
    unaudited: () => data.unaudited,
    child,
    ...constituentWrites(data),
    ...childWrites(data, child),
  };
}

function constituentWrites(data: Data) {
  const own = (id: number) => ({ kind: 'Constituents', id, constituentId: id }) as const;
  return {
    addConstituent(actor: Actor, values: Values): number {
      data.ids.constituent += 1;
      const id = data.ids.constituent;
      const start = { Id: id, UpdatedDateTime: '' };
      const columns = changed(start, { ...values, ...created(data, actor) }, data, actor);
      data.touched.set(id, { columns: { ...columns, ...displayName(columns) }, children: noChildren() });
      record(data, actor, { ...own(id), action: 'Inserted', changes: differences({}, values) });
      return id;
    },
    /** Undefined and null take the column away. */
    setColumns(actor: Actor, id: number, values: Values): Row {
      const touched = data.touch(id);
      const changes = differences(touched.columns, values);
      const columns = changed(touched.columns, values, data, actor);
      const renamed = changes.some(({ property }) => /^(First|Last)Name$/.test(property));
      touched.columns = renamed ? { ...columns, ...displayName(columns) } : columns;
      record(data, actor, { ...own(id), action: 'Updated', changes });
      return touched.columns;
    },
    /** Merged into another, or purged. */
    end(actor: Actor, id: number, into: number | undefined): void {
      data.ended.set(id, { into });
      data.touched.delete(id);
      data.purges.delete(id);
      record(data, actor, { ...own(id), action: 'Deleted', changes: [] });
    },
  };
}

function childWrites(
  data: Data,
  child: (kind: ChildKind, rowId: number) => { parent: number; row: Row } | undefined,
) {
  return {
    addChild(actor: Actor, kind: ChildKind, parent: number, values: Values): Row {
      const touched = data.touch(parent);
      data.ids.child += 1;
      const start: Row = { Id: data.ids.child, Constituent: { Id: parent }, UpdatedDateTime: '' };
      const row = changed(start, { ...values, ...created(data, actor) }, data, actor);
      const others = onePrimary(data, actor, { kind, parent, rows: touched.children[kind], row });
      touched.children[kind] = [...others, row];
      data.parents.set(row.Id, parent);
      data.finds.index(kind, row, parent);
      const changes = differences({}, values);
      record(data, actor, { kind, id: row.Id, constituentId: parent, action: 'Inserted', changes });
      return row;
    },
    setChild(actor: Actor, kind: ChildKind, rowId: number, values: Values): Row | undefined {
      const found = child(kind, rowId);
      if (!found) return undefined;
      const { parent } = found;
      const touched = data.touch(parent);
      const row = changed(found.row, values, data, actor);
      const rest = touched.children[kind].filter((each) => each.Id !== rowId);
      const others = onePrimary(data, actor, { kind, parent, rows: rest, row });
      touched.children[kind] = [...others, row].sort((a, b) => a.Id - b.Id);
      data.finds.index(kind, row, parent);
      const changes = differences(found.row, values);
      record(data, actor, { kind, id: rowId, constituentId: parent, action: 'Updated', changes });
      return row;
    },
    /** To another constituent, under its own id; a merge does it in the database, past the audit log. */
    moveChild(kind: ChildKind, row: Row, into: number, values: Values): void {
      const touched = data.touch(into);
      const moved = { ...row, ...values, UpdatedDateTime: data.stamp() };
      touched.children[kind] = [...touched.children[kind], moved].sort((a, b) => a.Id - b.Id);
      data.parents.set(row.Id, into);
      data.finds.index(kind, moved, into);
    },
    removeChild(actor: Actor, kind: ChildKind, rowId: number): void {
      const found = child(kind, rowId);
      if (!found) return;
      const touched = data.touch(found.parent);
      touched.children[kind] = touched.children[kind].filter((each) => each.Id !== rowId);
      record(data, actor, { kind, id: rowId, constituentId: found.parent, action: 'Deleted', changes: [] });
    },
  };
}

/** Scans are not audited: the doors have a table of their own. */
function record(data: Data, actor: Actor, detail: AuditDetail): void {
  if (detail.kind === 'Attendance') return;
  const at = data.now();
  const { user, location, commitDelay } = actor;
  data.log.add({ user, location, at, visibleAt: at + commitDelay, detail });
}

function created(data: Data, { user, location }: Actor): Values {
  return { CreatedDateTime: data.stamp(), CreatedBy: user, CreateLocation: location };
}

function changed(row: Row, values: Values, data: Data, actor: Actor): Row {
  const merged = { ...row, ...values, UpdatedBy: actor.user };
  const kept = Object.entries(merged).filter(([, value]) => value !== null && value !== undefined);
  return { ...Object.fromEntries(kept), Id: row.Id, UpdatedDateTime: data.stamp() };
}

interface Placed {
  kind: ChildKind;
  parent: number;
  rows: readonly Row[];
  row: Row;
}

/** A new primary row takes the mark from the others: each of them is written, stamped and audited too. */
function onePrimary(data: Data, actor: Actor, { kind, parent, rows, row }: Placed): Row[] {
  if (row.PrimaryIndicator !== true) return [...rows];
  return rows.map((each) => {
    if (each.PrimaryIndicator !== true) return each;
    const values = { PrimaryIndicator: false };
    const changes = differences(each, values);
    record(data, actor, { kind, id: each.Id, constituentId: parent, action: 'Updated', changes });
    return changed(each, values, data, actor);
  });
}

function differences(before: Values, values: Values) {
  return Object.entries(values)
    .filter(([property, value]) => JSON.stringify(before[property] ?? null) !== JSON.stringify(value ?? null))
    .map(([property, value]) => ({ property, old: before[property], new: value }));
}
