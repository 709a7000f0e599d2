import type { Performance } from '../../shared/connectors/tessitura/index.ts';
import type { Page } from '../../shared/engine/ports.ts';
import type { Read, Source } from '../../shared/engine/resource.ts';
import type { Session } from '../../shared/engine/session.ts';
import type { PlayedEvent } from './performance.ts';
import { eventIdOf, type SeasonDay, seasonDayOf } from './performance-day.ts';
import type { Programme } from './performance-programme.ts';

/** Performances of some types, and how many days of the past and the future are listed. */
export type ShowSource = (wanted: {
  types?: readonly number[];
  listed?: { back: number; ahead: number };
}) => Source<Performance>;

const DAY = 86_400_000;
/** Days that are searched for together; the service answers for months as fast as for a day. */
const STRETCH = 60;

/**
 * The programme's events: performances of the types named, and days of timed entry, whose slots are not listed by
 * anybody but found by a search of the days asked for.
 */
export function performanceEvents(shows: ShowSource, programme: Programme): Source<PlayedEvent> {
  const { eventTypes, timedTypes, listed } = programme;
  const [every, plain] = [shows({}), shows({ types: eventTypes })];
  const slots = (days: { back: number; ahead: number }) => shows({ types: timedTypes, listed: days });
  const lists = [shows({ types: eventTypes, listed }), slots(listed)];
  return {
    ...every,
    title: 'Tessitura performances and days of timed entry',
    async read(session, ids) {
      const days = ids.filter((id) => seasonDayOf(id));
      const single = await plain.read(
        session,
        ids.filter((id) => !seasonDayOf(id)),
      );
      const found = [...single].map(([id, read]): [string, Read<PlayedEvent>] => [id, alone(id, read)]);
      return new Map([...found, ...(await readDays(session, days, slots, programme))]);
    },
    async readOne(session, id) {
      if (!seasonDayOf(id)) return alone(id, await plain.readOne(session, id));
      return (await readDays(session, [id], slots, programme)).get(id) ?? { state: 'gone' };
    },
    async scan(session, window) {
      const page = await every.scan(session, window);
      const events = await eventIds(
        session,
        page.items.map(({ id }) => id),
        { every, programme },
      );
      const items = page.items.flatMap(({ id, changeId }) => {
        const event = events.get(id);
        return event === undefined ? [] : [{ id: event, changeId: `${changeId}/${event}` }];
      });
      return { ...page, items };
    },
    list: (session, page) => listEvents(session, page, { lists, every, programme }),
  };
}

/** Which event each of these performances belongs to; those of no event are left out. */
export async function eventIds(
  session: Session,
  ids: readonly string[],
  { every, programme }: { every: Source<Performance>; programme: Programme },
): Promise<ReadonlyMap<string, string>> {
  const shows = await readShows(session, ids, every);
  return new Map(
    shows.flatMap((show): [string, string][] => {
      const event = eventIdOf(show, programme);
      return event === undefined ? [] : [[String(show.Id), event]];
    }),
  );
}

/** Those that can be read, in full batches. */
export async function readShows(
  session: Session,
  ids: readonly string[],
  every: Source<Performance>,
): Promise<Performance[]> {
  const distinct = [...new Set(ids)];
  const found: Performance[] = [];
  for (let from = 0; from < distinct.length; from += every.batchSize) {
    const reads = await every.read(session, distinct.slice(from, from + every.batchSize));
    for (const read of reads.values()) if (read.state === 'present') found.push(read.record);
  }
  return found;
}

function alone(id: string, read: Read<Performance>): Read<PlayedEvent> {
  return read.state === 'present' ? { state: 'present', record: { id, shows: [read.record] } } : read;
}

type Slots = (days: { back: number; ahead: number }) => Source<Performance>;

/** A day on which nothing is on (any more) is left out. */
async function readDays(
  session: Session,
  ids: readonly string[],
  slots: Slots,
  programme: Programme,
): Promise<Map<string, Read<PlayedEvent>>> {
  const found = new Map<number, Performance>();
  for (const stretch of stretchesOf(ids.flatMap((id) => seasonDayOf(id) ?? []))) {
    const today = Math.floor(session.now() / DAY);
    // A day more on either side: the calendar is the organisation's, the days here are those of UTC.
    const source = slots({ back: today - stretch.first + 1, ahead: stretch.last - today + 2 });
    for (const show of await readShows(session, await everyId(session, source), source))
      found.set(show.Id, show);
  }
  const wanted = new Set(ids);
  const groups = Map.groupBy(found.values(), (show) => eventIdOf(show, programme) ?? '');
  return new Map(
    [...groups]
      .filter(([id]) => wanted.has(id))
      .map(([id, shows]) => [id, { state: 'present', record: { id, shows } }]),
  );
}

/** Days since 1970, both included. */
interface Stretch {
  first: number;
  last: number;
}

/** As few searches as possible, none of which is much longer than what is asked for. */
function stretchesOf(days: readonly SeasonDay[]): Stretch[] {
  const numbers = days.map(({ day }) => Date.parse(day) / DAY).sort((a, b) => a - b);
  const stretches: Stretch[] = [];
  for (const each of numbers) {
    const current = stretches.at(-1);
    if (current && each - current.first < STRETCH) current.last = each;
    else stretches.push({ first: each, last: each });
  }
  return stretches;
}

async function everyId(session: Session, source: Source<Performance>): Promise<string[]> {
  const ids: string[] = [];
  let page: string | undefined;
  do {
    const { items, next }: Page<string> = await source.list(session, page);
    ids.push(...items);
    page = next;
  } while (page !== undefined);
  return ids;
}

/** Page tokens: which of the two lists, and the token of its page. */
async function listEvents(
  session: Session,
  page: string | undefined,
  {
    lists,
    every,
    programme,
  }: { lists: readonly Source<Performance>[]; every: Source<Performance>; programme: Programme },
): Promise<Page<string>> {
  const [which = '0', ...token] = page?.split('/') ?? [];
  const inner = token.join('/');
  const found = await lists[Number(which)]?.list(session, inner === '' ? undefined : inner);
  if (!found) return { items: [] };
  const items = [...new Set((await eventIds(session, found.items, { every, programme })).values())];
  if (found.next !== undefined) return { items, next: `${which}/${found.next}` };
  return Number(which) + 1 < lists.length ? { items, next: `${Number(which) + 1}/` } : { items };
}
