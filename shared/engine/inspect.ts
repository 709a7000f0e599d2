import type { Account, Permit } from './account.ts';
import { currentOf } from './compare.ts';
import type { Engine, Work } from './engine.ts';
import { asFault, Fault, vendorCall } from './fault.ts';
import { differingFields, type Fields } from './fields.ts';
import type { Collection } from './flow.ts';
import type { Link, LinkKey } from './ports.ts';
import type { Read } from './resource.ts';
import type { Session } from './session.ts';
import { openSession } from './session-open.ts';
import { type Want, wanted } from './want.ts';

/** A link, or the key of a record that has none. */
export interface Subject {
  key: LinkKey;
  link: Link | undefined;
}

/** Both sides of one record as they are now, and what the flow would make of them. Nothing is written. */
export interface Inspection extends Subject {
  source: Read<unknown>['state'] | 'unknown';
  label?: string;
  want?: Want;
  targetId?: string;
  /** The target's values of the fields that the flow owns; absent when there is no record. */
  current?: Fields;
  /** Names of the fields that would be written, or why the record would be made, taken away or left. */
  differs: readonly string[];
  fault?: Fault;
}

/** The difference that a whole missing or surplus record makes. */
const MISSING = 'missing at the target';
/** A record at the target that the mapping keeps away from it. */
export const SURPLUS = 'should not be at the target';

/**
 * Reads both sides of up to a batch of records, by the bulk lane. Throws the fault of an account that cannot
 * be called now.
 */
export async function inspect(
  engine: Engine,
  collection: Collection,
  subjects: readonly Subject[],
  work: Work,
): Promise<Inspection[]> {
  const { source, target } = collection;
  return withAccounts(engine, [source.account, target.account], work, async (sessions) => {
    const [from, to] = sessions;
    if (!from || !to) throw new Error('an account is missing');
    const read = await readSources(from, collection, subjects);
    return withTargets(to, collection, read);
  });
}

async function withAccounts<T>(
  engine: Engine,
  refs: readonly Collection['source']['account'][],
  work: Work,
  run: (sessions: Session[]) => Promise<T>,
): Promise<T> {
  const entered: { account: Account; permit: Permit }[] = [];
  try {
    for (const ref of refs) {
      const account = engine.account(ref);
      const permit = await account.enter('bulk', work.deadline);
      if ('why' in permit) throw notNow(account, permit.why);
      entered.push({ account, permit });
    }
    return await run(entered.map(({ account, permit }) => openSession(engine, account, permit, work)));
  } catch (thrown) {
    const account =
      thrown instanceof Fault
        ? entered.find((each) => each.account.ref.vendor === thrown.vendor)?.account
        : undefined;
    if (account && thrown instanceof Fault) await account.learnFault(thrown);
    throw thrown;
  } finally {
    for (const { account, permit } of entered) await account.leave(permit);
  }
}

function notNow(account: Account, why: string): Fault {
  const message = `account ${account.key} is not to be called now (${why})`;
  return new Fault('rate-limited', { vendor: account.ref.vendor, operation: 'budget', message });
}

async function readSources(
  session: Session,
  collection: Collection,
  subjects: readonly Subject[],
): Promise<Inspection[]> {
  const { source } = collection;
  const ids = subjects.map(({ key }) => key.id);
  const found = await vendorCall(`read ${source.title}`, () => source.read(session, ids));
  const inspections: Inspection[] = [];
  for (const subject of subjects) {
    const bulk = found.get(subject.key.id);
    const read =
      bulk && bulk.state !== 'gone' && bulk.state !== 'merged'
        ? bulk
        : await vendorCall(`read ${source.title}`, () => source.readOne(session, subject.key.id));
    inspections.push(mapped(session, collection, subject, read));
  }
  return inspections;
}

function mapped(session: Session, collection: Collection, subject: Subject, read: Read<unknown>): Inspection {
  const inspection: Inspection = { ...subject, source: read.state, differs: [] };
  if (read.state === 'present' && collection.label) inspection.label = collection.label(read.record);
  try {
    inspection.want = wanted(collection, read, session.now());
  } catch (thrown) {
    inspection.fault = asFault(thrown, `map ${collection.name}`);
  }
  return inspection;
}

async function withTargets(
  session: Session,
  collection: Collection,
  inspections: readonly Inspection[],
): Promise<Inspection[]> {
  const { target, owns } = collection;
  const linked = inspections.flatMap(({ link }) => link?.body?.targetId ?? []);
  const reads =
    linked.length > 0
      ? await vendorCall(`read ${target.title}`, () => target.read(session, linked, owns))
      : new Map<string, Read<Fields>>();
  const known: Inspection[] = [];
  for (const each of inspections) {
    const targetId = each.link?.body?.targetId;
    if (targetId === undefined) known.push(each);
    else {
      const bulk = reads.get(targetId);
      const read =
        bulk && bulk.state !== 'gone'
          ? bulk
          : await vendorCall(`read ${target.title}`, () => target.readOne(session, targetId, owns));
      const { targetId: now, current } = currentOf(read, targetId);
      known.push({
        ...each,
        ...(now === undefined ? {} : { targetId: now }),
        ...(current === undefined ? {} : { current }),
      });
    }
  }
  return known.map((each) => ({ ...each, differs: differences(each) }));
}

/** Pure. */
function differences({ want, targetId, current }: Inspection): string[] {
  if (!want) return [];
  switch (want.do) {
    case 'nothing':
      return [];
    case 'remove':
      return targetId === undefined ? [] : [SURPLUS];
    case 'mark':
      return current === undefined ? [] : differingFields(current, want.fields);
    case 'put':
      return current === undefined ? [MISSING] : differingFields(current, want.fields);
  }
}
