import type { Constituent, Participation, Performance } from '../../shared/connectors/tessitura/index.ts';
import type { Change, Read, Source } from '../../shared/engine/resource.ts';
import type { Session } from '../../shared/engine/session.ts';
import { dayOf, momentOf } from './moments.ts';
import { seasonDayOf } from './performance-day.ts';
import { eventIds, readShows, type ShowSource } from './performance-events.ts';
import type { Programme } from './performance-programme.ts';

/** A patron and one event of the programme. */
export interface Attending {
  /** `<event>-<patron>` */
  id: string;
  event: string;
  /** With all tickets and scans, also those of other events. */
  patron: Constituent;
  /** The performances of the event that the patron has tickets or scans for; others may be among them. */
  shows: readonly Performance[];
}

/** The ids in an attendance's; undefined when it is no such id. An event's may have hyphens, a patron's has none. */
export function attendingIds(id: string): { event: string; patron: string } | undefined {
  const [, event, patron] = /^(.+)-(\d+)$/.exec(id) ?? [];
  return event === undefined || patron === undefined ? undefined : { event, patron };
}

export interface AttendingSources {
  /** Tell what changed and who there is, as `<performance>-<constituent>`. */
  participations: Source<Participation>;
  /** People with their tickets and scans. */
  people: Source<Constituent>;
  shows: ShowSource;
  programme: Programme;
}

/**
 * Who stands where towards which event. Orders and scans name the patron and the performance, so exactly the records
 * concerned are rung: by their patron, one ticket would ring every evening of the patron's life. They are read by
 * their patrons, whose tickets and scans tell the slots of a day too, and whether the patron is one of marketing's.
 */
export function attendings({
  participations,
  people,
  shows,
  programme,
}: AttendingSources): Source<Attending> {
  const every = shows({});
  const rename = async (session: Session, ids: readonly string[]) =>
    renamed(session, ids, { every, programme });
  return {
    ...participations,
    title: 'Tessitura tickets and scans',
    callsPerRead: people.callsPerRead + every.callsPerRead,
    async read(session, ids) {
      const patrons = await people.read(session, [
        ...new Set(ids.flatMap((id) => attendingIds(id)?.patron ?? [])),
      ]);
      return readAll(session, ids, { patrons, every });
    },
    async readOne(session, id) {
      const named = attendingIds(id);
      if (!named) return { state: 'gone' };
      const patron = await people.readOne(session, named.patron);
      if (patron.state === 'merged') return { state: 'merged', into: `${named.event}-${patron.into}` };
      const reads = await readAll(session, [id], { patrons: new Map([[named.patron, patron]]), every });
      return reads.get(id) ?? { state: 'gone' };
    },
    async scan(session, window) {
      const page = await participations.scan(session, window);
      const names = await rename(
        session,
        page.items.map(({ id }) => id),
      );
      const items = page.items.flatMap(({ id, changeId }): Change[] => {
        const name = names.get(id);
        return name === undefined ? [] : [{ id: name, changeId: `${changeId}/${name}` }];
      });
      return { ...page, items };
    },
    async list(session, page) {
      const found = await participations.list(session, page);
      return { ...found, items: [...new Set((await rename(session, found.items)).values())] };
    },
  };
}

/** `<event>-<patron>` by `<performance>-<patron>`; performances of no event are left out. */
async function renamed(
  session: Session,
  ids: readonly string[],
  rule: { every: Source<Performance>; programme: Programme },
): Promise<ReadonlyMap<string, string>> {
  const pairs = ids.flatMap((id) => ({ id, named: attendingIds(id) }));
  const events = await eventIds(
    session,
    pairs.flatMap(({ named }) => named?.event ?? []),
    rule,
  );
  return new Map(
    pairs.flatMap(({ id, named }): [string, string][] => {
      const event = named && events.get(named.event);
      return event === undefined ? [] : [[id, `${event}-${named?.patron}`]];
    }),
  );
}

type Patrons = ReadonlyMap<string, Read<Constituent>>;

/** A patron who was not answered for leaves their records unseen; whoever has no ticket and no scan takes no part. */
async function readAll(
  session: Session,
  ids: readonly string[],
  { patrons, every }: { patrons: Patrons; every: Source<Performance> },
): Promise<Map<string, Read<Attending>>> {
  const reads = new Map<string, Read<Attending>>();
  const wanted = new Map<string, { event: string; patron: Constituent; showIds: readonly string[] }>();
  for (const id of ids) {
    const { event, patron = '' } = attendingIds(id) ?? {};
    const read = patrons.get(patron);
    if (read?.state === 'unreadable') reads.set(id, read);
    if (read?.state !== 'present' || event === undefined) continue;
    wanted.set(id, { event, patron: read.record, showIds: showsOf(read.record, event) });
  }
  const all = await readShows(
    session,
    [...wanted.values()].flatMap(({ showIds }) => showIds),
    every,
  );
  const known = new Map(all.map((show) => [String(show.Id), show]));
  for (const [id, { event, patron, showIds }] of wanted) {
    const shows = showIds.flatMap((show) => known.get(show) ?? []);
    if (shows.length > 0) reads.set(id, { state: 'present', record: { id, event, patron, shows } });
  }
  return reads;
}

/** The performances that may belong to the event: its own, or of a day of slots all of that day. */
function showsOf(
  { SubLineItems = [], AttendanceHistory = [], timeZone }: Constituent,
  event: string,
): string[] {
  const day = seasonDayOf(event)?.day;
  const named = [...SubLineItems, ...AttendanceHistory].flatMap(({ Performance: show }) => show ?? []);
  const mine = named.filter(({ Id, PerformanceDateTime }) => {
    if (day === undefined) return String(Id) === event;
    const start = momentOf(PerformanceDateTime, timeZone);
    return start !== undefined && dayOf(start, timeZone) === day;
  });
  return [...new Set(mine.map(({ Id }) => String(Id)))];
}
