import type { Context } from 'hono';
import * as z from 'zod';
import { bodyOf, json, propertyOf, recordOf, validation } from './sandbox-replies.ts';
import type { Row } from './sandbox-row.ts';
import type { ObjectStore } from './sandbox-store.ts';

const OPERATORS = [
  'EQ',
  'NEQ',
  'IN',
  'NOT_IN',
  'HAS_PROPERTY',
  'NOT_HAS_PROPERTY',
  'LT',
  'LTE',
  'GT',
  'GTE',
  'BETWEEN',
] as const;
const FilterSchema = z.object({
  propertyName: z.string(),
  operator: z.enum(OPERATORS),
  value: z.string().optional(),
  highValue: z.string().optional(),
  values: z.array(z.string()).optional(),
});
type Filter = z.infer<typeof FilterSchema>;
const SortSchema = z.union([
  z.string(),
  z.object({ propertyName: z.string(), direction: z.enum(['ASCENDING', 'DESCENDING']).default('ASCENDING') }),
]);
const SearchSchema = z.object({
  filterGroups: z
    .array(z.object({ filters: z.array(FilterSchema).max(6) }))
    .max(5)
    .default([]),
  sorts: z.array(SortSchema).max(1).default([]),
  properties: z.array(z.string()).default([]),
  limit: z.number().int().min(0).max(200).default(10),
  after: z.string().default('0'),
});

/** Pages end here, whatever the total. */
const CAP = 10_000;

/** Search over the index, which lags behind the store. */
export async function searchObjects(store: ObjectStore, context: Context): Promise<Response> {
  const { filterGroups, sorts, properties, limit, after } = await bodyOf(context, SearchSchema);
  const start = Number(after);
  if (!(start >= 0) || start + limit > CAP) throw validation(`after plus limit must not exceed ${CAP}`);
  const hits = [...store.indexed()].filter((row) => matches(store, row, filterGroups));
  sortRows(store, hits, sorts[0]);
  const page = hits.slice(start, start + limit);
  const next =
    start + limit < hits.length ? { paging: { next: { after: String(start + limit), link: '' } } } : {};
  return json({
    total: hits.length,
    results: page.map((row) => recordOf(store, row, { properties })),
    ...next,
  });
}

function matches(store: ObjectStore, row: Row, groups: readonly { filters: readonly Filter[] }[]): boolean {
  if (groups.length === 0) return true;
  const values = store.values(row);
  return groups.some(({ filters }) =>
    filters.every((filter) => passes(filter, propertyOf(row, values, filter.propertyName))),
  );
}

function passes({ operator, value = '', highValue = '', values = [] }: Filter, held: string | null): boolean {
  if (operator === 'NOT_HAS_PROPERTY') return held === null;
  if (held === null) return operator === 'NEQ' || operator === 'NOT_IN';
  const order = compare(held, value);
  switch (operator) {
    case 'HAS_PROPERTY':
      return true;
    case 'EQ':
      return order === 0;
    case 'NEQ':
      return order !== 0;
    case 'IN':
      return values.some((each) => compare(held, each) === 0);
    case 'NOT_IN':
      return !values.some((each) => compare(held, each) === 0);
    case 'LT':
      return order < 0;
    case 'LTE':
      return order <= 0;
    case 'GT':
      return order > 0;
    case 'GTE':
      return order >= 0;
    case 'BETWEEN':
      return order >= 0 && compare(held, highValue) <= 0;
  }
}

/** Numbers and instants by value (instants also as milliseconds), text without regard to case. */
function compare(held: string, wanted: string): number {
  const [a, b] = [magnitude(held), magnitude(wanted)];
  if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  const [x, y] = [held.toLowerCase(), wanted.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}

function magnitude(text: string): number {
  return /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : text === '' ? Number.NaN : Number(text);
}

function sortRows(store: ObjectStore, rows: Row[], sort: z.infer<typeof SortSchema> | undefined): void {
  if (sort === undefined) return;
  const name = typeof sort === 'string' ? sort.replace(/^-/, '') : sort.propertyName;
  const down = typeof sort === 'string' ? sort.startsWith('-') : sort.direction === 'DESCENDING';
  const key = (row: Row) => propertyOf(row, store.values(row), name) ?? '';
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  keyed.sort((a, b) => (down ? -1 : 1) * compare(a.key, b.key) || a.row.id - b.row.id);
  rows.splice(0, rows.length, ...keyed.map((each) => each.row));
}
