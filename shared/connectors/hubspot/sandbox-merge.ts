import type { Values } from './sandbox-row.ts';

/** A record that takes part in a merge: its id and what it holds. */
export type Half = readonly [id: number, values: Values];

/** What the survivor holds: the primary's values, gaps filled from the other; the ids of all who went in. */
export function combined([primaryId, first]: Half, [otherId, second]: Half): Map<string, string> {
  const all = new Map([...second, ...first]);
  const ids = [first, second].flatMap((values) => listed(values, 'hs_merged_object_ids'));
  all.set('hs_merged_object_ids', [...new Set([...ids, String(primaryId), String(otherId)])].join(';'));
  const emails = [first, second].flatMap((values) => [
    ...listed(values, 'email'),
    ...listed(values, 'hs_additional_emails'),
  ]);
  const others = [...new Set(emails)].filter((email) => email !== all.get('email'));
  if (others.length > 0) all.set('hs_additional_emails', others.join(';'));
  return all;
}

function listed(values: Values, name: string): string[] {
  return (values.get(name) ?? '').split(';').filter(Boolean);
}
