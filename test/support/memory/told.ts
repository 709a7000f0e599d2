import type { Meter, Trail } from '../../../shared/engine/ports.ts';
import type { MemoryState } from './state.ts';
import { copied } from './state.ts';

/** Keeps every entry in `state.trail`. */
export function memoryTrail(state: MemoryState): Trail {
  return { write: (entries) => void state.trail.push(...entries.map(copied)) };
}

export function memoryMeter(state: MemoryState): Meter {
  return {
    count: (flow, metric, by = 1) => {
      const key = meterKey(flow, metric);
      state.counters.set(key, (state.counters.get(key) ?? 0) + by);
    },
    gauge: (flow, metric, value) => void state.gauges.set(meterKey(flow, metric), value),
  };
}

export function counted(state: MemoryState, flow: string, metric: string): number {
  return state.counters.get(meterKey(flow, metric)) ?? 0;
}

/** The key of `state.counters` and `state.gauges`. */
function meterKey(flow: string, metric: string): string {
  return `${flow}/${metric}`;
}
