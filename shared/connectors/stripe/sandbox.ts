import type { Sandbox, SandboxOptions, SandboxState, SandboxWebhooks } from '../sandbox.ts';
import { booksOf } from './sandbox-books.ts';
import { editAtDesk, moveSomebody, RECORDS } from './sandbox-desk.ts';
import { FAULTS, switchFaults } from './sandbox-faults.ts';
import { objectOf } from './sandbox-objects.ts';
import { appFor } from './sandbox-routes.ts';
import { makeWorld, type World } from './sandbox-world.ts';

const API_VERSION = '2026-10-28.endive';

/** The sandbox of Stripe, with what tests need besides. */
export interface StripeSandbox extends Sandbox {
  readonly webhooks: SandboxWebhooks;
  /** As when the signing secret is rolled: deliveries also carry a signature of this one; undefined ends it. */
  rollWebhookSecret(secret: string | undefined): void;
}

/** A local Stripe account in test mode, empty at first. */
export function stripeSandbox(options: SandboxOptions): StripeSandbox {
  const world = makeWorld(options);
  world.outbox.apiVersion = API_VERSION;
  return {
    app: appFor(world),
    webhooks: world.outbox,
    instruments: { good: 'pm_card_visa', declined: 'pm_card_visa_chargeDeclinedStolenCard' },
    rollWebhookSecret: (secret) => world.outbox.roll(secret),
    state: (baseUrl) => stateOf(world, baseUrl),
    setFaults: (faults) => switchFaults(world.on, faults),
    advance: (ms) => {
      world.advance(ms);
      world.runDue();
    },
    edit: (edit) => editAtDesk(world, edit),
    peek: (record, id) => peek(world, record, id),
    act: () => moveSomebody(world),
    revision: () => world.changes.count,
  };
}

function stateOf(world: World, baseUrl: string): SandboxState {
  const { intents, charges, refunds, disputes, payouts, counters, callsPerSecond } = world;
  world.runDue();
  return {
    vendor: 'stripe',
    title: 'Stripe',
    secret: {
      apiKey: world.apiKey,
      apiVersion: API_VERSION,
      baseUrl,
      webhookSecrets: [world.webhookSecret],
      callsPerSecond: Number.isFinite(callsPerSecond) ? callsPerSecond : null,
    },
    faults: FAULTS.map((each) => ({ ...each, on: world.on.has(each.name) })),
    counters: { refused: 0, creates: intents.size, duplicates: 0, ...Object.fromEntries(counters) },
    now: new Date(world.now()).toISOString(),
    records: {
      payment_intent: intents.size,
      charge: charges.size,
      refund: refunds.size,
      dispute: disputes.size,
      payout: payouts.size,
    },
    kinds: RECORDS,
  };
}

/** Any object by its id; `books` by our reference, see sandbox-books.ts. */
function peek(world: World, record: string, id: string): Readonly<Record<string, unknown>> | undefined {
  world.runDue();
  return record === 'books' ? booksOf(world, id) : objectOf(world, id);
}
