import * as z from 'zod';
import type { Meter } from '../../engine/ports.ts';
import type { Store } from './store.ts';

const PERSIST_MS = 5_000;
const UPSERT = `INSERT INTO counters (flow, metric, value) VALUES (?, ?, ?)
  ON CONFLICT (flow, metric) DO UPDATE SET value = excluded.value`;

export interface Reading {
  /** Empty for what belongs to an account rather than a flow. */
  flow: string;
  metric: string;
  value: number;
}

const ReadingRow: z.ZodType<Reading> = z.object({ flow: z.string(), metric: z.string(), value: z.number() });

export interface StoreMeter extends Meter {
  /** Counters since the data directory was made, gauges since the start. */
  snapshot(): { counters: Reading[]; gauges: Reading[] };
  close(): Promise<void>;
}

/** Counts in memory and stores the counters every five seconds: a crash forgets at most that much. */
export function openMeter(store: Store): StoreMeter {
  const counters = new Map<string, Reading>();
  const gauges = new Map<string, Reading>();
  const changed = new Set<Reading>();
  for (const reading of store.all('SELECT flow, metric, value FROM counters', ReadingRow)) {
    counters.set(nameOf(reading), reading);
  }
  const persist = async () => {
    const rows = [...changed].map(({ flow, metric, value }) => [flow, metric, value]);
    changed.clear();
    if (rows.length > 0) await store.write(() => rows.map((row) => store.run(UPSERT, row)));
  };
  // A failure shows at the next delivery, which needs the same file; the counts are in memory still.
  const timer = setInterval(() => void persist().catch(() => undefined), PERSIST_MS).unref();
  return {
    count: (flow, metric, by = 1) => {
      const name = nameOf({ flow, metric });
      const reading = counters.get(name) ?? { flow, metric, value: 0 };
      reading.value += by;
      counters.set(name, reading);
      changed.add(reading);
    },
    gauge: (flow, metric, value) => void gauges.set(nameOf({ flow, metric }), { flow, metric, value }),
    snapshot: () => ({
      counters: [...counters.values()].map((each) => ({ ...each })),
      gauges: [...gauges.values()],
    }),
    close: async () => {
      clearInterval(timer);
      await persist();
    },
  };
}

function nameOf({ flow, metric }: { flow: string; metric: string }): string {
  return `${flow}\n${metric}`;
}
