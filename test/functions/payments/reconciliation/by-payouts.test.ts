import { expect, test } from 'vitest';
import { advance } from '../../../../functions/payments/advance.ts';
import { askRefund } from '../../../../functions/payments/ask.ts';
import { hubFor } from '../../../../functions/payments/hub-open.ts';
import { reconcileDay, reconcilePayout } from '../../../../functions/payments/reconciliation/run.ts';
import { newPayment } from '../../../../functions/payments/start.ts';
import { filingOf, paymentKey, readPayment, writePayment } from '../../../../functions/payments/store.ts';
import { provider, startSquare } from '../../../connectors/square/world.ts';
import { startWorld, type World } from '../world.ts';
import { HOUR, reportOf, short, TODAY } from './busy-day.ts';

/** A world with a third provider, which shows what moved only when it has paid it out. */
async function startWithSquare() {
  const world = await startWorld();
  const square = await startSquare({ now: () => world.clock.now() });
  const session = square.session();
  const ports: World['ports'] = { ...world.ports, session: () => session };
  const [club] = world.site.merchants;
  if (!club) throw new Error('no merchant');
  const go = async (id: string) => {
    const hub = hubFor(ports, world.circuits, { ...club, providers: [provider] }, world.work());
    const payment = await advance(hub, id, { deadline: world.clock.now() + 20_000 });
    if (!payment) throw new Error(`no payment ${id}`);
    return payment;
  };
  const pay = async (id: string, amount: number) => {
    const now = world.clock.now();
    const payment = newPayment(
      {
        ...{ id, merchant: 'club', reference: `order-${id}`, amount, currency: 'USD', capture: 'automatic' },
        instruments: { square: { token: 'cnon:card-nonce-ok' } },
        routing: { order: ['square'], failover: 'proof', softDecline: 'stop' },
        processBefore: now + HOUR,
      },
      now,
    );
    await ports.documents.put(paymentKey(id), payment, undefined, filingOf(payment));
    return await go(id);
  };
  const giveBack = async (id: string, minor: number) => {
    const stored = await readPayment(ports.documents, id);
    const asked = stored && askRefund(stored.payment, { id: `ref_${id}`, amount: minor }, world.clock.now());
    if (!stored || !asked?.ok) throw new Error(`no refund of ${id}`);
    await writePayment(ports.documents, stored, asked.payment, 'test');
    return await go(id);
  };
  const end = async () => {
    await square.stop();
    await world[Symbol.asyncDispose]();
  };
  return { world, square, ports, session, pay, giveBack, [Symbol.asyncDispose]: end };
}

test('where movements show by payouts only, a day is compared when they have been made', async () => {
  await using hub = await startWithSquare();
  const { world, square, ports, session } = hub;
  await hub.pay('pay_1', 5_000);
  const second = await hub.pay('pay_2', 7_000);
  await hub.giveBack('pay_1', 1_500);
  const disputed = second.attempts[0]?.id ?? '';
  square.sandbox.edit({ record: 'dispute', set: { payment_id: disputed } });
  square.sandbox.edit({ record: 'payment', set: { amount: 4_711, complete: true } });
  const side = { merchant: 'club', provider, session };
  await world.clock.advance(40 * HOUR);
  expect(await reconcileDay(ports, { ...side, day: TODAY }, world.work())).toEqual({ done: false });
  await world.clock.advance(250 * HOUR);
  expect(await reconcileDay(ports, { ...side, day: TODAY }, world.work())).toMatchObject({
    done: true,
    ...{ orphans: 1, duplicates: 0 },
  });
  const report = await reportOf(world, `square.${TODAY}`);
  expect(report.lines.map(short)).toEqual([
    ['orphan-at-provider', 'charge', undefined, undefined, 4_711],
    ['dispute-open', 'dispute', 'pay_2', -7_000, -7_000],
    ['matched', 'charge', 'pay_1', 5_000, 5_000],
    ['matched', 'refund', 'pay_1', -1_500, -1_500],
    ['matched', 'charge', 'pay_2', 7_000, 7_000],
  ]);
  const payout = report.lines.find((line) => line.of === 'charge')?.payout ?? '';
  const made = await reconcilePayout(ports, { ...side, payout }, world.work());
  expect(made).toMatchObject({ done: true, summary: { payouts: [{ payout, holds: true }] } });
});
