import { readdress } from './address.ts';
import type { Lane } from './change-event.ts';
import { chunk } from './chunk.ts';
import type { Engine, Work } from './engine.ts';
import { WORKER_DIED } from './failed.ts';
import { type Flow, readLag, SKEW, TOLERANCE } from './flow.ts';
import { type Item, takeIn } from './intake.ts';
import { covered, untold } from './link.ts';
import { Outbox } from './outbox.ts';
import type { Delivery, Link } from './ports.ts';
import { putOff } from './put-off.ts';
import { type Run, sendAgain } from './run.ts';

/** Messages of one lane. */
export interface Batch {
  lane: Lane;
  deliveries: readonly Delivery[];
}

/**
 * Works off a batch of messages and resolves with the receipts of those that are finished: every record of
 * them is settled, parked or on the queue again. The host acknowledges these and nothing else; it may die at
 * any moment before that.
 */
export async function reconcile(
  engine: Engine,
  flow: Flow,
  batch: Batch,
  work: Work,
): Promise<{ done: string[] }> {
  const { items, early, ledger } = takeIn(flow, batch.deliveries, engine.ports.clock.now());
  const outbox = new Outbox(flow.name, engine.ports);
  const run: Run = {
    engine,
    flow,
    lane: batch.lane,
    work,
    outbox,
    handled: (item) => ledger.handled(item),
    becomes: (item, others) => ledger.becomes(item, others),
  };
  for (const { item, delay } of early) sendAgain(run, item, delay);
  const passage = items.length > 0 ? await engine.gate(flow).pass() : ({ open: true, probe: false } as const);
  if (!passage.open) await putOff(run, items, { until: passage.until, why: passage.why });
  else {
    const addressed = await readdress(run, items);
    if (passage.probe) await probe(run, addressed);
    else
      for (const collection of flow.collections)
        await workOff(
          run,
          addressed.filter((item) => item.collection === collection),
        );
  }
  await outbox.flush();
  return { done: ledger.done() };
}

/** One record finds out whether the hold is over. */
async function probe(run: Run, items: readonly Item[]): Promise<void> {
  const [first, ...others] = items;
  for (const item of others) sendAgain(run, item, 30_000);
  if (!first) return;
  const endings = await chunk(run, [first]);
  if (endings.some((ending) => ending.kind === 'settled'))
    await run.engine.gate(run.flow).release('contract');
}

async function workOff(run: Run, items: readonly Item[]): Promise<void> {
  const { fresh, suspects } = await sift(run, items);
  const collection = items[0]?.collection;
  if (!collection) return;
  const size = Math.min(collection.source.batchSize, collection.target.batchSize);
  for (let at = 0; at < fresh.length; at += size) await chunk(run, fresh.slice(at, at + size));
  // A record that may have killed its worker is looked at alone and last, the deadliest last of all, so that
  // it takes no other along.
  for (const { item } of suspects.sort((a, b) => a.deaths - b.deaths)) await chunk(run, [item]);
}

function isDone(link: Link | undefined, item: Item): boolean {
  const lag = readLag(item.collection);
  if (!covered(link, item.hint, lag, TOLERANCE)) return false;
  const tells = (link?.body?.affects ?? []).length > 0;
  return !(tells && untold(link?.body, item, lag + TOLERANCE));
}

interface Suspect {
  item: Item;
  deaths: number;
}

/** Drops what is covered, and sets apart what somebody may have died of. */
async function sift(run: Run, items: readonly Item[]): Promise<{ fresh: Item[]; suspects: Suspect[] }> {
  const fresh: Item[] = [];
  const suspects: Suspect[] = [];
  const expired = run.engine.ports.clock.now() - 2 * SKEW;
  for (let at = 0; at < items.length; at += 100) {
    const part = items.slice(at, at + 100);
    const links = await run.engine.ports.links.read(part.map((item) => item.key));
    for (const [index, item] of part.entries()) {
      const link = links[index];
      const untouchable = link?.body?.parked?.kind === WORKER_DIED && item.cause !== 'replay';
      if (untouchable || isDone(link, item)) run.handled(item);
      else if (link?.lease && !link.lease.reported && link.lease.until < expired)
        suspects.push({ item, deaths: link.takeovers });
      else fresh.push(item);
    }
  }
  return { fresh, suspects };
}
