// `npm run bench -- [names…] [--full] [--profile DIR]`: prints figures, decides nothing.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { BenchOptions } from './options.ts';
import { type Table, textOf } from './table.ts';

type Bench = (options: BenchOptions) => Promise<Table[]>;

/** In the order in which they run. Each loads what it needs only when it is asked for. */
const BENCHES: Record<string, () => Promise<Bench>> = {
  webhooks: async () => (await import('./webhooks.ts')).webhooks,
  backfill: async () => (await import('./backfill.ts')).backfill,
  limit: async () => (await import('./backfill.ts')).limit,
  live: async () => (await import('./live.ts')).live,
  consent: async () => (await import('./consent.ts')).consent,
  calls: async () => (await import('./calls.ts')).calls,
  pairs: async () => (await import('./pairs.ts')).pairs,
  client: async () => (await import('./client.ts')).client,
  'port-calls': async () => (await import('./port-calls.ts')).portCalls,
  bundles: async () => (await import('./bundles.ts')).bundles,
  cost: async () => (await import('./cost.ts')).cost,
  kills: async () => (await import('./kills.ts')).kills,
  payments: async () => (await import('./payments.ts')).payments,
  'payments-kill': async () => (await import('./payments-kill.ts')).paymentsKill,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { full: { type: 'boolean', default: false }, profile: { type: 'string' } },
});
const unknown = positionals.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  process.stderr.write(`there is no bench "${unknown}"; there are: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
const asked = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const load = loadavg()[0]?.toFixed(1);
process.stdout.write(
  `Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), load ${load} at start\n\n`,
);
for (const name of asked) {
  const bench = await BENCHES[name]?.();
  for (const table of (await bench?.({ full: values.full, profile: values.profile })) ?? [])
    process.stdout.write(`${textOf(table)}\n`);
}
