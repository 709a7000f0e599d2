import * as z from 'zod';
import type { EndPolicy, Flow, FlowDefinition } from '../../shared/engine/flow.ts';
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

/** What the simulated vendors' webhook carries. */
export const WebhookSchema = z.object({ ids: z.array(z.string()) });

const never = { share: 1, atLeast: 1_000_000 };

/** What every simulated flow answers alike. */
export const simAnswers = {
  name: FLOW,
  howOften: { webhook: 'every change', scanEveryMinutes: 5, audit: { dailyAt: '03:00', timeZone: 'UTC' } },
  whenItBreaks: {
    impact: 'nothing real',
    retryHorizonHours: 24 * 7,
    maxAttempts: MAX_ATTEMPTS,
    parks: 'what cannot be moved',
    removals: never,
    changes: never,
  },
  whoIsPaged: { owner: 'nobody', page: ['nobody'] },
  whereToLook: { runbook: 'none' },
  expects: { heartbeatMinutes: 30, oldestMinutes: 60 },
} as const satisfies Partial<FlowDefinition>;

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
    ...simAnswers,
    title: 'Simulated',
    moves: { what: 'things', from: 'source', to: 'target', direction: 'one-way' },
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
