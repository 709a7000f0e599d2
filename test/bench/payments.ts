import { join } from 'node:path';
import { spawnKillable } from '../scenarios/killable.ts';
import { keysIn } from '../scenarios/payment-kills.ts';
import type { BenchOptions } from './options.ts';
import { costOfPayments, drain } from './payments-virtual.ts';
import { quantile, type Table } from './table.ts';
import { scratch } from './vendor.ts';

const CHILD = join(import.meta.dirname, '../scenarios/payments-host-child.ts');
const WARM_UP = 60;
const SETTINGS = [
  { latency: 0, clients: 1, payments: 100 },
  { latency: 0, clients: 16, payments: 400 },
  { latency: 200, clients: 1, payments: 20 },
  { latency: 200, clients: 32, payments: 300 },
];

/** How fast payments are taken on, what each costs on AWS, and how fast a queue of them is worked off. */
export async function payments({ full }: BenchOptions): Promise<Table[]> {
  return [await speeds(), await costOfPayments(), await drain(full ? 10_000 : 1_000)];
}

/** With and without a provider that takes its time. */
export async function speeds(): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const setting of SETTINGS) rows.push(await speed(setting));
  return {
    title: 'payments on the embedded host, each prepared, held and captured before it is answered',
    columns: ['sandbox latency', 'shops at once', 'payments', 'payments/s', 'p50 ms', 'p99 ms'],
    rows,
    notes: ['host, sandboxes and shops on the same machine; three calls of the provider to each payment'],
  };
}

async function speed({ latency, clients, payments: count }: (typeof SETTINGS)[number]) {
  const place = scratch();
  const key = (await keysIn(place.dir)).get('riverside') ?? '';
  const host = spawnKillable([CHILD, place.dir, String(latency)], 0);
  try {
    await host.ready();
    await shops(host.url(), key, { clients, count: WARM_UP, from: 0 });
    const begin = performance.now();
    const times = await shops(host.url(), key, { clients, count, from: WARM_UP });
    const seconds = (performance.now() - begin) / 1_000;
    return [
      `${latency} ms`,
      clients,
      count,
      count / seconds,
      Math.round(quantile(times, 0.5)),
      Math.round(quantile(times, 0.99)),
    ];
  } finally {
    await host.kill();
    place.remove();
  }
}

/** Milliseconds until each was answered as captured. */
async function shops(
  url: string,
  key: string,
  { clients, count, from }: { clients: number; count: number; from: number },
): Promise<number[]> {
  const times: number[] = [];
  let next = from;
  const shop = async () => {
    for (let n = next++; n < from + count; n = next++) {
      const begin = performance.now();
      const answer = await fetch(`${url}/payments-api/v1/payments`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'idempotency-key': `bench-${n}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(paymentBody(n)),
      });
      const text = await answer.text();
      if (!text.includes('"captured"')) throw new Error(`payment ${n}: ${answer.status} ${text}`);
      times.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: clients }, shop));
  return times;
}

function paymentBody(n: number) {
  const instrument = { stripe: { token: 'pm_card_visa' } };
  return { reference: `bench-${n}`, amount: 1_999, currency: 'USD', instrument };
}
