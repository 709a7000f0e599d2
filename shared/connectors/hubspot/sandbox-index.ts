import type { Row } from './sandbox-row.ts';

/** The search index lags by 2 to 30 seconds. */
const LAG = { least: 2_000, spread: 28_000 };

/** What the search still shows of records that changed a moment ago. */
export class SearchIndex {
  readonly #now: () => number;
  readonly #late = new Map<number, { before: Row | undefined; until: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Keeps what is shown of a record before a change; of a new one nothing is shown. */
  note(before: Row): void {
    const now = this.#now();
    for (const [oldest, { until }] of this.#late) {
      if (until > now) break;
      this.#late.delete(oldest);
    }
    const shown = before.created + lagOf(before.id) <= now ? before : undefined;
    if (!this.#late.has(before.id))
      this.#late.set(before.id, { before: shown, until: now + lagOf(before.id) });
  }

  /** What has been erased is shown no longer. */
  forget(id: number): void {
    this.#late.delete(id);
  }

  /** What it shows now, given what is stored. */
  *shown(rows: Iterable<Row>): Generator<Row> {
    const now = this.#now();
    for (const row of rows) {
      const late = this.#late.get(row.id);
      if (late && late.until > now) continue;
      if (row.created + lagOf(row.id) <= now) yield row;
    }
    for (const { before, until } of this.#late.values()) if (before && until > now) yield before;
  }
}

/** Different for each record, the same in every run. */
function lagOf(id: number): number {
  return LAG.least + ((Math.imul(id, 0x9e3779b1) >>> 0) % LAG.spread);
}
