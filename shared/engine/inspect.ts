import { currentOf } from './compare.ts';
import type { Engine, Work } from './engine.ts';
import { asFault, type Fault, vendorCall } from './fault.ts';
import { differingFields, type Fields, type FieldValue, valueIn } from './fields.ts';
import type { Collection } from './flow.ts';
import type { History } from './history.ts';
import { emptyBody } from './link.ts';
import type { Back } from './pair.ts';
import { type Pairing, pairUp } from './pairing.ts';
import type { Link, LinkKey, Millis } from './ports.ts';
import { DELETED } from './read-target.ts';
import type { Read } from './resource.ts';
import type { Session } from './session.ts';
import { ERASED } from './tombstone.ts';
import { sessionOf, visit } from './visit.ts';
import { type Want, wanted } from './want.ts';
import { itemOf, openItems } from './work-items.ts';

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
  /** The source's record as it was read; only where the way back needs it. */
  record?: unknown;
  targetId?: string;
  /** When reading began. */
  readAt: Millis;
  /** Who wrote what of `current`, where the vendor tells. */
  history?: History;
  /** What reading the linked record at the target showed. */
  target?: Read<Fields>['state'];
  /** The target's values of the fields that the flow owns; absent when there is no record. */
  current?: Fields;
  /** Names of the fields that would be written, or why the record would be made, taken away or left. */
  differs: readonly string[];
  /** Of a pair: what the source shows, before the two sides were merged. */
  shown?: Fields;
  /** Fields that would be written back to the source, with what it shows and what it would be given. */
  back?: readonly { name: string; current: FieldValue; planned: FieldValue }[];
  /** Fields that only a person can decide; neither side is touched. */
  open?: readonly string[];
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
  const accounts = [source.account, target.account];
  return visit(engine, { accounts, lane: 'bulk', work }, async (sessions) => {
    const read = await readSources(sessionOf(sessions, source.account), collection, subjects);
    const known = await withTargets(sessionOf(sessions, target.account), collection, read);
    return known.map((each) => compared(collection, each));
  });
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
  const inspection: Inspection = { ...subject, source: read.state, differs: [], readAt: session.now() };
  if (read.state === 'present' && collection.label) inspection.label = collection.label(read.record);
  if (read.state === 'present' && collection.back) inspection.record = read.record;
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
  const { target, owns, back } = collection;
  const tells = back && Object.keys(back.fields);
  const linked = inspections.flatMap(({ link }) => link?.body?.targetId ?? []);
  const reads =
    linked.length > 0
      ? await vendorCall(`read ${target.title}`, () => target.read(session, linked, owns, tells))
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
          : await vendorCall(`read ${target.title}`, () => target.readOne(session, targetId, owns, tells));
      const { targetId: now, current } = currentOf(read, targetId);
      const history = read.state === 'present' ? read.history : undefined;
      known.push({
        ...each,
        ...(now === undefined ? {} : { targetId: now }),
        ...(current === undefined ? {} : { current }),
        ...(history === undefined ? {} : { history }),
        target: read.state,
      });
    }
  }
  return known;
}

/** Pure. */
function compared(collection: Collection, inspection: Inspection): Inspection {
  if (!collection.back) return { ...inspection, differs: differences(inspection) };
  const { want, current, link, history } = inspection;
  const because = leftAlone(collection.back, inspection);
  if (because !== undefined && want?.do === 'put') {
    const open = openItems(link?.body).map((item) => item.field);
    const nothing: Want = { do: 'nothing', state: 'absent', because, affects: want.affects };
    return { ...inspection, want: nothing, open };
  }
  if (want?.do !== 'put' || current === undefined) return { ...inspection, differs: differences(inspection) };
  try {
    const pairing = pairUp(
      { collection, body: link?.body ?? emptyBody, record: inspection.record, readAt: inspection.readAt },
      want.fields,
      { values: current, history },
    );
    return bothSides({ ...inspection, want: { ...want, fields: pairing.desired } }, pairing, want.fields);
  } catch (thrown) {
    return { ...inspection, fault: asFault(thrown, `map ${collection.name} back`) };
  }
}

/** Why nothing is done for a record although it could be; undefined where something is. */
function leftAlone(back: Back, { link, target }: Inspection): string | undefined {
  if (link?.body?.erasedAt !== undefined || link?.body?.absentBecause === ERASED) return ERASED;
  if (target === 'gone' && back.whenDeleted === 'leave') return DELETED;
  const other = itemOf(link?.body, '');
  return target === 'merged' && other && other.keep !== 'left' ? other.because : undefined;
}

function bothSides(inspection: Inspection, pairing: Pairing, shown: Fields): Inspection {
  const back = Object.keys(pairing.changed).map((name) => ({
    name,
    current: valueIn(shown, name),
    planned: valueIn(pairing.changed, name),
  }));
  const open = (pairing.state.items ?? []).filter((item) => !item.stays).map((item) => item.field);
  const names = new Set([...differences(inspection), ...back.map(({ name }) => name)]);
  return { ...inspection, differs: [...names], shown, back, open };
}

/** Pure. */
function differences({ want, targetId, current }: Inspection): string[] {
  if (!want) return [];
  switch (want.do) {
    case 'nothing':
      return [];
    case 'merge':
    case 'remove':
      return targetId === undefined ? [] : [SURPLUS];
    case 'mark':
      return current === undefined ? [] : differingFields(current, want.fields);
    case 'put':
      return current === undefined ? [MISSING] : differingFields(current, want.fields);
  }
}
