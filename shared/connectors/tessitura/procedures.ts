import type * as z from 'zod';
import type { Page } from '../../engine/ports.ts';
import type { Change, ScanWindow } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { call } from './client.ts';
import { LIST_PAGE } from './limits.ts';
import { ChangeRowsSchema, ConstituentRowsSchema } from './wire.ts';

/**
 * The local procedures of `lp_intertie.sql`, for organisations whose audit log does not cover constituents,
 * and the only way to learn of merges. POST Custom/Execute gives the first result set; null columns are
 * absent; parameters are strings.
 */
type Parameters = Readonly<Record<string, string>>;

async function execute<T>(
  session: Session,
  name: string,
  rows: z.ZodType<T>,
  parameters: Parameters,
): Promise<T> {
  const values = Object.entries(parameters).map(([key, value]) => ({ Name: key, Value: value }));
  const request = {
    operation: 'procedures.execute',
    method: 'POST',
    resource: 'Custom/Execute',
    effect: 'read',
    path: 'Custom/Execute',
    body: { ProcedureName: name, ParameterValues: values },
  } as const;
  return call(session, request, rows);
}

/** Changes in a closed window, in the order of `change_id`, which is also the page token. */
export async function scanByProcedure(session: Session, window: ScanWindow): Promise<Page<Change>> {
  const rows = await execute(session, 'LP_INTERTIE_CHANGES', ChangeRowsSchema, {
    '@since': new Date(window.from).toISOString(),
    '@until': new Date(window.to).toISOString(),
    '@after': window.page ?? '',
    '@top': String(LIST_PAGE),
  });
  const items = rows.map((row) => ({ id: String(row.constituent_id), changeId: row.change_id }));
  const last = rows.length < LIST_PAGE ? undefined : rows.at(-1);
  return last ? { items, next: last.change_id } : { items };
}

/** Ids after `page`, ascending; merged ones are passed over, they are found when somebody asks for them. */
export async function listByProcedure(session: Session, page: string | undefined): Promise<Page<string>> {
  const rows = await constituentRows(session, page ?? '0', LIST_PAGE);
  const items = rows.flatMap((row) => (row.merged_into == null ? [String(row.constituent_id)] : []));
  const last = rows.length < LIST_PAGE ? undefined : rows.at(-1);
  return last ? { items, next: String(last.constituent_id) } : { items };
}

/** Where a constituent that answers 404 went; undefined when it was not merged. */
export async function mergedInto(session: Session, id: string): Promise<string | undefined> {
  const before = Number(id) - 1;
  if (!Number.isSafeInteger(before)) return undefined;
  const row = (await constituentRows(session, String(before), 1))[0];
  return row && String(row.constituent_id) === id && row.merged_into != null
    ? String(row.merged_into)
    : undefined;
}

function constituentRows(session: Session, after: string, top: number) {
  const parameters = { '@after': after, '@top': String(top) };
  return execute(session, 'LP_INTERTIE_CONSTITUENTS', ConstituentRowsSchema, parameters);
}
