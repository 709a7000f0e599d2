import * as z from 'zod';
import type { EndPolicy, Flow } from '../../shared/engine/flow.ts';
import type { Code } from './code.ts';
import { type Data, mapData, OWNED, THINGS } from './records.ts';
import { account } from './sim-account.ts';
import { simSource } from './sim-source.ts';
import { simTarget } from './sim-target.ts';
import type { Weights } from './weights.ts';

export const FLOW = 'simulated';
export const MAX_ATTEMPTS = 12;

export interface FlowOptions {
  upsert: boolean;
  whenAbsent: EndPolicy;
}

const WebhookSchema = z.object({ ids: z.array(z.string()) });

/** The simulated vendors' flow: one collection, on the real engine's own contract. */
export function simFlow(code: Code, weights: Weights, options: FlowOptions): Flow {
  const collection = code.flow.defineCollection<Data>({
    name: THINGS,
    source: simSource(code, weights),
    target: simTarget(code, weights, options.upsert),
    map: mapData,
    owns: OWNED,
    whenGone: 'remove',
    whenMerged: 'remove',
    whenAbsent: options.whenAbsent,
  });
  return code.flow.defineFlow({
    name: FLOW,
    title: 'Simulated',
    moves: { what: 'things', from: 'source', to: 'target', direction: 'one-way' },
    howOften: { webhook: 'every change', scanEveryMinutes: 5, audit: { dailyAt: '03:00', timeZone: 'UTC' } },
    whenItBreaks: {
      impact: 'nothing real',
      retryHorizonHours: 24 * 7,
      maxAttempts: MAX_ATTEMPTS,
      parks: 'what cannot be moved',
      removals: { share: 1, atLeast: 1_000_000 },
      changes: { share: 1, atLeast: 1_000_000 },
    },
    whoIsPaged: { owner: 'nobody', page: ['nobody'] },
    whereToLook: { runbook: 'none' },
    expects: { heartbeatMinutes: 30, oldestMinutes: 60 },
    collections: [collection],
    webhooks: {
      changes: {
        account: account('source', weights),
        methods: ['POST'],
        read: async (_session, request) => {
          const { ids } = WebhookSchema.parse(JSON.parse(new TextDecoder().decode(request.body)));
          return { kind: 'accepted', changes: ids.map((id) => ({ collection: THINGS, id })), ignored: 0 };
        },
      },
    },
  });
}
