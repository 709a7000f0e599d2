// The embedded host in a process of its own, as `npm start` runs it but without a screen.
import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import * as z from 'zod';
import { flows } from '../../functions/flows.ts';
import { backfillProgress, startBackfill } from '../../shared/engine/backfill.ts';
import { openHost } from '../../shared/hosts/embedded/host.ts';
import { benchFlow } from './bench-flow.ts';
import { serveParent, usage } from './child.ts';

const { flow, data, patrons, rateScale } = z
  .object({
    flow: z.enum(['bench', 'first']),
    data: z.string(),
    patrons: z.number().default(1),
    rateScale: z.number().optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

/** HTTP calls by port of this machine. */
const callsTo = new Map<string, number>();
subscribe('http.client.request.start', (message) => {
  const { request } = z.object({ request: z.instanceof(ClientRequest) }).parse(message);
  const to = String(request.getHeader('host'));
  callsTo.set(to, (callsTo.get(to) ?? 0) + 1);
});

const host = await openHost(
  {
    port: 0,
    data,
    patrons,
    activity: false,
    seed: 1,
    flows: flow === 'bench' ? [benchFlow] : flows.slice(0, 1),
    ...(rateScale !== undefined && { rateScale }),
  },
  (where, error) => process.stderr.write(`${where}: ${error}\n`),
);
const [only] = host.engine.flows;
const collection = only?.collections[0]?.name ?? '';
if (!only) throw new Error('there is no flow');

serveParent(
  {
    ready: () => true,
    url: () => host.url,
    usage,
    progress: async () => ({
      ...(await backfillProgress(host.engine, only, collection)),
      pending: host.ports.queue.pending(only.name, collection),
      now: Date.now(),
    }),
    backfill: () => startBackfill(host.engine, only, collection),
    outcomes: () => host.trail.counted(only.name),
    http: () =>
      Object.fromEntries(
        host.sandboxes.map((each) => [each.vendor, callsTo.get(new URL(each.baseUrl).host) ?? 0]),
      ),
    calls: async () =>
      Object.fromEntries(
        await Promise.all(host.sandboxes.map(async (each) => [each.vendor, (await each.state()).counters])),
      ),
  },
  () => host.stop(),
);
