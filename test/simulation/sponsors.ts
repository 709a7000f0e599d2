import type { Millis } from '../../shared/engine/ports.ts';
import type { OutcomeKind } from '../../shared/engine/trail.ts';
import type { Data } from './records.ts';
import type { SourceVendor } from './source-vendor.ts';
import type { World } from './world.ts';

/**
 * Could the one that this record shows tell it of its changes? Before the audits nothing else may: who depends
 * on a record is known only from reading it.
 */
export function sponsorWasHeard(world: World, source: SourceVendor, id: string): boolean {
  const state = source.current(id);
  const sponsor = state?.state === 'present' ? state.data.sponsor : undefined;
  const history = sponsor === undefined ? undefined : source.records.get(sponsor);
  if (sponsor === undefined || !history) return true;
  if (history.some((each) => each.state === 'present' && isMute(each.data))) return false;
  // One that was gone before anybody had read it has never said who depends on it.
  return history.now().state === 'present' || wasReadBefore(world, sponsor, history.changedAt);
}

/** Nobody can read one that kills its reader or does not fit the schema. */
function isMute({ kills, garbled }: Data): boolean {
  return kills === true || garbled === true;
}

function wasReadBefore(world: World, id: string, moment: Millis): boolean {
  return world.state.trail.some(
    (entry) => entry.id === id && entry.at < moment - world.weights.skew && READ.has(entry.outcome),
  );
}

/** Outcomes of a record that has been read; a `retry` may never have come so far. */
const READ: ReadonlySet<OutcomeKind> = new Set([
  'created',
  'adopted',
  'updated',
  'removed',
  'unchanged',
  'skipped',
  'waiting',
  'unknown',
  'parked',
]);
