import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { BENCH_ACCOUNT } from './bench-flow.ts';
import { type Child, startChild } from './child.ts';

const KEY = 'bench-signing-key';

export const benchKey = KEY;

/** A directory of its own that goes with the bench. */
export function scratch(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'intertie-bench-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

export interface BenchVendor {
  port: number;
  child: Child;
  forget(): Promise<void>;
  /** Resolves with the moment at which each record arrived, once all have; throws when nothing arrives any more. */
  arrivals(count: number): Promise<Map<string, number>>;
  /** The moment at which one record arrived; throws when it does not. */
  arrival(id: string): Promise<number>;
  /** How many records it lists. */
  hold(size: number): Promise<void>;
}

const Arrivals = z.array(z.tuple([z.string(), z.number()]));
const LOOK_EVERY = 50;
const MOST_LOOKS_WITHOUT_NEWS = 600;

export async function startVendor(): Promise<BenchVendor> {
  const child = await startChild('./vendor-child.ts', {});
  const port = await child.ask('port', z.number());
  return {
    port,
    child,
    forget: async () => void (await child.ask('forget', z.unknown())),
    async arrivals(count) {
      let [seen, quiet] = [0, 0];
      while (seen < count) {
        await sleep(LOOK_EVERY);
        const now = await child.ask('count', z.number());
        quiet = now > seen ? 0 : quiet + 1;
        seen = now;
        if (quiet > MOST_LOOKS_WITHOUT_NEWS) throw new Error(`only ${seen} of ${count} records arrived`);
      }
      return new Map(await child.ask('arrivals', Arrivals));
    },
    async arrival(id) {
      for (let looks = 0; looks < MOST_LOOKS_WITHOUT_NEWS; looks += 1) {
        const at = await child.ask(`arrival ${id}`, z.number().nullable());
        if (at !== null) return at;
        await sleep(LOOK_EVERY);
      }
      throw new Error(`record ${id} did not arrive`);
    },
    hold: async (after) =>
      void (await fetch(`http://127.0.0.1:${port}/size`, {
        method: 'POST',
        body: JSON.stringify({ after }),
      })),
  };
}

/** A host process with the bench flow, pointed at the vendor. */
export async function startBenchHost(
  dir: string,
  vendor: BenchVendor,
  more: { rate?: number; profile?: string | undefined } = {},
): Promise<{ child: Child; url: string }> {
  const secret = { host: '127.0.0.1', port: vendor.port, key: KEY, ...(more.rate && { rate: more.rate }) };
  writeFileSync(join(dir, 'secrets.json'), JSON.stringify({ [BENCH_ACCOUNT]: secret }));
  const child = await startChild('./host-child.ts', { flow: 'bench', data: dir }, more.profile);
  return { child, url: `${await child.ask('url', z.string())}/hooks/bench/things` };
}
