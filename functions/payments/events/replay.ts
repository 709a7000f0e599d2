import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { Millis } from '../../../shared/engine/ports.ts';
import type { ServicePorts } from '../../../shared/engine/service.ts';
import { eventIdOf, eventsOfDay, readDelivery, undeliveredList, writeDelivery } from './deliveries.ts';
import { replayed } from './delivery.ts';
import { eventIdFrom } from './message.ts';
import type { NotDone } from './set-endpoint.ts';

const DAY = 86_400_000;
/** Events of one replay; it is asked again for the rest. */
const MOST = 500;
const MOST_DAYS = 400;
const PAGE = 100;

/** From an event on (itself included), or from a time on. */
export type ReplayFrom = { merchant: string; from: string } | { merchant: string; since: Millis };

/** `next` = the first event that was left for another replay, to be given as `from`. */
export type Replay = { ok: true; replayed: number; next?: string } | NotDone;

/**
 * Delivers a merchant's events once more, in the order in which they happened, delivered or not; each keeps its id.
 * Each is noted before its errand is posted: after a crash the operator asks again.
 */
export async function replay(
  ports: Pick<ServicePorts, 'documents' | 'clock' | 'post'>,
  asked: ReplayFrom,
): Promise<Replay> {
  const { documents, clock } = ports;
  const { merchant } = asked;
  const since = 'since' in asked ? asked.since : await timeOf(documents, merchant, eventIdFrom(asked.from));
  if (since === undefined)
    return {
      ok: false,
      field: 'from',
      because: 'this merchant has no such event',
      next: "take an id from the merchant's log (webhook-id) or give a time instead",
    };
  const now = clock.now();
  if (!(since > now - MOST_DAYS * DAY && since <= now))
    return {
      ok: false,
      field: 'since',
      because: `must be in the past, within ${MOST_DAYS} days`,
      next: 'give a later time',
    };
  const found = await eventsSince(documents, merchant, { since, now });
  const chosen = found.slice(0, MOST);
  for (const { id } of chosen) await again(ports, id);
  const next = found[MOST]?.id;
  return { ok: true, replayed: chosen.length, ...(next !== undefined && { next }) };
}

/** Ids of a merchant's events that are not delivered and will not be unless they are replayed, the earliest first. */
export async function undelivered(
  documents: Pick<FiledDocuments, 'listed'>,
  merchant: string,
  { limit, after }: { limit: number; after?: string },
): Promise<{ items: string[]; next?: string }> {
  const page = await documents.listed(undeliveredList(merchant), limit, after);
  return { ...page, items: page.items.map(eventIdOf) };
}

/** One event of a merchant once more; false when it has none of that id, or nobody has come for it yet. */
export async function replayOne(
  ports: Pick<ServicePorts, 'documents' | 'clock' | 'post'>,
  { merchant, id }: { merchant: string; id: string },
): Promise<boolean> {
  if ((await timeOf(ports.documents, merchant, id)) === undefined) return false;
  await again(ports, id);
  return true;
}

interface Found {
  id: string;
  at: Millis;
}

async function timeOf(documents: FiledDocuments, merchant: string, id: string): Promise<Millis | undefined> {
  const delivery = (await readDelivery(documents, id))?.delivery;
  return delivery?.merchant === merchant ? delivery.at : undefined;
}

/** The earliest, up to one more than are replayed. */
async function eventsSince(
  documents: FiledDocuments,
  merchant: string,
  { since, now }: { since: Millis; now: Millis },
): Promise<Found[]> {
  const found = await listedSince(documents, undeliveredList(merchant), since);
  let inDays = 0;
  for (let day = since; inDays <= MOST && Math.floor(day / DAY) <= Math.floor(now / DAY); day += DAY) {
    const more = await listedSince(documents, eventsOfDay(merchant, day), since);
    inDays += more.length;
    found.push(...more);
  }
  return found.sort((a, b) => a.at - b.at).slice(0, MOST + 1);
}

async function listedSince(documents: FiledDocuments, list: string, since: Millis): Promise<Found[]> {
  const found: Found[] = [];
  let after: string | undefined;
  do {
    const page = await documents.listed(list, PAGE, after);
    for (const key of page.items) {
      const id = eventIdOf(key);
      const at = (await readDelivery(documents, id))?.delivery.at ?? 0;
      if (at >= since) found.push({ id, at });
    }
    after = page.next;
  } while (after !== undefined && found.length <= MOST);
  return found;
}

async function again(ports: Pick<ServicePorts, 'documents' | 'clock' | 'post'>, id: string): Promise<void> {
  for (;;) {
    const stored = await readDelivery(ports.documents, id);
    if (!stored) return;
    const next = { delivery: replayed(stored.delivery), revision: stored.revision };
    if (await writeDelivery(ports.documents, id, next)) break;
  }
  await ports.post({ collection: 'event', id }, ports.clock.now());
}
