import type { Engine, Work } from './engine.ts';
import { asFault } from './fault.ts';
import type { FieldValue } from './fields.ts';
import type { Flow } from './flow.ts';
import { type Inspection, inspect } from './inspect.ts';
import type { Name } from './operate.ts';
import { type Verdict, verdictOf } from './operate.ts';
import type { Link, LinkKey } from './ports.ts';

/** One field on both sides. */
export interface TracedField {
  name: string;
  wanted: FieldValue;
  current: FieldValue;
  differs: boolean;
  /** Where it would be written; `person` = nowhere before somebody has decided. */
  towards?: 'source' | 'target' | 'person';
}

/** One record: what the link remembers, both sides as they are now, and what replay would mean. Holds values. */
export interface Trace extends Name {
  link: Link | undefined;
  verdict: Verdict;
  source: string;
  /** What a person recognises the record by. */
  label?: string;
  targetId?: string;
  /** Every field the flow owns: as the source says it should be, and as the target has it. */
  fields: TracedField[];
  /** Why it is kept away, cannot be mapped, or could not be read now. */
  note?: string;
}

/** Looks at one record on both sides; writes nothing and holds nothing up. */
export async function trace(engine: Engine, flow: Flow, name: Name, work: Work): Promise<Trace> {
  const collection = flow.collection(name.collection);
  if (!collection) throw new Error(`flow ${flow.name} has no collection "${name.collection}"`);
  const key: LinkKey = { flow: flow.name, collection: name.collection, id: name.id };
  const [link] = await engine.ports.links.read([key]);
  const base = {
    collection: name.collection,
    id: name.id,
    link,
    verdict: verdictOf(link, engine.deployment),
    source: 'unknown',
    fields: [],
  };
  try {
    const [inspection] = await inspect(engine, collection, [{ key, link }], work);
    return inspection ? { ...base, ...sides(inspection, collection.owns) } : base;
  } catch (thrown) {
    const fault = asFault(thrown, 'trace');
    return { ...base, note: `${fault.kind}: ${fault.message}` };
  }
}

function sides(
  inspection: Inspection,
  owns: readonly string[],
): Pick<Trace, 'source' | 'label' | 'targetId' | 'fields' | 'note'> {
  const { want, current, fault, targetId, label, source, shown } = inspection;
  const wanted = want && (want.do === 'put' || want.do === 'mark') ? want.fields : {};
  const names = [...new Set([...owns, ...Object.keys(wanted)])];
  const fields = names.map((name): TracedField => {
    const field = {
      name,
      wanted: (shown ?? wanted)[name] ?? null,
      current: current?.[name] ?? null,
    };
    const towards = towardsOf(inspection, name, wanted[name] ?? null);
    return towards === undefined ? { ...field, differs: false } : { ...field, differs: true, towards };
  });
  const note = fault
    ? `${fault.kind}: ${fault.message}`
    : want && want.do !== 'put'
      ? want.because
      : undefined;
  return {
    source,
    fields,
    ...(label === undefined ? {} : { label }),
    ...(targetId === undefined ? {} : { targetId }),
    ...(note === undefined ? {} : { note }),
  };
}

/** Undefined for a field that nobody would write. */
function towardsOf(
  { want, current, differs, back, open }: Inspection,
  name: string,
  wanted: FieldValue,
): TracedField['towards'] {
  if (open?.includes(name)) return 'person';
  if (back?.some((field) => field.name === name)) return 'source';
  const missing = want?.do === 'put' && current === undefined && wanted !== null;
  return differs.includes(name) || missing ? 'target' : undefined;
}
