import * as z from 'zod';
import type { Fields } from '../../engine/fields.ts';
import type { Session } from '../../engine/session.ts';
import { batchRows, type Part } from './client.ts';
import { emailKey } from './email-key.ts';
import { constituentIds } from './email-sharers.ts';
import { ConstituentColumns, isIndividual } from './schema.ts';
import { activeRows, constituentsPart, lookupPart } from './sharing.ts';
import { SharedAddressesSchema } from './wire.ts';

interface Wanted {
  targetId: string;
  fields: Fields;
}

/**
 * People in use whose active e-mail is exactly the one of a target's record; households, organisations, inactive
 * and protected ones are nobody to link to. Two calls for all.
 */
export async function matchByEmail(
  session: Session,
  wanted: readonly Wanted[],
  field: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const addressOf = ({ fields }: Wanted) => String(fields[field] ?? '').trim();
  const lookups = new Map<string, Part>();
  for (const each of wanted) {
    const address = addressOf(each);
    if (address !== '') lookups.set(emailKey(address), lookupPart(address));
  }
  const rows = await batchRows(session, [...lookups.values()], SharedAddressesSchema);
  const found = new Map(
    [...lookups.keys()].map((key, index) => [key, constituentIds(activeRows(rows[index] ?? []))] as const),
  );
  const people = await peopleAmong(session, [...new Set([...found.values()].flat())]);
  return new Map(
    wanted.map((each) => {
      const ids = found.get(emailKey(addressOf(each))) ?? [];
      return [each.targetId, ids.filter((id) => people.has(id)).map(String)];
    }),
  );
}

async function peopleAmong(session: Session, ids: readonly number[]): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set();
  const parts: Part[] = [];
  for (let from = 0; from < ids.length; from += 100)
    parts.push(constituentsPart(ids.slice(from, from + 100)));
  const rows = await batchRows(session, parts, z.array(ConstituentColumns));
  const inUse = rows
    .flat()
    .filter((row) => isIndividual(row) && row.Inactive.Id === 1 && row.ProtectionType == null);
  return new Set(inUse.map((row) => row.Id));
}
