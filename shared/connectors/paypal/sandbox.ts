import type { Sandbox, SandboxOptions, SandboxState, SandboxWebhooks } from '../sandbox.ts';
import { bookOf } from './sandbox-books.ts';
import { editAtDesk, RECORDS } from './sandbox-desk.ts';
import { FAULTS, switchFaults } from './sandbox-faults.ts';
import { appFor } from './sandbox-routes.ts';
import { captureBody, disputeBody, holdBody, orderBody, refundBody } from './sandbox-shown.ts';
import { makeWorld, type World } from './sandbox-world.ts';

/** The sandbox of PayPal, with what tests need besides. */
export interface PaypalSandbox extends Sandbox {
  readonly webhooks: SandboxWebhooks;
  /** From now on webhooks are signed by another key, with a certificate of its own. */
  rotateCertificate(): void;
}

/** A local PayPal merchant, empty at first: Orders v2, Payments v2, disputes, transaction list, signed webhooks. */
export function paypalSandbox(options: SandboxOptions): PaypalSandbox {
  const world = makeWorld(options);
  return {
    app: appFor(world),
    webhooks: world.outbox,
    instruments: { good: 'card:ok-1', declined: 'card:lost_or_stolen-1' },
    rotateCertificate: () => world.signer.rotate(),
    state: (baseUrl) => {
      world.place.base = baseUrl;
      return stateOf(world, baseUrl);
    },
    setFaults: (faults) => {
      switchFaults(world.on, faults);
      if (world.on.has('token-expired')) world.tokens.clear();
    },
    advance: (ms) => {
      world.advance(ms);
      world.runDue();
    },
    edit: (edit) => editAtDesk(world, edit),
    peek: (record, id) => peek(world, record, id),
    act: () => act(world),
    revision: () => world.changes.count,
  };
}

function stateOf(world: World, baseUrl: string): SandboxState {
  const references = new Map<string, number>();
  for (const { order } of world.captures.values())
    references.set(order.customId ?? order.id, (references.get(order.customId ?? order.id) ?? 0) + 1);
  const { orders, holds, captures, refunds, disputes } = world;
  return {
    vendor: 'paypal',
    title: 'PayPal',
    secret: {
      clientId: world.clientId,
      clientSecret: world.clientSecret,
      baseUrl,
      webhookIds: [world.webhookId],
      webhookRoots: [world.signer.root],
    },
    faults: FAULTS.map((each) => ({ ...each, on: world.on.has(each.name) })),
    counters: {
      refused: 0,
      ...Object.fromEntries(world.counters),
      creates: orders.size,
      duplicates: [...references.values()].filter((count) => count > 1).length,
    },
    now: new Date(world.now()).toISOString(),
    records: {
      order: orders.size,
      authorization: holds.size,
      capture: captures.size,
      refund: refunds.size,
      dispute: disputes.size,
    },
    kinds: RECORDS,
  };
}

/** A row as the API shows it; `books` and our reference: how often and how much was held, taken and given back. */
function peek(world: World, record: string, id: string): Readonly<Record<string, unknown>> | undefined {
  const { orders, holds, captures, refunds, disputes } = world;
  const show = <T>(row: T | undefined, body: (world: World, row: T) => Readonly<Record<string, unknown>>) =>
    row && body(world, row);
  switch (record) {
    case 'order':
      return show(orders.get(id), orderBody);
    case 'authorization':
      return show(holds.get(id), holdBody);
    case 'capture':
      return show(captures.get(id), captureBody);
    case 'refund':
      return show(refunds.get(id), refundBody);
    case 'dispute':
      return show(disputes.get(id), disputeBody);
    case 'books':
      return bookOf(world, id);
    default:
      return undefined;
  }
}

/** Somebody pays the merchant past the hub. */
function act(world: World): void {
  editAtDesk(world, { record: 'payment', set: { amount: 1_000 + world.captures.size, currency: 'EUR' } });
}
