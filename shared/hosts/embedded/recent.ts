import type { Millis, Trail } from '../../engine/ports.ts';
import type { TrailEntry } from '../../engine/trail.ts';

/** Outcomes kept per flow for the console. */
const KEPT = 50;

export interface RecentTrail extends Trail {
  /** Newest first, since the start. */
  recent(flow: string): readonly TrailEntry[];
  /** Outcomes by kind, since the start. */
  counted(flow: string): Readonly<Record<string, number>>;
  /** How many records have been parked since that moment; at most 10,000 are remembered. */
  parkedSince(flow: string, moment: Millis): number;
}

const PARKINGS_KEPT = 10_000;

/** The same trail, with the last outcomes in memory: an answer at once, however long the trail is. */
export function withRecent(trail: Trail): RecentTrail {
  const kept = new Map<string, TrailEntry[]>();
  const counts = new Map<string, Record<string, number>>();
  const parkings = new Map<string, Millis[]>();
  return {
    write(entries) {
      trail.write(entries);
      for (const entry of entries) {
        const count = counts.get(entry.flow) ?? {};
        count[entry.outcome] = (count[entry.outcome] ?? 0) + 1;
        counts.set(entry.flow, count);
        if (entry.outcome === 'parked')
          parkings.set(entry.flow, [...(parkings.get(entry.flow) ?? []), entry.at].slice(-PARKINGS_KEPT));
        const list = kept.get(entry.flow) ?? [];
        kept.set(entry.flow, list);
        list.push(entry);
        // Cut in steps, so that a busy flow does not copy the list for every outcome.
        if (list.length >= 2 * KEPT) list.splice(0, list.length - KEPT);
      }
    },
    recent: (flow) => (kept.get(flow) ?? []).slice(-KEPT).reverse(),
    counted: (flow) => counts.get(flow) ?? {},
    parkedSince: (flow, moment) => (parkings.get(flow) ?? []).filter((at) => at >= moment).length,
  };
}
