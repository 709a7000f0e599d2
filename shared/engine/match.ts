import { backfillProgress } from './backfill.ts';
import type { Engine, Work } from './engine.ts';
import { asFault, vendorCall } from './fault.ts';
import type { Fields } from './fields.ts';
import type { Collection, Flow } from './flow.ts';
import type { LinkKey } from './ports.ts';
import type { Found, Read } from './resource.ts';
import type { Session } from './session.ts';
import { sessionOf, visit } from './visit.ts';
import { wanted } from './want.ts';

/** What the first reconcile of a record will find at the target. Holds a label: for people's eyes, never for a log. */
export interface Finding {
  id: string;
  /** What a person recognises the record by. */
  label?: string | undefined;
  kind: FindingKind;
  /** Of `matched`. */
  by?: Found['by'] | undefined;
  /** Records of the target: the one it is linked to or matches, or all that it might be. */
  targetIds: readonly string[];
  /** Why it is not simply linked, matched or new. */
  because?: string | undefined;
}

/** In the order in which people want to read of them. */
export const FINDING_KINDS = ['linked', 'matched', 'ambiguous', 'new', 'skipped', 'stuck'] as const;
/**
 * `linked` already; `matched` = it will be paired with the one record found; `ambiguous` = a person has to say which;
 * `new` = a record will be made; `skipped` = the mapping keeps it away; `stuck` = it waits or will be parked.
 */
export type FindingKind = (typeof FINDING_KINDS)[number];

/** Reads, maps and looks for up to 100 records, as their first reconcile will; writes nothing and moves nothing. */
export async function matchRecords(
  engine: Engine,
  flow: Flow,
  of: { collection: string; ids: readonly string[] },
  work: Work,
): Promise<Finding[]> {
  const collection = flow.collection(of.collection);
  if (!collection) throw new Error(`flow ${flow.name} has no collection "${of.collection}"`);
  const { source, target } = collection;
  const keys = of.ids.map((id): LinkKey => ({ flow: flow.name, collection: collection.name, id }));
  const links = await engine.ports.links.read(keys);
  const linkedTo = new Map(of.ids.map((id, at) => [id, links[at]?.body?.targetId]));
  return visit(
    engine,
    { accounts: [source.account, target.account], lane: 'bulk', work },
    async (sessions) => {
      const findings: Finding[] = [];
      for (let at = 0; at < of.ids.length; at += source.batchSize) {
        const ids = of.ids.slice(at, at + source.batchSize);
        const asked = await readAll(sessionOf(sessions, source.account), collection, { ids, linkedTo });
        findings.push(...(await findAll(sessionOf(sessions, target.account), collection, asked)));
      }
      return findings;
    },
  );
}

/** A finding, or what is to be looked for. */
type Asked = { finding: Finding } | { id: string; label?: string; fields: Fields };

async function readAll(
  session: Session,
  collection: Collection,
  { ids, linkedTo }: { ids: readonly string[]; linkedTo: ReadonlyMap<string, string | undefined> },
): Promise<Asked[]> {
  const { source } = collection;
  const reads = await vendorCall(`read ${source.title}`, () => source.read(session, ids));
  const asked: Asked[] = [];
  for (const id of ids) {
    const bulk = reads.get(id);
    const isCertain = bulk && bulk.state !== 'gone' && bulk.state !== 'merged';
    const read = isCertain
      ? bulk
      : await vendorCall(`read ${source.title}`, () => source.readOne(session, id));
    asked.push(mapped(collection, { id, read, targetId: linkedTo.get(id) }, session.now()));
  }
  return asked;
}

function mapped(
  collection: Collection,
  { id, read, targetId }: { id: string; read: Read<unknown>; targetId: string | undefined },
  now: number,
): Asked {
  const label = read.state === 'present' && collection.label ? { label: collection.label(read.record) } : {};
  const finding = (kind: FindingKind, because?: string): Asked => ({
    finding: { id, ...label, kind, targetIds: [], ...(because === undefined ? {} : { because }) },
  });
  try {
    const want = wanted(collection, read, now);
    if (want.do !== 'put') return finding('skipped', want.because);
    if (targetId !== undefined) return { finding: { id, ...label, kind: 'linked', targetIds: [targetId] } };
    return { id, ...label, fields: want.fields };
  } catch (thrown) {
    const fault = asFault(thrown, `map ${collection.name}`);
    return finding('stuck', `${fault.kind}: ${fault.message}`);
  }
}

async function findAll(
  session: Session,
  { target, name }: Collection,
  asked: readonly Asked[],
): Promise<Finding[]> {
  const open = asked.flatMap((each) => ('finding' in each ? [] : [each]));
  const found = new Map<string, readonly Found[]>();
  for (let at = 0; at < open.length; at += target.batchSize) {
    const wants = open.slice(at, at + target.batchSize).map(({ id, fields }) => ({ ref: id, fields }));
    const some = await vendorCall(`find ${target.title}`, () => target.find(session, wants));
    for (const [id, candidates] of some) found.set(id, candidates);
  }
  return asked.map((each) => {
    if ('finding' in each) return each.finding;
    const { fields: _, ...record } = each;
    return { ...record, ...judge(name, each.id, found.get(each.id) ?? []) };
  });
}

/** What the target has of records that are not linked, by their ids at the source. */
export async function lookFor(
  engine: Engine,
  { target, name }: Collection,
  wants: readonly { ref: string; fields: Fields }[],
  work: Work,
): Promise<ReadonlyMap<string, ReturnType<typeof judge>>> {
  if (wants.length === 0) return new Map();
  return visit(engine, { accounts: [target.account], lane: 'bulk', work }, async (sessions) => {
    const session = sessionOf(sessions, target.account);
    const found = await vendorCall(`find ${target.title}`, () => target.find(session, wants));
    return new Map(wants.map(({ ref }) => [ref, judge(name, ref, found.get(ref) ?? [])]));
  });
}

/** What the candidates of one record come to. Pure. */
export function judge(
  collection: string,
  id: string,
  found: readonly Found[],
): Pick<Finding, 'kind' | 'by' | 'targetIds' | 'because'> {
  const targetIds = [...new Set(found.map((each) => each.targetId))];
  const [first] = found;
  if (!first) return { kind: 'new', targetIds };
  if (targetIds.length > 1)
    return {
      kind: 'ambiguous',
      targetIds,
      because: 'several records of the target match it; merge them there',
    };
  if (first.ref !== undefined && first.ref !== id) {
    const because = `the record it matches belongs to ${collection}/${first.ref}; it waits until that one lets go`;
    return { kind: 'ambiguous', targetIds, because };
  }
  return { kind: 'matched', by: first.by, targetIds };
}

/** A collection that flows back changes both sides at once, so its first backfill waits for a person's yes. */
export async function needsConfirmation(
  engine: Engine,
  flow: Flow,
  collection: Collection,
): Promise<boolean> {
  if (!collection.back) return false;
  return (await backfillProgress(engine, flow, collection.name)) === undefined;
}
