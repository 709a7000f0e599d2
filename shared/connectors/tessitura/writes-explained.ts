import { parseInstant } from '../../values/instant.ts';
import type { Constituent } from './schema.ts';
import { toldColumn, type WriteEntry, type WriteKind, type WriteValue } from './write-entry.ts';

type Row = Readonly<Record<string, unknown>> & {
  Id: number;
  UpdatedDateTime: string;
  UpdatedBy?: string | null | undefined;
};
type Change = WriteEntry['changes'][number];
/** Who a name in `UpdatedBy` stands for. */
type Whose = (name: string | null | undefined) => WriteEntry['by'];

/**
 * The entries that explain a record as it was read, oldest first. What was written after the read is left out: it
 * rings by itself. A value that no entry explains (an audit that lags behind, a tool that goes round it) is a
 * write of its own, when and by whom the row says. Pure.
 */
export function explained(record: Constituent, told: readonly WriteEntry[], whose: Whose): WriteEntry[] {
  const rows = rowsOf(record);
  const numbered = told.map((write, order) => ({ ...write, order }));
  const byRow = Map.groupBy(numbered, rowKey);
  const found = [...byRow].flatMap(([key, writes]) => ofRow(rows.get(key), writes, { record, whose }));
  return found.sort((a, b) => a.at - b.at || a.order - b.order).map(({ order: _order, ...write }) => write);
}

/** With its place in the log: what one moment holds is told apart by it. */
type Numbered = WriteEntry & { order: number };

interface Context {
  record: Constituent;
  whose: Whose;
}

function ofRow(row: Row | undefined, writes: readonly Numbered[], context: Context): Numbered[] {
  if (!row) return ofMissing(writes);
  /** What each column held before the entries that have been looked at, newest first. */
  const values = new Map<string, WriteValue>();
  const strange: Change[] = [];
  const isOfRead = (write: WriteEntry, change: Change): boolean => {
    const { property, before, after } = change;
    const known = values.get(property);
    const value = known === undefined ? valueIn(write.kind, row, property) : known;
    if (write.action === 'update' && value !== after && value === before) return false;
    if (known === undefined && value !== after) strange.push({ property, before: after, after: value });
    values.set(property, before);
    return true;
  };
  const kept: Numbered[] = [];
  for (const write of writes.toReversed()) {
    // Of a row that is there, only a deletion after the read.
    if (write.action === 'delete') continue;
    const changes = write.changes.filter((change) => isOfRead(write, change));
    if (changes.length > 0 || write.action === 'insert') kept.unshift({ ...write, changes });
  }
  const last = writes.at(-1);
  return strange.length === 0 || !last ? kept : [...kept, unexplained(row, { last, strange }, context)];
}

/** Deleted before the read, or hidden because it is inactive, or inserted after the read. */
function ofMissing(writes: readonly Numbered[]): Numbered[] {
  const last = writes.at(-1);
  if (last?.action === 'delete') return [...writes];
  const hidden = last?.changes.some(({ property, after }) => property === 'Inactive' && after === true);
  return last && hidden ? [...writes.slice(0, -1), { ...last, action: 'delete' }] : [];
}

/** Never before the entries that are known: two clocks of one server may differ a little. */
function unexplained(
  row: Row,
  { last, strange }: { last: Numbered; strange: readonly Change[] },
  { record, whose }: Context,
): Numbered {
  const stamp = parseInstant(row.UpdatedDateTime, record.timeZone);
  return {
    at: Math.max(last.at, stamp.ok ? stamp.value.epoch : last.at),
    by: whose(row.UpdatedBy),
    kind: last.kind,
    rowId: row.Id,
    action: 'update',
    changes: [...strange],
    order: Number.POSITIVE_INFINITY,
  };
}

function valueIn(kind: WriteKind, row: Row, property: string): WriteValue {
  return toldColumn(kind, property)?.read(row[property]) ?? null;
}

function rowsOf(record: Constituent): ReadonlyMap<string, Row> {
  const all: [WriteKind, readonly Row[]][] = [
    ['constituent', [record]],
    ['email', record.ElectronicAddresses],
    ['phone', record.PhoneNumbers],
    ['permission', record.ContactPermissions],
  ];
  return new Map(
    all.flatMap(([kind, rows]) => rows.map((row) => [rowKey({ kind, rowId: row.Id }), row] as const)),
  );
}

function rowKey({ kind, rowId }: Pick<WriteEntry, 'kind' | 'rowId'>): string {
  return `${kind}/${rowId}`;
}
