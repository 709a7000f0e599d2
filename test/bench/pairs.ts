import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { PlanSchema } from '../../shared/operate/answers-plan.ts';
import { openClient } from '../../shared/operate/client.ts';
import { addItem, newSums } from '../../shared/operate/plan-lines.ts';
import { walk } from '../../shared/operate/walk.ts';
import { finished } from './backfill.ts';
import { type Child, startChild, UsageSchema } from './child.ts';
import type { BenchOptions } from './options.ts';
import type { Table } from './table.ts';
import { scratch } from './vendor.ts';

const SIZES = [10_000];
const FULL = 100_000;
const LOOK_EVERY = 100;
const FLOW = 'ticketing-marketing';

const ReportSchema = z.object({
  agree: z.number(),
  differ: z.number(),
  explained: z.number(),
  repaired: z.number(),
  startedAt: z.number(),
  finishedAt: z.number().optional(),
});
const ProgressSchema = z.object({ startedAt: z.number().default(0) });
const CallsSchema = z.record(z.string(), z.number());

/** The two-way backfill, then a plan and an audit of all of it. */
export async function pairs({ full, profile }: BenchOptions): Promise<Table[]> {
  const rows: (string | number)[][] = [];
  const notes: string[] = [];
  for (const patrons of full ? [...SIZES, FULL] : SIZES) {
    const place = scratch();
    const options = { flow: 'first', data: place.dir, patrons, rateScale: 0 };
    const host = await startChild('./host-child.ts', options, profile);
    try {
      for (const [name, work] of Object.entries({ backfill, plan, audit })) {
        const before = await spent(host);
        const { seconds, records, words } = await work(host);
        const after = await spent(host);
        rows.push([
          `${name} of ${patrons.toLocaleString('en-US')}`,
          Math.round(records / seconds),
          seconds,
          ((after.cpuSeconds - before.cpuSeconds) * 1e6) / records,
          ...['tessitura', 'hubspot'].map((vendor) => (after.http[vendor] ?? 0) - (before.http[vendor] ?? 0)),
          Math.round(after.peakMb),
        ]);
        notes.push(`${name} of ${patrons.toLocaleString('en-US')}: ${words}`);
      }
    } finally {
      await host.stop();
      place.remove();
    }
  }
  return [
    {
      title: 'pairs, both sides read, sandboxes without a limit',
      columns: [
        '',
        'records/s',
        'seconds',
        'host CPU us/record',
        'Tessitura calls',
        'HubSpot calls',
        'peak MB so far',
      ],
      rows,
      notes,
    },
  ];
}

interface Done {
  seconds: number;
  records: number;
  words: string;
}

async function spent(host: Child) {
  return { ...(await host.ask('usage', UsageSchema)), http: await host.ask('http', CallsSchema) };
}

/** Begins by itself when the host starts; what waits to be read again is part of it. */
async function backfill(host: Child): Promise<Done> {
  const { startedAt } = await host.ask('progress', ProgressSchema);
  const end = await finished(host);
  const outcomes = Object.entries(await host.ask('outcomes', CallsSchema));
  const { sent } = await host.ask('progress', z.object({ sent: z.number() }));
  return {
    seconds: (end - startedAt) / 1_000,
    records: sent,
    words: outcomes.map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`).join(', '),
  };
}

/** As `intertie plan` does it: page by page over the host's API. */
async function plan(host: Child): Promise<Done> {
  const client = openClient(await host.ask('url', z.string()));
  const begin = performance.now();
  const sums = newSums();
  for await (const { records } of walk(client, FLOW, {})) {
    const { value } = await client.post(`/api/flows/${FLOW}/plan`, PlanSchema, { records });
    for (const item of value.items) addItem(sums, item);
  }
  const { looked, create, update, remove, back } = sums;
  return {
    seconds: (performance.now() - begin) / 1_000,
    records: looked,
    words: `would create ${create}, update ${update}, remove ${remove}, write back ${back}`,
  };
}

async function audit(host: Child): Promise<Done> {
  await host.ask('audit', z.unknown());
  for (;;) {
    await sleep(LOOK_EVERY);
    const report = await host.ask('audited', ReportSchema);
    const { agree, differ, explained, repaired, startedAt, finishedAt } = report;
    if (finishedAt === undefined) continue;
    return {
      seconds: (finishedAt - startedAt) / 1_000,
      records: agree + differ + explained,
      words: `${agree.toLocaleString('en-US')} agree (${repaired} after repair), ${differ} differ, ${explained} explained`,
    };
  }
}
