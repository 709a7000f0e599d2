import type { Weights } from '../weights.ts';

/** What a two-way run is about. */
export interface TwoWay {
  /** Both sides tell who wrote what, or neither does. */
  mode: 'provenance' | 'values';
  /** No value comes twice, or there are only two of them. */
  domain: 'unique' | 'two';
  /** Per change of people at the right side. */
  merges: number;
  deletes: number;
  /** A record that people make at the right side, which matches one of the left; per change. */
  strangers: number;
  /** Records that the left side deletes, per change. */
  leftDeletes: number;
  /** Two records that the left side makes one of, per change. */
  leftMerges: number;
  /** Share of the left's records of which one field may only be changed by a person. */
  guarded: number;
  /** People who are erased on request at either side, per change. */
  erasures: number;
  /** How often somebody looks at what only a person can decide. */
  decides: number;
}

/** Fewer records and more changes than where the right side only follows: they are to meet. */
export const pairWeights: Partial<Weights> = { records: 4, edits: 24, existing: 0.2, chaos: 600_000 };

export const defaultTwoWay: TwoWay = {
  mode: 'provenance',
  domain: 'unique',
  merges: 0.05,
  deletes: 0.06,
  strangers: 0.08,
  leftDeletes: 0.01,
  leftMerges: 0.015,
  guarded: 0.05,
  erasures: 0.015,
  decides: 6,
};
