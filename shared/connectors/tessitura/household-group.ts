import * as z from 'zod';
import type { Session } from '../../engine/session.ts';
import { batchRows } from './client.ts';
import { ConstituentColumns } from './schema.ts';
import { constituentsPart } from './sharing.ts';

type Grouped = Pick<z.infer<typeof ConstituentColumns>, 'ConstituentType'>;
const RowsSchema = z.array(ConstituentColumns.pick({ Id: true, ConstituentType: true }));
const PER_PART = 100;

/** The group of households, in whatever language case the organisation writes it. */
export function isHousehold({ ConstituentType }: Grouped): boolean {
  return /^households?$/i.test(ConstituentType.ConstituentGroup.Description?.trim() ?? '');
}

/**
 * Which of these constituents are households; one that the service does not know may have been one, so it stays.
 * One call per batch, whatever their number.
 */
export async function onlyHouseholds(session: Session, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const distinct = [...new Set(ids)];
  const parts = [];
  for (let from = 0; from < distinct.length; from += PER_PART)
    parts.push(constituentsPart(distinct.slice(from, from + PER_PART).map(Number)));
  const rows = await batchRows(session, parts, RowsSchema);
  const others = new Set(
    rows
      .flat()
      .filter((row) => !isHousehold(row))
      .map((row) => String(row.Id)),
  );
  return new Set(distinct.filter((id) => !others.has(id)));
}
