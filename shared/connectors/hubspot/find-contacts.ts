import type { Fields } from '../../engine/fields.ts';
import type { Found } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { batchRead } from './batch.ts';
import type { HubspotRecord } from './schema.ts';

/** By what a contact is recognised as ours. */
export interface FindRule {
  reference: string;
  match: 'email' | undefined;
}

type Wanted = { ref: string; fields: Fields };

/** By our reference; those without a hit by e-mail, primary or additional, with the reference the holder carries. */
export async function findContacts(
  session: Session,
  wanted: readonly Wanted[],
  rule: FindRule,
): Promise<ReadonlyMap<string, readonly Found[]>> {
  const found = new Map<string, Found[]>();
  const carriers = await readBy(
    session,
    wanted.map((each) => each.ref),
    rule.reference,
    rule,
  );
  for (const record of carriers) {
    const ref = record.properties[rule.reference];
    if (ref) add(found, ref, { targetId: record.id, ref, by: 'reference' });
  }
  if (rule.match === undefined) return found;
  const byEmail = groupByEmail(wanted.filter((each) => !found.has(each.ref)));
  for (const record of await readBy(session, byEmail.keys(), 'email', rule)) {
    const carried = record.properties[rule.reference];
    const match: Found = { targetId: record.id, by: 'match', ...(carried ? { ref: carried } : {}) };
    for (const ref of new Set(emailsOf(record).flatMap((email) => byEmail.get(email) ?? [])))
      add(found, ref, match);
  }
  return found;
}

async function readBy(
  session: Session,
  values: Iterable<string>,
  property: string,
  rule: FindRule,
): Promise<HubspotRecord[]> {
  const properties = [rule.reference, 'email', 'hs_additional_emails'];
  return await batchRead(session, values, { type: 'contacts', properties, idProperty: property });
}

function groupByEmail(wanted: readonly Wanted[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { ref, fields } of wanted) {
    const email = typeof fields.email === 'string' ? normal(fields.email) : '';
    if (email) groups.set(email, [...(groups.get(email) ?? []), ref]);
  }
  return groups;
}

function emailsOf({ properties }: HubspotRecord): string[] {
  const additional = properties.hs_additional_emails?.split(';') ?? [];
  return [properties.email ?? '', ...additional].map(normal);
}

/** As HubSpot stores it. */
function normal(email: string): string {
  return email.trim().toLowerCase();
}

function add(found: Map<string, Found[]>, ref: string, hit: Found): void {
  found.set(ref, [...(found.get(ref) ?? []), hit]);
}
