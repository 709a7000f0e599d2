import * as z from 'zod';
import type { Row } from './sandbox-people.ts';

const GroupSchema = z.object({ ConstituentGroup: z.object({ Description: z.string() }) });

/** `Individual`, `Household` or `Organization`. */
export function groupOf({ ConstituentType }: Row): string {
  return GroupSchema.safeParse(ConstituentType).data?.ConstituentGroup.Description ?? 'Individual';
}

/** The service makes it from the names; a body's own is passed over. */
export function displayName(columns: Row): { DisplayName: string } {
  const last = String(columns.LastName ?? '').trim();
  if (groupOf(columns) === 'Household') return { DisplayName: `The ${last} Household` };
  return { DisplayName: [columns.FirstName, columns.LastName].filter(Boolean).join(' ') };
}
