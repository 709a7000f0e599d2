import { aliasOf, targetIn } from './alias.ts';
import { ageDelay } from './backoff.ts';
import { bounded } from './decide.ts';
import { Fault, vendorCall } from './fault.ts';
import type { Collection } from './flow.ts';
import { type Item, merged } from './intake.ts';
import type { Back } from './pair.ts';
import type { Identity } from './resource.ts';
import { type Run, sendAgain } from './run.ts';
import type { Session } from './session.ts';
import { survivors } from './survivor.ts';
import { sessionOf, visit } from './visit.ts';

/** A hint that came from the target, with the id that it has there. */
interface Foreign {
  item: Item;
  targetId: string;
}

/**
 * Hints that the target rang for, turned into hints for the records of the source they belong to, so that a pair
 * has one link whoever rings: by the crosswalk, else by the reference the record carries, else by the match rule.
 * Where several records match, each is looked at, and its mapping knows whether the target's record is its own.
 */
export async function readdress(run: Run, items: readonly Item[]): Promise<Item[]> {
  const addressed = await Promise.all(items.map((item) => byCrosswalk(run, item)));
  const known = addressed.flatMap((each) => ('targetId' in each ? [] : [each]));
  const strangers = addressed.flatMap((each) => ('targetId' in each ? [each] : []));
  for (const collection of run.flow.collections) {
    const foreign = strangers.filter(({ item }) => item.collection === collection);
    if (foreign.length > 0) known.push(...(await byQuestion(run, collection, foreign)));
  }
  return merged(known);
}

async function byCrosswalk(run: Run, item: Item): Promise<Item | Foreign> {
  const targetId = targetIn(item.key.id);
  if (targetId === undefined) return item;
  const id = await aliasOf(run.engine.ports, item.key, targetId);
  if (id === undefined) return { item, targetId };
  const own = readdressed(item, id);
  run.becomes(item, [own]);
  return own;
}

function readdressed(item: Item, id: string): Item {
  return { ...item, key: { ...item.key, id }, hint: { ...item.hint, id } };
}

/** Asks the vendors; what cannot be asked now is asked later, for as long as it takes. */
async function byQuestion(run: Run, collection: Collection, foreign: readonly Foreign[]): Promise<Item[]> {
  const { back, target, source } = collection;
  const asks = back?.whenNew === 'match' ? [target.account, source.account] : [target.account];
  try {
    return await visit(run.engine, { accounts: asks, lane: run.lane, work: run.work }, async (sessions) => {
      const found = await identified(sessionOf(sessions, target.account), collection, foreign);
      const strangers = foreign.filter((each) => found.get(each.targetId)?.ref === undefined);
      const matches =
        back?.whenNew === 'match'
          ? await matching(sessionOf(sessions, source.account), { back, collection }, { strangers, found })
          : new Map<string, readonly string[]>();
      return foreign.flatMap(({ item, targetId }) => {
        const ref = found.get(targetId)?.ref;
        const others = (ref === undefined ? (matches.get(targetId) ?? []) : [ref]).map((id) =>
          readdressed(item, id),
        );
        if (others.length === 0) ignore(run, item);
        else run.becomes(item, others);
        return others;
      });
    });
  } catch (thrown) {
    // Anything else is storage: the messages stay.
    if (!(thrown instanceof Fault)) throw thrown;
    await askLater(run, foreign, thrown);
    return [];
  }
}

/** By the id that rang; one that was merged away answers for the record it went into, that one's fate included. */
async function identified(
  session: Session,
  { target }: Collection,
  foreign: readonly Foreign[],
): Promise<Map<string, Identity>> {
  const found = await survivors(
    session,
    target,
    foreign.map((each) => each.targetId),
  );
  return new Map(
    [...found].flatMap(([id, { read }]) => (read?.state === 'present' ? [[id, read.record] as const] : [])),
  );
}

async function matching(
  session: Session,
  { back, collection }: { back: Back; collection: Collection },
  { strangers, found }: { strangers: readonly Foreign[]; found: ReadonlyMap<string, Identity> },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const wanted = strangers.flatMap(({ targetId }) => {
    const identity = found.get(targetId);
    return identity ? [{ targetId, fields: identity.fields }] : [];
  });
  if (wanted.length === 0) return new Map();
  return vendorCall(`match ${collection.source.title}`, () => back.writer.match(session, wanted));
}

/** A record of the target that is gone, or that nobody at the source knows. */
function ignore(run: Run, item: Item): void {
  run.engine.ports.meter.count(run.flow.name, 'stranger.ignored');
  run.handled(item);
}

async function askLater(run: Run, foreign: readonly Foreign[], fault: Fault): Promise<void> {
  const { clock, random, meter } = run.engine.ports;
  meter.count(run.flow.name, `identify.failed.${fault.kind}`);
  if (fault.kind === 'contract-changed') await run.engine.gate(run.flow).hold('contract', fault.message);
  for (const { item } of foreign) {
    const age = clock.now() - item.hint.firstObservedAt;
    const byAge = ageDelay(age, random.next(), { least: 1_000, most: 900_000 });
    sendAgain(run, item, Math.max(byAge, bounded(fault.retryAfter ?? 0)));
  }
}
