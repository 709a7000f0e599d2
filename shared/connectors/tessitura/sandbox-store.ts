import type { Millis } from '../../engine/ports.ts';
import type { AuditDetail } from './sandbox-audit.ts';
import type { ChildKind } from './sandbox-children.ts';
import { type Data, noChildren, sandboxData } from './sandbox-data.ts';
import type { Layout } from './sandbox-layout.ts';
import type { Row } from './sandbox-people.ts';

/** Who changes something, and how long the change stays uncommitted in the audit log. */
export interface Actor {
  user: string;
  commitDelay: Millis;
}

type Values = Record<string, unknown>;

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
    idsWithEmail: data.idsWithEmail,
    lastId: () => data.ids.constituent,
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
      const start = { Id: id, UpdatedDateTime: '', CreatedDateTime: data.stamp() };
      data.touched.set(id, { columns: changed(start, values, data, actor), children: noChildren() });
      record(data, actor, { ...own(id), action: 'Inserted', changes: differences({}, values) });
      return id;
    },
    /** Undefined and null take the column away. */
    setColumns(actor: Actor, id: number, values: Values): Row {
      const touched = data.touch(id);
      const changes = differences(touched.columns, values);
      touched.columns = changed(touched.columns, values, data, actor);
      record(data, actor, { ...own(id), action: 'Updated', changes });
      return touched.columns;
    },
    /** Merged into another, or purged. */
    end(actor: Actor, id: number, into: number | undefined): void {
      data.ended.set(id, { into });
      data.touched.delete(id);
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
      const row = changed(start, { ...values, CreatedDateTime: data.stamp() }, data, actor);
      touched.children[kind] = [...onePrimary(touched.children[kind], row), row];
      data.parents.set(row.Id, parent);
      data.indexEmail(row, parent);
      const changes = differences({}, values);
      record(data, actor, { kind, id: row.Id, constituentId: parent, action: 'Inserted', changes });
      return row;
    },
    setChild(actor: Actor, kind: ChildKind, rowId: number, values: Values): Row | undefined {
      const found = child(kind, rowId);
      if (!found) return undefined;
      const touched = data.touch(found.parent);
      const row = changed(found.row, values, data, actor);
      const others = touched.children[kind].filter((each) => each.Id !== rowId);
      touched.children[kind] = [...onePrimary(others, row), row].sort((a, b) => a.Id - b.Id);
      data.indexEmail(row, found.parent);
      const changes = differences(found.row, values);
      record(data, actor, { kind, id: rowId, constituentId: found.parent, action: 'Updated', changes });
      return row;
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
  data.log.add({ user: actor.user, at, visibleAt: at + actor.commitDelay, detail });
}

function changed(row: Row, values: Values, data: Data, actor: Actor): Row {
  const merged = { ...row, ...values, UpdatedBy: actor.user };
  const kept = Object.entries(merged).filter(([, value]) => value !== null && value !== undefined);
  return { ...Object.fromEntries(kept), Id: row.Id, UpdatedDateTime: data.stamp() };
}

/** A new primary row takes the mark from the others. */
function onePrimary(others: readonly Row[], row: Row): Row[] {
  if (row.PrimaryIndicator !== true) return [...others];
  return others.map((each) => (each.PrimaryIndicator === true ? { ...each, PrimaryIndicator: false } : each));
}

function differences(before: Values, values: Values) {
  return Object.entries(values)
    .filter(([property, value]) => JSON.stringify(before[property] ?? null) !== JSON.stringify(value ?? null))
    .map(([property, value]) => ({ property, old: before[property], new: value }));
}
