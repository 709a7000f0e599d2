import * as z from 'zod';
import type { Fields } from '../../engine/fields.ts';
import type { Session } from '../../engine/session.ts';
import { batch, type Part, parsed, partFault } from './client.ts';
import { emailKey } from './email-key.ts';
import { ConstituentColumns, isIndividual } from './schema.ts';
import { constituentsPart, lookupPart, sharedAddresses } from './sharing.ts';

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
  const parts = [...lookups.values()];
  const replies = parts.length === 0 ? [] : await batch(session, parts);
  const found = new Map<string, number[]>();
  for (const [index, key] of [...lookups.keys()].entries()) {
    const [part, reply] = [parts[index], replies[index]];
    if (!part || (reply?.status !== 200 && reply?.status !== 404))
      throw partFault(
        { ...(part ?? lookupPart('')), method: 'GET' },
        reply ?? { status: 500, errors: '' },
        'read',
      );
    found.set(key, [...new Set(sharedAddresses(part, reply).flatMap((row) => row.Constituent?.Id ?? []))]);
  }
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
  const people = new Set<number>();
  for (const [index, reply] of (await batch(session, parts)).entries()) {
    const part = parts[index] ?? constituentsPart([]);
    const asked = { ...part, method: 'GET', effect: 'read' } as const;
    if (reply?.status !== 200) throw partFault(asked, reply ?? { status: 500, errors: '' }, 'read');
    for (const row of parsed(asked, z.array(ConstituentColumns), reply.value))
      if (isIndividual(row) && row.Inactive.Id === 1 && row.ProtectionType == null) people.add(row.Id);
  }
  return people;
}
