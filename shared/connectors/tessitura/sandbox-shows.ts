import type { Millis } from '../../engine/ports.ts';
import { dayAt, derivedShow, isCancelled, SEASONS, SLOTS, showOf, slotOf } from './sandbox-calendar.ts';
import { type Billing, billingOf } from './sandbox-playbill.ts';
import { baseStamp, netStamp } from './sandbox-stamp.ts';

/** One performance: an evening on the stage, or a timed entry to the exhibition. */
export interface Performance {
  id: number;
  start: Millis;
  timed: boolean;
  cancelled: boolean;
  description: string;
  updated: string;
  updatedBy: string;
}
type Change = Partial<Pick<Performance, 'start' | 'cancelled' | 'description'>>;

interface Editor {
  user: string;
  location: string;
}

/** One changed property, as TXN/Performances/Audit shows it. */
export interface ShowAudit {
  id: number;
  at: Millis;
  user: string;
  location: string;
  performance: number;
  action: 'Inserted' | 'Updated';
  column: string;
  old: string | undefined;
  new: string;
}
const COLUMN_NAMES = { start: 'perf_dt', cancelled: 'perf_status', description: 'description' } as const;
const FIRST_ADDED = 30_000_000;

/** The season's performances: derived ones under an overlay of what the house changed, and those it added. */
export function sandboxShows(seed: number, now: () => Millis) {
  const edited = new Map<number, Performance>();
  const audit: ShowAudit[] = [];
  const known = new Map<number, Performance>();
  const get = (id: number): Performance | undefined => {
    const show = edited.get(id) ?? known.get(id) ?? derived(seed, id);
    if (show && !edited.has(id)) known.set(id, show);
    return show;
  };
  const write = (by: Editor, before: Performance | undefined, after: Performance) => {
    edited.set(after.id, { ...after, updated: netStamp(now(), audit.length * 41), updatedBy: by.user });
    for (const change of changesOf(before, after))
      audit.push({ id: 700_001 + audit.length, at: now(), user: by.user, location: by.location, ...change });
  };
  return {
    get,
    size: () => audit.length,
    /** Throws for a performance that does not exist. */
    change(by: Editor, id: number, change: Change): void {
      const before = get(id);
      if (!before) throw new Error(`there is no performance ${id}`);
      write(by, before, { ...before, ...change });
    },
    add(by: Editor, wanted: Pick<Performance, 'start' | 'timed' | 'description'>): number {
      const id = FIRST_ADDED + [...edited.keys()].filter((each) => each >= FIRST_ADDED).length;
      write(by, undefined, { ...wanted, id, cancelled: false, updated: '', updatedBy: by.user });
      return id;
    },
    /** Starting in [from, to], in the order of their start. */
    between(from: Millis, to: Millis): Performance[] {
      const first = Math.max(SEASONS.from, dayAt(from));
      const last = Math.min(SEASONS.from + SEASONS.days - 1, dayAt(to));
      const ids = new Set(edited.keys());
      for (let day = first; day <= last; day += 1) for (const id of idsOf(day)) ids.add(id);
      const all = [...ids].flatMap((id) => get(id) ?? []);
      const found = all.filter(({ start }) => start >= from && start <= to);
      return found.sort((a, b) => a.start - b.start || a.id - b.id);
    },
    /** Oldest first; stamped in [from, to] and after an id. */
    audit: (from: Millis, to: Millis, after: number): ShowAudit[] =>
      audit.filter(({ at, id }) => at >= from && at <= to && id > after),
    peek(id: number): Readonly<Record<string, unknown>> | undefined {
      const show = get(id);
      return show && { ...show, start: netStamp(show.start, 0), productionSeason: billing(show).Id };
    },
  };
}

function changesOf(before: Performance | undefined, after: Performance) {
  const changed = (['start', 'cancelled', 'description'] as const).filter(
    (key) => before?.[key] !== after[key],
  );
  return changed.map((key) => ({
    performance: after.id,
    action: before ? ('Updated' as const) : ('Inserted' as const),
    column: COLUMN_NAMES[key],
    old: before && asText(before, key),
    new: asText(after, key),
  }));
}

/** What it belongs to, by the day for which it was planned. */
export function billing({ id, start, timed }: Performance): Billing {
  return billingOf(derivedShow(id)?.day ?? dayAt(start), timed);
}

/** As other records name it. */
export function showStamp({ start }: Performance): string {
  return netStamp(start, 0);
}

function idsOf(day: number): number[] {
  return [day, ...Array.from({ length: SLOTS }, (_, slot) => slotOf(day, slot).Id)];
}

function derived(seed: number, id: number): Performance | undefined {
  const at = derivedShow(id);
  if (!at || at.day < SEASONS.from || at.day >= SEASONS.from + SEASONS.days) return undefined;
  const { day, slot } = at;
  const timed = slot !== undefined;
  const show = timed ? slotOf(day, slot) : showOf(day);
  return {
    id,
    start: Date.parse(show.PerformanceDateTime),
    timed,
    cancelled: !timed && isCancelled(seed, day),
    description: billingOf(day, timed).Description,
    updated: baseStamp(id),
    updatedBy: 'boxoff',
  };
}

function asText(show: Performance, key: keyof typeof COLUMN_NAMES): string {
  if (key === 'start') return netStamp(show.start, 0);
  return key === 'cancelled' ? (show.cancelled ? '4' : '1') : show.description;
}
