import type { Clock, Meter, Millis } from '../../engine/ports.ts';
import { METRICS, type Metric, type MetricKey, NAMESPACE } from './metrics.ts';

/** What only a dashboard reads is told this often: each line is paid by its bytes. */
const CALM_EVERY: Millis = 60_000;
const CALM: readonly MetricKey[] = ['delivered'];

/** The engine's names of what is published. What is not here stays in the trail and costs nothing. */
const TOLD: Readonly<Record<string, MetricKey>> = {
  parkings: 'newParkings',
  parked: 'parked',
  'parked.age': 'parkedAge',
  'outcome.created': 'delivered',
  'outcome.adopted': 'delivered',
  'outcome.updated': 'delivered',
  'outcome.removed': 'delivered',
  'webhook.forged': 'forgedWebhooks',
};

export interface EmfMeter extends Meter {
  tell(metric: MetricKey, value: number): void;
  /** At the end of every invocation. */
  flush(): void;
}

export interface MeterOptions {
  stage: string;
  flow: string;
  clock: Clock;
  /** Names of a service's own gauges. */
  gauges?: readonly string[];
  /** Takes one line without its end. */
  write(line: string): void;
}

/**
 * Metrics as lines of CloudWatch's embedded metric format, one line per invocation that has something to tell.
 * Counts of what only a dashboard reads may be lost with a container, at most a minute's worth.
 */
export function emfMeter(options: MeterOptions): EmfMeter {
  const { clock } = options;
  const values = new Map<MetricKey, number>();
  const gauges = new Map<string, number>();
  let calmAt = clock.now();
  const tell = (key: MetricKey, value: number) => {
    const known = values.get(key);
    const together =
      METRICS[key].statistic === 'Sum' ? (known ?? 0) + value : Math.max(known ?? value, value);
    values.set(key, together);
  };
  const told = (metric: string, value: number) => {
    const key = TOLD[metric];
    if (key) tell(key, METRICS[key].unit === 'Seconds' ? Math.round(value / 1_000) : value);
  };
  return {
    tell,
    count: (_flow, metric, by = 1) => told(metric, by),
    gauge: (_flow, metric, value) => {
      if (options.gauges?.includes(metric)) gauges.set(metric, value);
      else told(metric, value);
    },
    flush: () => {
      const now = clock.now();
      const urgent = [...values.keys()].some((key) => !CALM.includes(key));
      if (gauges.size > 0) options.write(line(options, now, [...gauges].map(counted)));
      gauges.clear();
      if (values.size === 0 || (!urgent && now - calmAt < CALM_EVERY)) return;
      options.write(line(options, now, [...values].map(known)));
      values.clear();
      calmAt = now;
    },
  };
}

/** One number of a line. */
interface Reading {
  name: string;
  unit: Metric['unit'];
  value: number;
}

function counted([name, value]: readonly [string, number]): Reading {
  return { name, unit: 'Count', value };
}

function known([key, value]: readonly [MetricKey, number]): Reading {
  const { name, unit } = METRICS[key];
  return { name, unit, value };
}

function line({ stage, flow }: MeterOptions, now: Millis, readings: readonly Reading[]): string {
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: NAMESPACE,
          Dimensions: [['Stage', 'Flow']],
          Metrics: readings.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    Stage: stage,
    Flow: flow,
    ...Object.fromEntries(readings.map(({ name, value }) => [name, value])),
  });
}
