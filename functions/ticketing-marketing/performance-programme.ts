/** What of an organisation's programme marketing is to know, and how its lookup tables say it. */
export interface Programme {
  /** Ids of performance types whose performances are each an event. Whatever is of no type named here stays away. */
  readonly eventTypes: readonly number[];
  /** Ids of types sold by time slot: all slots of a production season on one day are one event. */
  readonly timedTypes: readonly number[];
  /** Description of a performance's status when it does not take place. */
  readonly cancelled: RegExp;
  /** Taken where a performance has no duration. */
  readonly usualMinutes: number;
  /** How long after an event somebody may still be told to have been there: scanners without a network. */
  readonly graceHours: number;
  /**
   * Days of the past and of the future that a backfill and an audit walk through; what was over before that is
   * history, which stays as it is.
   */
  readonly listed: { readonly back: number; readonly ahead: number };
}

/** A common set-up; compare the types with TR_PERF_TYPE before the first backfill. */
export const usualProgramme: Programme = {
  eventTypes: [1],
  timedTypes: [5],
  cancelled: /cancel/i,
  usualMinutes: 180,
  graceHours: 12,
  listed: { back: 30, ahead: 60 },
};
