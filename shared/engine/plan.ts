import type { Engine, Work } from './engine.ts';
import { differingFields, type FieldValue } from './fields.ts';
import type { Flow } from './flow.ts';
import { type Inspection, inspect, SURPLUS } from './inspect.ts';
import type { LinkKey } from './ports.ts';

/** What reconciling a record would do now, field by field. Holds values: for the operator's eyes, never for a log. */
export interface PlanItem {
  collection: string;
  id: string;
  action: 'create' | 'update' | 'remove' | 'none' | 'park' | 'wait';
  targetId?: string;
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
    items.push(...(await inspect(engine, collection, subjects, work)).map(planOf));
  }
  return items;
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
