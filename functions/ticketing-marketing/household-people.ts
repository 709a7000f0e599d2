import type { Constituent, Household } from '../../shared/connectors/tessitura/index.ts';
import { isIndividual } from '../../shared/connectors/tessitura/schema.ts';
import { Fault } from '../../shared/engine/fault.ts';
import type { Read, Source } from '../../shared/engine/resource.ts';
import type { Session } from '../../shared/engine/session.ts';

/** What a household needs to know of one of its people. */
export type Person = Pick<Constituent, 'ConstituentType' | 'Inactive' | 'NameStatus' | 'ProtectionType'>;

/** A household, and its people by constituent id; one who was deleted or merged away is not among them. */
export interface Home extends Household {
  people: ReadonlyMap<string, Person>;
}

type Reads = ReadonlyMap<string, Read<Constituent>>;

/** Why this constituent has no contact at HubSpot; undefined for whoever has one. The same as for patrons. */
export function withoutContact(
  person: Pick<Person, 'ConstituentType' | 'ProtectionType'>,
): string | undefined {
  if (person.ProtectionType != null) return 'protected';
  return isIndividual(person) ? undefined : 'not an individual';
}

/**
 * Households with what their people are: an affiliation does not say that somebody is protected, and a household
 * would wait for ever for the contact of one who is. A household with somebody who was not answered for is unseen.
 */
export function homes(households: Source<Household>, people: Source<Constituent>): Source<Home> {
  return {
    ...households,
    // As many people as a household usually has: two reads of them for a read of households.
    callsPerRead: households.callsPerRead + 2 * people.callsPerRead,
    async read(session, ids) {
      const found = await households.read(session, ids);
      const known = await peopleOf(session, people, membersIn([...found.values()]));
      const isSeen = (read: Read<Household>) => membersIn([read]).every((id) => known.has(id));
      return new Map(
        [...found].filter(([, read]) => isSeen(read)).map(([id, read]) => [id, withPeople(read, known)]),
      );
    },
    async readOne(session, id) {
      const found = await households.readOne(session, id);
      const members = membersIn([found]);
      const known = new Map(await peopleOf(session, people, members));
      for (const member of members.filter((each) => !known.has(each)))
        known.set(member, await people.readOne(session, member));
      return withPeople(found, known);
    },
  };
}

function membersIn(reads: readonly Read<Household>[]): string[] {
  const ids = reads.flatMap((read) =>
    read.state === 'present' ? read.record.members.map((each) => each.constituentId) : [],
  );
  return [...new Set(ids)];
}

async function peopleOf(
  session: Session,
  people: Source<Constituent>,
  ids: readonly string[],
): Promise<Reads> {
  const known = new Map<string, Read<Constituent>>();
  for (let from = 0; from < ids.length; from += people.batchSize) {
    const some = await people.read(session, ids.slice(from, from + people.batchSize));
    for (const [id, read] of some) known.set(id, read);
  }
  return known;
}

function withPeople(read: Read<Household>, known: Reads): Read<Home> {
  if (read.state !== 'present') return read;
  const people = new Map<string, Person>();
  for (const { constituentId } of read.record.members) {
    const person = known.get(constituentId);
    if (person?.state === 'unreadable')
      return { state: 'unreadable', fault: memberFault(constituentId, person.fault) };
    if (person?.state === 'present') people.set(constituentId, person.record);
  }
  return { state: 'present', record: { ...read.record, people } };
}

function memberFault(id: string, { kind, vendor, operation, message, field }: Fault): Fault {
  const named = field === undefined ? {} : { field };
  return new Fault(kind, { vendor, operation, message: `its member ${id}: ${message}`, ...named });
}
