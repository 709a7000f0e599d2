import { join } from 'node:path';
import * as z from 'zod';
import { signed } from './bench-flow.ts';
import { startChild, UsageSchema } from './child.ts';
import { type Sent, sendAll } from './load.ts';
import type { BenchOptions } from './options.ts';
import { median, quantile, type Table } from './table.ts';
import { type BenchVendor, benchKey, scratch, startBenchHost, startVendor } from './vendor.ts';

const ROUNDS = 5;
const SINGLE = { hooks: 4_000, perHook: 1, connections: 64 };
const PAGES = { hooks: 400, perHook: 100, connections: 16 };
const PACED = { hooks: 1_000, perHook: 1, connections: 64, perSecond: 200 };

interface Shape {
  hooks: number;
  perHook: number;
  connections: number;
  perSecond?: number;
}

interface Measured {
  delivered: number;
  accepted: number;
  acceptP50: number;
  acceptP99: number;
  endP50: number;
  endP99: number;
}

interface Contender {
  name: string;
  url: string;
}

/** Durable webhook to delivered record, against a bare process that logs and forwards, turn by turn. */
export async function webhooks({ profile }: BenchOptions): Promise<Table[]> {
  const place = scratch();
  const vendor = await startVendor();
  const { child: host, url } = await startBenchHost(place.dir, vendor, { profile });
  const bare = await startChild('./bare-log-child.ts', {
    file: join(place.dir, 'bare.log'),
    sink: vendor.port,
  });
  const bench = { name: 'host', url };
  const reference = { name: 'bare', url: await bare.ask('url', z.string()) };
  try {
    // Both have compiled what they need before anything counts.
    for (const each of [bench, reference]) await round(vendor, each, { ...SINGLE, hooks: 2_000 });
    const tables = [
      await compare('single-record webhooks, as fast as they are accepted', vendor, {
        bench,
        reference,
        shape: SINGLE,
      }),
      await compare('pages of 100 hints', vendor, { bench, reference, shape: PAGES }),
      await compare('single-record webhooks at 200 a second', vendor, {
        bench,
        reference,
        shape: PACED,
        rounds: 1,
      }),
    ];
    const { peakMb } = await host.ask('usage', UsageSchema);
    return tables.map((table) => ({
      ...table,
      notes: [...(table.notes ?? []), `host process: peak ${peakMb.toFixed(0)} MB`],
    }));
  } finally {
    await Promise.all([host.stop(), bare.stop(), vendor.child.stop()]);
    place.remove();
  }
}

async function compare(
  title: string,
  vendor: BenchVendor,
  how: { bench: Contender; reference: Contender; shape: Shape; rounds?: number },
): Promise<Table> {
  const { bench, reference, shape, rounds = ROUNDS } = how;
  const measured = new Map<Contender, Measured[]>([
    [bench, []],
    [reference, []],
  ]);
  for (let at = 0; at < rounds; at += 1)
    for (const [each, results] of measured) results.push(await round(vendor, each, shape));
  const of = (each: Contender, what: keyof Measured) =>
    median((measured.get(each) ?? []).map((one) => one[what]));
  const ratio = of(bench, 'delivered') / of(reference, 'delivered');
  return {
    title: `${title}: ${shape.hooks * shape.perHook} records a round, median of ${rounds}`,
    columns: [
      '',
      'accepted/s',
      'delivered/s',
      'accept p50 ms',
      'accept p99 ms',
      'end to end p50 ms',
      'end to end p99 ms',
    ],
    rows: [bench, reference].map((each) => [
      each.name,
      Math.round(of(each, 'accepted')),
      Math.round(of(each, 'delivered')),
      of(each, 'acceptP50'),
      of(each, 'acceptP99'),
      of(each, 'endP50'),
      of(each, 'endP99'),
    ]),
    notes: shape.perSecond === undefined ? [`delivered: host ${ratio.toFixed(2)} x bare`] : [],
  };
}

let runs = 0;

async function round(vendor: BenchVendor, { url }: Contender, shape: Shape): Promise<Measured> {
  await vendor.forget();
  runs += 1;
  const hooks = Array.from({ length: shape.hooks }, (_, hook) =>
    Array.from({ length: shape.perHook }, (_, at) => `${runs}-${hook}-${at}`),
  );
  const { connections, perSecond } = shape;
  const sent = await sendAll({
    url,
    hooks,
    connections,
    headers: (body) => ({ 'content-type': 'application/json', 'x-bench-signature': signed(body, benchKey) }),
    ...(perSecond !== undefined && { perSecond }),
  });
  return summary(sent, await vendor.arrivals(shape.hooks * shape.perHook));
}

function summary(sent: readonly Sent[], arrivals: ReadonlyMap<string, number>): Measured {
  const begin = Math.min(...sent.map((each) => each.at));
  const acceptedBy = Math.max(...sent.map((each) => each.at + each.acceptedIn));
  const ends = sent.flatMap(({ ids, at }) => ids.map((id) => (arrivals.get(id) ?? Number.NaN) - at));
  const lastBy = [...arrivals.values()].reduce((latest, at) => Math.max(latest, at), 0);
  const accepts = sent.map((each) => each.acceptedIn);
  return {
    delivered: (arrivals.size * 1_000) / (lastBy - begin),
    accepted: (arrivals.size * 1_000) / (acceptedBy - begin),
    acceptP50: quantile(accepts, 0.5),
    acceptP99: quantile(accepts, 0.99),
    endP50: quantile(ends, 0.5),
    endP99: quantile(ends, 0.99),
  };
}
