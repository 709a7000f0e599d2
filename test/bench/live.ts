import * as z from 'zod';
import { signed } from './bench-flow.ts';
import { type Sent, sendAll } from './load.ts';
import type { BenchOptions } from './options.ts';
import { quantile, type Table } from './table.ts';
import { type BenchVendor, benchKey, scratch, startBenchHost, startVendor } from './vendor.ts';

/** One webhook at a time, at a pace that no limit is felt by. */
const HOOKS = 200;
const WARM_UP = 50;
const PER_SECOND = 10;
/** More than can be brought over while the webhooks are sent. */
const BULK = 2_000_000;
const SETTINGS = [
  { name: 'no limit', rate: undefined },
  { name: '190 calls in 10 s', rate: 190 },
];

/** How long a live change takes, alone and beside a backfill. */
export async function live({ profile }: BenchOptions): Promise<Table[]> {
  const rows: (string | number)[][] = [];
  for (const { name, rate } of SETTINGS) {
    const place = scratch();
    const vendor = await startVendor();
    const more = { profile, ...(rate !== undefined && { rate }) };
    const { child: host, url } = await startBenchHost(place.dir, vendor, more);
    try {
      await changes(vendor, url, { name: `${name} warm`, count: WARM_UP });
      const idle = await changes(vendor, url, { name: `${name} idle`, count: HOOKS });
      await vendor.hold(BULK);
      await host.ask('backfill', z.unknown());
      const during = await changes(vendor, url, { name: `${name} busy`, count: HOOKS });
      const [p99, busyP99] = [quantile(idle, 0.99), quantile(during, 0.99)];
      rows.push([name, quantile(idle, 0.5), p99, quantile(during, 0.5), busyP99, busyP99 / p99]);
    } finally {
      await Promise.all([host.stop(), vendor.child.stop()]);
      place.remove();
    }
  }
  return [
    {
      title: `live change, webhook to delivered, ${HOOKS} at ${PER_SECOND} a second`,
      columns: [
        'vendor',
        'idle p50 ms',
        'idle p99 ms',
        'in a backfill p50 ms',
        'in a backfill p99 ms',
        'p99 ratio',
      ],
      rows,
    },
  ];
}

async function changes(
  vendor: BenchVendor,
  url: string,
  { name, count }: { name: string; count: number },
): Promise<number[]> {
  const hooks = Array.from({ length: count }, (_, at) => [`${name} ${at}`]);
  const sent = await sendAll({
    url,
    hooks,
    connections: 16,
    perSecond: PER_SECOND,
    headers: (body) => ({ 'content-type': 'application/json', 'x-bench-signature': signed(body, benchKey) }),
  });
  const times: number[] = [];
  for (const each of sent) times.push(await arrived(vendor, each));
  return times;
}

/** Milliseconds from sending it; waits for the last of them. */
async function arrived(vendor: BenchVendor, { ids, at }: Sent): Promise<number> {
  return (await vendor.arrival(ids[0] ?? '')) - at;
}
