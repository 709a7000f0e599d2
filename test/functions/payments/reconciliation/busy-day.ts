import { advance } from '../../../../functions/payments/advance.ts';
import { askRefund } from '../../../../functions/payments/ask.ts';
import type { Payment } from '../../../../functions/payments/payment.ts';
import {
  startReconciliations,
  workOnReconciliation,
} from '../../../../functions/payments/reconciliation/errands.ts';
import type { Report, Row } from '../../../../functions/payments/reconciliation/report.ts';
import { getReconciliation } from '../../../../functions/payments/reconciliation/reports.ts';
import { newPayment } from '../../../../functions/payments/start.ts';
import { filingOf, paymentKey, readPayment, writePayment } from '../../../../functions/payments/store.ts';
import type { PaymentProvider } from '../../../../shared/connectors/payment-provider.ts';
import type { Errand } from '../../../../shared/engine/service.ts';
import type { World } from '../world.ts';

export const HOUR = 3_600_000;
/** The day of the sandboxes' clock. */
export const TODAY = '2026-11-24';

const TOKENS = { stripe: 'pm_card_visa', paypal: 'card:ok-visa' };

function merchantIn(world: World, id = 'club') {
  const merchant = world.site.merchants.find((each) => each.id === id);
  if (!merchant) throw new Error(`no merchant ${id}`);
  return merchant;
}

function providerIn(world: World, vendor: string): PaymentProvider {
  const provider = merchantIn(world).providers.find((each) => each.vendor === vendor);
  if (!provider) throw new Error(`no provider ${vendor}`);
  return provider;
}

/** A merchant's side of a report, as an errand opens it. */
export function sideOf(world: World, vendor: string, merchant = 'club') {
  const provider = providerIn(world, vendor);
  return { merchant, provider, session: world.ports.session(provider.account, world.work()) };
}

/** A payment of the hub at one provider, as far as it comes at once. */
export async function pay(
  world: World,
  id: string,
  { vendor, minor, merchant = 'club' }: { vendor: 'stripe' | 'paypal'; minor: number; merchant?: string },
): Promise<Payment> {
  const now = world.clock.now();
  const payment = newPayment(
    {
      ...{ id, merchant, reference: `order-${id}`, amount: minor, currency: 'USD', capture: 'automatic' },
      instruments: { [vendor]: { token: TOKENS[vendor] } },
      routing: { order: [vendor], failover: 'proof', softDecline: 'stop' },
      processBefore: now + HOUR,
    },
    now,
  );
  await world.ports.documents.put(paymentKey(id), payment, undefined, filingOf(payment));
  return await goOn(world, id);
}

export async function goOn(world: World, id: string, due?: number): Promise<Payment> {
  const stored = await readPayment(world.ports.documents, id);
  const hub = world.hubOf(merchantIn(world, stored?.payment.merchant), world.work());
  const deadline = world.clock.now() + 20_000;
  const payment = await advance(hub, id, { deadline, ...(due !== undefined && { due }) });
  if (!payment) throw new Error(`no payment ${id}`);
  return payment;
}

export async function giveBack(world: World, id: string, minor: number): Promise<Payment> {
  const stored = await readPayment(world.ports.documents, id);
  const asked = stored && askRefund(stored.payment, { id: `ref_${id}`, amount: minor }, world.clock.now());
  if (!stored || !asked?.ok) throw new Error(`no refund of ${id}: ${JSON.stringify(asked)}`);
  await writePayment(world.ports.documents, stored, asked.payment, world.ports.random.token());
  return await goOn(world, id);
}

/** Lets time pass, with the errands of payments and of reports worked off at their time. */
export async function pass(world: World, ms: number): Promise<void> {
  await world.run(ms, async ({ collection, id }: Errand, dueAt: number) => {
    if (collection === 'payment') await goOn(world, id, dueAt);
    if (collection === 'reconciliation')
      await workOnReconciliation(world.ports, world.site, { id, work: world.work() });
  });
}

/** The books of both sides as they stand on the next morning. */
export async function nextMorning(world: World): Promise<void> {
  await pass(world, 16.5 * HOUR);
  await startReconciliations(world.ports, world.site);
  await pass(world, 60_000);
}

/** A report that must be there. */
export async function reportOf({ ports }: World, id: string, merchant = 'club'): Promise<Report> {
  const report = await getReconciliation(ports.documents, merchant, id);
  if (!report) throw new Error(`no report ${id}`);
  return report;
}

/** What a row says, in short. */
export function short({ kind, of, payment, expected, gross }: Row) {
  return [kind, of, payment, expected, gross];
}
