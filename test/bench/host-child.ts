// The embedded host in a process of its own, as `npm start` runs it but without a screen.
import * as z from 'zod';
import { flows } from '../../functions/flows.ts';
import { auditReport, startAudit } from '../../shared/engine/audit.ts';
import { backfillProgress, startBackfill } from '../../shared/engine/backfill.ts';
import { defineFlow } from '../../shared/engine/flow.ts';
import { openHost } from '../../shared/hosts/embedded/host.ts';
import { benchFlow } from './bench-flow.ts';
import { serveParent, usage } from './child.ts';
import { watchedFlow } from './watched-flow.ts';
import { countCalls } from './wire.ts';

const { flow, data, patrons, rateScale } = z
  .object({
    flow: z.enum(['bench', 'first', 'watched']),
    data: z.string(),
    patrons: z.number().default(1),
    rateScale: z.number().optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const wire = countCalls();
const [whole] = flows;
if (!whole) throw new Error('there is no flow');
const watched = watchedFlow(whole);
/** The first flow has its first collection alone, so that nothing else takes part in what is counted. */
const served = {
  bench: benchFlow,
  first: defineFlow({ ...whole, collections: [whole.collections[0]] }),
  watched: watched.flow,
}[flow];

const host = await openHost(
  {
    port: 0,
    data,
    patrons,
    activity: false,
    seed: 1,
    flows: [served],
    services: [],
    ...(rateScale !== undefined && { rateScale }),
  },
  (where, error) => process.stderr.write(`${where}: ${error}\n`),
);
const [{ name: collection }] = served.collections;
const progressOf = async (name: string) => ({
  ...(await backfillProgress(host.engine, served, name)),
  pending: host.ports.queue.pending(served.name, name),
  now: Date.now(),
});

serveParent(
  {
    ready: () => true,
    url: () => host.url,
    usage,
    progress: () => progressOf(collection),
    whole: () => Promise.all(served.collections.map(({ name }) => progressOf(name))),
    backfill: () => startBackfill(host.engine, served, collection),
    audit: () => startAudit(host.engine, served, collection),
    audited: () => auditReport(host.engine, served, collection),
    watched: () => ({ told: [...watched.told], written: [...watched.written] }),
    outcomes: () => host.trail.counted(served.name),
    http: () => {
      const calls = wire.byHost();
      return Object.fromEntries(
        host.sandboxes.map((each) => [each.vendor, calls[new URL(each.baseUrl).host] ?? 0]),
      );
    },
    calls: async () =>
      Object.fromEntries(
        await Promise.all(host.sandboxes.map(async (each) => [each.vendor, (await each.state()).counters])),
      ),
  },
  () => host.stop(),
);
