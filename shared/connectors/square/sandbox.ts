import type { Sandbox, SandboxOptions, SandboxState, SandboxWebhooks } from '../sandbox.ts';
import { booksOf } from './sandbox-books.ts';
import { editAtDesk, moveSomebody, RECORDS } from './sandbox-desk.ts';
import { FAULTS, switchFaults } from './sandbox-faults.ts';
import { objectOf } from './sandbox-objects.ts';
import { appFor } from './sandbox-routes.ts';
import type { OauthGrant } from './sandbox-token.ts';
import { makeWorld, type World } from './sandbox-world.ts';

const API_VERSION = '2026-09-16';

/** The sandbox of Square, with what tests need besides. */
export interface SquareSandbox extends Sandbox {
  readonly webhooks: SandboxWebhooks;
  /** As when the subscription gets another signature key: deliveries are signed with it from now on. */
  rotateWebhookKey(key: string): void;
  /** As when the seller allows an application: tokens that end after 30 days. */
  grant(): OauthGrant;
}

/** A local Square seller with one location, empty at first. */
export function squareSandbox(options: SandboxOptions): SquareSandbox {
  const world = makeWorld(options);
  return {
    app: appFor(world),
    webhooks: world.outbox,
    instruments: { good: 'cnon:card-nonce-ok', declined: 'cnon:card-nonce-declined' },
    rotateWebhookKey: (key) => world.outbox.rotate(key),
    grant: () => world.tokens.grant(),
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
  const { payments, refunds, disputes, payouts, counters, callsPerSecond } = world;
  world.runDue();
  return {
    vendor: 'square',
    title: 'Square',
    secret: {
      ...{
        accessToken: world.tokens.personal,
        locationId: world.locationId,
        apiVersion: API_VERSION,
        baseUrl,
      },
      webhookKeys: [world.outbox.key],
      callsPerSecond: Number.isFinite(callsPerSecond) ? callsPerSecond : null,
    },
    faults: FAULTS.map((each) => ({ ...each, on: world.on.has(each.name) })),
    counters: { refused: 0, creates: payments.size, duplicates: 0, ...Object.fromEntries(counters) },
    now: new Date(world.now()).toISOString(),
    records: {
      ...{ payment: payments.size, refund: refunds.size, dispute: disputes.size, payout: payouts.size },
    },
    kinds: RECORDS,
  };
}

/** Any object by its id; `books` by our reference, see sandbox-books.ts. */
function peek(world: World, record: string, id: string): Readonly<Record<string, unknown>> | undefined {
  world.runDue();
  return record === 'books' ? booksOf(world, id) : objectOf(world, id);
}
