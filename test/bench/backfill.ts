import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type Child, startChild, UsageSchema } from './child.ts';
import type { BenchOptions } from './options.ts';
import type { Table } from './table.ts';
import { scratch } from './vendor.ts';
import { difference } from './wire.ts';

const SIZES = [10_000, 100_000];
const FULL = 1_000_000;
const LOOK_EVERY = 50;
const MOST_LOOKS_WITHOUT_NEWS = 1_200;
/** Patrons that outlast a minute at the real limit: 19 calls a second of 100 records. */
const LIMITED = 150_000;
const LIMIT_PER_SECOND = 19;
const WARM_UP_MS = 10_000;
const MEASURED_MS = 60_000;

const ProgressSchema = z.object({
  sent: z.number().default(0),
  startedAt: z.number().optional(),
  finishedAt: z.number().optional(),
  pending: z.number(),
  now: z.number(),
});
const CallsSchema = z.record(z.string(), z.record(z.string(), z.number()));
type Calls = z.infer<typeof CallsSchema>;

/** The first flow's backfill into vendors without a limit. */
export async function backfill({ full, profile }: BenchOptions): Promise<Table[]> {
  const rows: (string | number)[][] = [];
  const notes: string[] = [];
  for (const patrons of full ? [...SIZES, FULL] : SIZES) {
    const { seconds, peakMb, cpuSeconds, calls, http, outcomes } = await bringOver(patrons, profile);
    const created = outcomes.created ?? 0;
    rows.push([
      patrons,
      Math.round(patrons / seconds),
      Math.round(peakMb),
      (cpuSeconds * 1e6) / patrons,
      ...['tessitura', 'hubspot'].map((vendor) => http[vendor] ?? 0),
      Math.ceil(patrons / 100),
      Math.ceil(created / 100),
    ]);
    notes.push(
      `${patrons.toLocaleString('en-US')}: ${wordsOf(outcomes)}; answered, parts of a batch included: ${wordsOf(calls.tessitura ?? {})}; ${wordsOf(calls.hubspot ?? {})}`,
    );
  }
  return [
    {
      title: 'backfill Tessitura to HubSpot, sandboxes without a limit',
      columns: [
        'patrons',
        'records/s',
        'peak MB',
        'host CPU us/record',
        'Tessitura calls',
        'HubSpot calls',
        'n/100',
        'created/100',
      ],
      rows,
      notes,
    },
  ];
}

async function bringOver(patrons: number, profile: string | undefined) {
  const place = scratch();
  const host = await startChild(
    './host-child.ts',
    { flow: 'first', data: place.dir, patrons, rateScale: 0 },
    profile,
  );
  try {
    const before = await host.ask('progress', ProgressSchema);
    const end = await finished(host);
    const outcomes = await host.ask('outcomes', z.record(z.string(), z.number()));
    const calls = await host.ask('calls', CallsSchema);
    const http = await host.ask('http', z.record(z.string(), z.number()));
    const used = await host.ask('usage', UsageSchema);
    return { ...used, outcomes, calls, http, seconds: (end - (before.startedAt ?? end)) / 1_000 };
  } finally {
    await host.stop();
    place.remove();
  }
}

/** The moment at which nothing was left to do; throws when nothing moves any more. */
export async function finished(host: Child): Promise<number> {
  let [left, quiet] = ['', 0];
  for (;;) {
    await sleep(LOOK_EVERY);
    const { sent, pending, finishedAt, now } = await host.ask('progress', ProgressSchema);
    if (finishedAt !== undefined && pending === 0) return now;
    const seen = `${sent} ${pending}`;
    quiet = seen === left ? quiet + 1 : 0;
    left = seen;
    if (quiet > MOST_LOOKS_WITHOUT_NEWS)
      throw new Error(`the backfill stands still at ${sent} sent, ${pending} pending`);
  }
}

/** A minute of the same backfill at HubSpot's real limit. */
export async function limit({ profile }: BenchOptions): Promise<Table[]> {
  const place = scratch();
  const options = { flow: 'first', data: place.dir, patrons: LIMITED };
  const host = await startChild('./host-child.ts', options, profile);
  try {
    await sleep(WARM_UP_MS);
    const [before, from] = [await host.ask('calls', CallsSchema), performance.now()];
    await sleep(MEASURED_MS);
    const [after, until] = [await host.ask('calls', CallsSchema), performance.now()];
    const during = difference(before.hubspot ?? {}, after.hubspot ?? {});
    const seconds = (until - from) / 1_000;
    const calls = total(during);
    const { peakMb } = await host.ask('usage', UsageSchema);
    return [
      {
        title: `backfill at HubSpot's limit of 190 calls in 10 s, ${seconds.toFixed(0)} s of it`,
        columns: ['calls', 'calls/s', '% of the limit', '% answered 429', 'peak MB'],
        rows: [
          [
            calls,
            calls / seconds,
            (100 * calls) / seconds / LIMIT_PER_SECOND,
            (100 * (during.refused ?? 0)) / calls,
            Math.round(peakMb),
          ],
        ],
        notes: [
          `calls: ${wordsOf(during)}`,
          `Tessitura: ${wordsOf(difference(before.tessitura ?? {}, after.tessitura ?? {}))}`,
        ],
      },
    ];
  } finally {
    await host.stop();
    place.remove();
  }
}

const NOT_CALLS = ['refused', 'creates', 'duplicates'];

function total(counters: Calls[string]): number {
  return Object.entries(counters).reduce(
    (sum, [name, count]) => (NOT_CALLS.includes(name) ? sum : sum + count),
    0,
  );
}

function wordsOf(counters: Readonly<Record<string, number>>): string {
  return Object.entries(counters)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`)
    .join(', ');
}
