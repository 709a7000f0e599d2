import type { Engine, Work } from './engine.ts';
import { differingFields, type FieldValue } from './fields.ts';
import type { Collection, Flow } from './flow.ts';
import { type Inspection, inspect, SURPLUS, type Subject } from './inspect.ts';
import { emptyBody } from './link.ts';
import { lookFor } from './match.ts';
import type { LinkKey } from './ports.ts';
import type { Found } from './resource.ts';

/** What reconciling a record would do now, field by field. Holds values: for the operator's eyes, never for a log. */
export interface PlanItem {
  collection: string;
  id: string;
  action: 'create' | 'update' | 'remove' | 'none' | 'park' | 'wait';
  targetId?: string;
  /** It is not linked yet and would be paired with this record, found so. */
  adopts?: Found['by'];
  fields: { name: string; current: FieldValue; planned: FieldValue }[];
  /** What would be written back to the source. */
  back?: { name: string; current: FieldValue; planned: FieldValue }[];
  /** Fields that wait for a person, and are left as they are. */
  open?: string[];
  why?: string;
}

/** Reads both sides and writes nothing. */
export async function plan(
  engine: Engine,
  flow: Flow,
  of: { collection: string; ids: readonly string[] },
  work: Work,
): Promise<PlanItem[]> {
  const collection = flow.collection(of.collection);
  if (!collection) throw new Error(`flow ${flow.name} has no collection "${of.collection}"`);
  const items: PlanItem[] = [];
  const size = Math.min(collection.source.batchSize, collection.target.batchSize, 100);
  for (let at = 0; at < of.ids.length; at += size) {
    const keys = of.ids
      .slice(at, at + size)
      .map((id): LinkKey => ({ flow: flow.name, collection: collection.name, id }));
    const links = await engine.ports.links.read(keys);
    const subjects = keys.map((key, index) => ({ key, link: links[index] }));
    items.push(...(await planSome(engine, collection, subjects, work)));
  }
  return items;
}

async function planSome(
  engine: Engine,
  collection: Collection,
  subjects: readonly Subject[],
  work: Work,
): Promise<PlanItem[]> {
  const inspections = await inspect(engine, collection, subjects, work);
  const wants = inspections.flatMap(({ key, want, targetId, link, fault }) =>
    want?.do === 'put' && (targetId ?? link?.body?.targetId) === undefined && !fault
      ? [{ ref: key.id, fields: want.fields }]
      : [],
  );
  const found = await lookFor(engine, collection, wants, work);
  const adopting = subjects.flatMap((subject) => {
    const { kind, targetIds } = found.get(subject.key.id) ?? {};
    const [targetId] = targetIds ?? [];
    return kind === 'matched' && targetId !== undefined ? [linked(subject, targetId)] : [];
  });
  const again = adopting.length > 0 ? await inspect(engine, collection, adopting, work) : [];
  const paired = new Map(again.map((each) => [each.key.id, each]));
  return inspections.map((inspection): PlanItem => {
    const item = planOf(paired.get(inspection.key.id) ?? inspection);
    const { kind, by, because, targetIds = [] } = found.get(inspection.key.id) ?? {};
    if (kind === 'ambiguous' && because !== undefined)
      return { ...item, action: targetIds.length > 1 ? 'park' : 'wait', fields: [], why: because };
    return by === undefined ? item : { ...item, action: 'update', adopts: by };
  });
}

/** As if it were linked to the record that was found for it. */
function linked({ key, link }: Subject, targetId: string): Subject {
  const body = { ...(link?.body ?? emptyBody), targetId };
  return { key, link: { lease: undefined, takeovers: 0, waiters: [], ...link, key, body } };
}

/** Pure. */
function planOf(inspection: Inspection): PlanItem {
  const { key, targetId, want, fault, differs, current } = inspection;
  const item: PlanItem = { collection: key.collection, id: key.id, action: 'none', fields: [] };
  if (targetId !== undefined) item.targetId = targetId;
  if (fault)
    return {
      ...item,
      action: fault.kind === 'waiting' ? 'wait' : 'park',
      why: `${fault.kind}: ${fault.message}`,
    };
  if (!want) return item;
  if (want.do !== 'put') item.why = want.because;
  if (inspection.open && inspection.open.length > 0) item.open = [...inspection.open];
  if (differs.length === 0) return item;
  if (differs[0] === SURPLUS) return { ...item, action: 'remove' };
  const fields = want.do === 'put' || want.do === 'mark' ? want.fields : {};
  if (inspection.back && inspection.back.length > 0) item.back = [...inspection.back];
  const names = current === undefined ? Object.keys(fields) : differingFields(current, fields);
  return {
    ...item,
    action: current === undefined ? 'create' : 'update',
    fields: names.map((name) => ({ name, current: current?.[name] ?? null, planned: fields[name] ?? null })),
  };
}
