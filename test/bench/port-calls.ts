import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { continueBackfill, startBackfill } from '../../shared/engine/backfill.ts';
import { type Engine, openEngine } from '../../shared/engine/engine.ts';
import { receive } from '../../shared/engine/receive.ts';
import { clock } from '../../shared/hosts/clock.ts';
import { type Lanes, startLanes } from '../../shared/hosts/embedded/lanes.ts';
import { notifying } from '../../shared/hosts/embedded/notify.ts';
import { type EmbeddedPorts, openEmbeddedPorts } from '../../shared/hosts/embedded/ports.ts';
import { httpClient } from '../../shared/hosts/http-client.ts';
import { BENCH_ACCOUNT, benchFlow, signed } from './bench-flow.ts';
import { countedPorts, type Tally, tally } from './counted-ports.ts';
import type { Table } from './table.ts';
import { type BenchVendor, benchKey, scratch, startVendor } from './vendor.ts';

const SINGLES = 2_000;
/** Webhooks that arrive together. */
const AT_ONCE = 64;
const PAGES = 50;
const BULK = 10_000;
const WEBHOOK = 'things';

const COLUMNS = [
  'links.read items',
  'links.claim items',
  'links.settle items',
  'queue.send requests',
  'queue.receive requests',
  'queue.acknowledge requests',
  'documents.get',
  'documents.put',
  'http',
  'trail bytes',
];

interface Bench {
  engine: Engine;
  ports: EmbeddedPorts;
  vendor: BenchVendor;
  counts: Tally;
}

/** What one delivered record costs in calls of ports: on AWS each of them is a request or a unit. */
export async function portCalls(): Promise<Table[]> {
  const place = scratch();
  const vendor = await startVendor();
  const counts = tally();
  const secret = { host: '127.0.0.1', port: vendor.port, key: benchKey };
  writeFileSync(join(place.dir, 'secrets.json'), JSON.stringify({ [BENCH_ACCOUNT]: secret }));
  const own = openEmbeddedPorts({ dir: place.dir, http: httpClient({ maxSockets: 32 }) });
  const stopping = new AbortController();
  let lanes: Lanes | undefined;
  const told = {
    clock,
    stopping: stopping.signal,
    told: (ref: Parameters<Lanes['wake']>[0]) => lanes?.wake(ref),
  };
  const counted = countedPorts(own, counts);
  const ports = { ...counted, queue: notifying(counted.queue, told) };
  const engine = openEngine({ ports, flows: [benchFlow], deployment: 'bench' });
  const bench: Bench = { engine, ports, vendor, counts };
  lanes = startLanes(engine, [], (error) => process.stderr.write(`${error}\n`));
  try {
    const rows = [
      [
        'single-record webhooks, one by one',
        ...(await measured(bench, 200, () =>
          hooks(bench, { count: 200, perHook: 1, atOnce: 1, wait: true }),
        )),
      ],
      [
        `single-record webhooks, ${AT_ONCE} at once`,
        ...(await measured(bench, SINGLES, () =>
          hooks(bench, { count: SINGLES, perHook: 1, atOnce: AT_ONCE }),
        )),
      ],
      [
        'pages of 100 hints',
        ...(await measured(bench, PAGES * 100, () =>
          hooks(bench, { count: PAGES, perHook: 100, atOnce: 8 }),
        )),
      ],
      ['backfill', ...(await measured(bench, BULK, () => bulk(bench)))],
    ];
    return [
      {
        title: 'port calls per delivered record (queue requests of at most 10 messages, as SQS takes them)',
        columns: ['', ...COLUMNS],
        rows,
      },
    ];
  } finally {
    stopping.abort();
    await lanes.stop(5_000);
    await own.close();
    await vendor.child.stop();
    place.remove();
  }
}

async function measured(bench: Bench, records: number, run: () => Promise<void>): Promise<number[]> {
  await bench.vendor.forget();
  bench.counts.forget();
  await run();
  await bench.vendor.arrivals(records);
  while (bench.ports.queue.pending(benchFlow.name) > 0) await sleep(20);
  return COLUMNS.map((name) => bench.counts.of(name) / records);
}

let hooksSent = 0;

async function hooks(
  bench: Bench,
  how: { count: number; perHook: number; atOnce: number; wait?: boolean },
): Promise<void> {
  for (let at = 0; at < how.count; at += how.atOnce) {
    const together = Array.from({ length: Math.min(how.atOnce, how.count - at) }, () => {
      hooksSent += 1;
      return Array.from({ length: how.perHook }, (_, index) => `hook-${hooksSent}-${index}`);
    });
    await Promise.all(together.map((ids) => hook(bench, ids)));
    if (how.wait) await bench.vendor.arrivals(at + how.atOnce);
  }
}

async function hook({ engine }: Bench, ids: readonly string[]): Promise<void> {
  const body = JSON.stringify(ids);
  const { status } = await receive(engine, benchFlow, WEBHOOK, {
    method: 'POST',
    url: 'http://127.0.0.1/hooks/bench/things',
    headers: { 'x-bench-signature': signed(body, benchKey) },
    body: Buffer.from(body),
    receivedAt: clock.now(),
  });
  if (status !== 200) throw new Error(`a webhook was answered ${status}`);
}

async function bulk({ engine, vendor }: Bench): Promise<void> {
  await vendor.hold(BULK);
  await startBackfill(engine, benchFlow, 'thing');
  const work = {
    deadline: clock.now() + 60_000,
    signal: new AbortController().signal,
    background: () => undefined,
  };
  await continueBackfill(engine, benchFlow, 'thing', work);
}
