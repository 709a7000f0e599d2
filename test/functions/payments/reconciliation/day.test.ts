import { describe, expect, test } from 'vitest';
import { noteDispute } from '../../../../functions/payments/disputes/disputes.ts';
import { startPayout, startReconciliations } from '../../../../functions/payments/reconciliation/errands.ts';
import { isFinding, type Row } from '../../../../functions/payments/reconciliation/report.ts';
import {
  getReconciliation,
  listReconciliations,
  reconciliations,
} from '../../../../functions/payments/reconciliation/reports.ts';
import { reconcileDay } from '../../../../functions/payments/reconciliation/run.ts';
import { countStray, listStray } from '../../../../functions/payments/reconciliation/stray.ts';
import { readPayment, writePayment } from '../../../../functions/payments/store.ts';
import { OrderSchema } from '../../../../shared/connectors/paypal/schema.ts';
import { startWorld, type World } from '../world.ts';
import { giveBack, goOn, HOUR, pass, pay, sideOf, TODAY } from './busy-day.ts';

const reportOf = async ({ ports }: World, id: string, merchant = 'club') => {
  const report = await getReconciliation(ports.documents, merchant, id);
  if (!report) throw new Error(`no report ${id}`);
  return report;
};
const short = ({ kind, of, payment, expected, gross }: Row) => [kind, of, payment, expected, gross];

describe('a busy day at Stripe', () => {
  test('what was done wrong is found, and nothing else', async () => {
    await using world = await startWorld();
    const { stripe, ports } = world;
    await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
    await pay(world, 'pay_2', { vendor: 'stripe', minor: 7_000 });
    stripe.sandbox.setFaults({ 'reply-lost': true });
    await pay(world, 'pay_3', { vendor: 'stripe', minor: 9_000 });
    stripe.sandbox.setFaults({ 'reply-lost': false });
    await pass(world, 10 * 60_000);
    expect(
      (await goOn(world, 'pay_3')).operations.some(
        ({ kind, state }) => kind === 'capture' && state === 'succeeded',
      ),
    ).toBe(true);
    await giveBack(world, 'pay_1', 1_500);
    const second = await goOn(world, 'pay_2');
    const intent = second.attempts[0]?.id ?? '';
    const dispute = stripe.sandbox.edit({ record: 'dispute', set: { payment_intent: intent } });
    await noteDispute(ports, { merchants: ['club'], ...sideOf(world, 'stripe') }, dispute);
    stripe.sandbox.edit({ record: 'payment_intent', set: { amount: 4_711, capture: true } });
    const twin = { amount: 5_000, capture: true, reference: 'pay_1.1' };
    stripe.sandbox.edit({ record: 'payment_intent', set: twin });
    const payout = stripe.sandbox.edit({ record: 'payout' });
    await pass(world, 16.5 * HOUR);
    await startReconciliations(ports, world.site);
    await pass(world, 60_000);

    const report = await reportOf(world, `stripe.${TODAY}`);
    expect(report.lines.map(short)).toEqual([
      ['orphan-at-provider', 'charge', undefined, undefined, 4_711],
      ['duplicate-capture', 'charge', 'pay_1', undefined, 5_000],
      ['dispute-open', 'dispute', 'pay_2', -7_000, -7_000],
      ['matched', 'charge', 'pay_1', 5_000, 5_000],
      ['matched', 'charge', 'pay_2', 7_000, 7_000],
      ['matched', 'charge', 'pay_3', 9_000, 9_000],
      ['matched', 'refund', 'pay_1', -1_500, -1_500],
      ['payout', 'payout', undefined, expect.any(Number), expect.any(Number)],
    ]);
    expect(report).toMatchObject({ findings: 3, unbalanced: [], merchant: 'club', version: 1 });
    expect(report.totals).toMatchObject([
      {
        ...{ currency: 'USD', entries: 8, charges: 30_711, refunds: -1_500, disputes: -7_000 },
        ...{ expected: 19_500, difference: 9_711, closing: 0 },
      },
    ]);
    const paid = await reportOf(world, `stripe.payout-${payout}`);
    expect(paid.payouts).toMatchObject([{ payout, currency: 'USD', entries: 7, holds: true }]);
    expect(paid.lines.filter(({ kind }) => isFinding(kind)).map(({ kind }) => kind)).toEqual([
      'orphan-at-provider',
      'duplicate-capture',
      'dispute-open',
    ]);
    // Found by the day and by the payout, and still two.
    expect(await countStray(ports.documents)).toEqual({ orphans: 1, duplicates: 1 });
    const strays = (await listStray(ports.documents)).toSorted((a, b) => a.minor - b.minor);
    expect(strays).toMatchObject([
      { kind: 'orphan-at-provider', minor: 4_711, todo: expect.stringContaining('refund it') },
      { kind: 'duplicate-capture', minor: 5_000, payment: 'pay_1', reference: 'pay_1.1' },
    ]);

    const csv = await reconciliations.reconciliationCsv(ports.documents, 'club', `stripe.${TODAY}`);
    expect(csv?.split('\r\n').slice(0, 3)).toMatchObject([
      'kind,of,at,currency,expected,gross,fee,net,payment,refund,reference,about,entry,payout,matched by,says,what to do',
      expect.stringMatching(
        /^orphan-at-provider,charge,2026-11-24T12:1\d:\d\d\.000Z,USD,,47\.11,1\.67,45\.44,,,/,
      ),
      expect.stringMatching(/^duplicate-capture,charge,.*,USD,,50\.00,1\.75,48\.25,pay_1,,pay_1\.1,pi_/),
    ]);
    expect(csv?.trimEnd().split('\r\n')).toHaveLength(9);
  });
});

/** The books of both sides as they stand on the next morning. */
async function nextMorning(world: World): Promise<void> {
  await pass(world, 16.5 * HOUR);
  await startReconciliations(world.ports, world.site);
  await pass(world, 60_000);
}

describe('a busy day at PayPal', () => {
  test('what was done wrong is found, and nothing else', async () => {
    await using world = await startWorld();
    const { paypal, ports } = world;
    await pay(world, 'pay_1', { vendor: 'paypal', minor: 5_000 });
    await pay(world, 'pay_2', { vendor: 'paypal', minor: 7_000 });
    paypal.sandbox.setFaults({ 'reply-lost': true });
    await pay(world, 'pay_3', { vendor: 'paypal', minor: 9_000 });
    paypal.sandbox.setFaults({ 'reply-lost': false });
    await pass(world, 10 * 60_000);
    await goOn(world, 'pay_3');
    await giveBack(world, 'pay_1', 1_500);
    const order = (await goOn(world, 'pay_2')).attempts[0]?.id ?? '';
    const [unit] = OrderSchema.parse(paypal.sandbox.peek('order', order)).purchase_units;
    const capture = unit.payments?.captures?.[0]?.id ?? '';
    const dispute = paypal.sandbox.edit({ record: 'capture', id: capture, set: { disputed: true } });
    await noteDispute(ports, { merchants: ['club'], ...sideOf(world, 'paypal') }, dispute);
    paypal.sandbox.edit({ record: 'payment', set: { amount: 4_711, currency: 'USD' } });
    paypal.sandbox.edit({ record: 'payment', set: { amount: 5_000, currency: 'USD', reference: 'pay_1.1' } });
    paypal.sandbox.edit({ record: 'withdrawal', set: { amount: 10_000, currency: 'USD' } });
    await nextMorning(world);

    const report = await reportOf(world, `paypal.${TODAY}`);
    expect(report.lines.map(short)).toEqual([
      ['orphan-at-provider', 'charge', undefined, undefined, 4_711],
      ['duplicate-capture', 'charge', 'pay_1', undefined, 5_000],
      ['dispute-open', 'dispute', 'pay_2', -7_000, -7_000],
      ['matched', 'charge', 'pay_1', 5_000, 5_000],
      ['matched', 'charge', 'pay_2', 7_000, 7_000],
      ['matched', 'charge', 'pay_3', 9_000, 9_000],
      ['matched', 'refund', 'pay_1', -1_500, -1_500],
      ['payout', 'payout', undefined, -10_000, -10_000],
    ]);
    expect(report.totals).toMatchObject([{ currency: 'USD', expected: 19_500, difference: 9_711 }]);
    expect(await countStray(ports.documents)).toEqual({ orphans: 1, duplicates: 1 });

    // Won: the money comes back the next day, and the day before is explained when it is compared again.
    paypal.sandbox.edit({ record: 'dispute', id: dispute, set: { won: true } });
    await noteDispute(ports, { merchants: ['club'], ...sideOf(world, 'paypal') }, dispute);
    await pass(world, 24 * HOUR);
    await startReconciliations(ports, world.site);
    await pass(world, 60_000);
    const next = await reportOf(world, 'paypal.2026-11-25');
    expect(next.lines.map(short)).toEqual([['dispute-closed', 'dispute', 'pay_2', 7_000, 7_000]]);
    expect(next.totals).toMatchObject([{ opening: report.totals[0]?.closing, net: 7_000, difference: 0 }]);
    const again = { ...sideOf(world, 'paypal'), day: TODAY };
    expect(await reconcileDay(ports, again, world.work())).toMatchObject({
      done: true,
      orphans: 1,
      duplicates: 1,
      summary: { version: 2, findings: 2, counts: { 'dispute-closed': 1 } },
    });
    expect(await countStray(ports.documents)).toEqual({ orphans: 1, duplicates: 1 });
  });
});

describe('the making of a report', () => {
  test('goes on in the next worker where time ran out', async () => {
    await using world = await startWorld();
    const { ports } = world;
    for (let n = 1; n <= 3; n += 1) await pay(world, `pay_${n}`, { vendor: 'stripe', minor: 1_000 + n });
    for (let n = 0; n < 230; n += 1)
      world.stripe.sandbox.edit({ record: 'payment_intent', set: { amount: 5_000 + n, capture: true } });
    await pass(world, 16.5 * HOUR);
    const side = { ...sideOf(world, 'stripe'), day: TODAY };
    // Enough for one page of something, and then the reserve begins.
    const clock = { ...ports.clock };
    let reads = 0;
    const slow = { ...ports, clock: { ...clock, now: () => clock.now() + reads * 20_000 } };
    const documents = { ...ports.documents };
    slow.documents = {
      ...documents,
      get: async (key) => {
        if (key.startsWith('payment-reconciliation-cursor/')) reads += 1;
        return documents.get(key);
      },
    };
    let workers = 0;
    for (;;) {
      workers += 1;
      reads = 0;
      const progress = await reconcileDay(slow, side, world.work());
      if (progress.done) {
        expect(progress.summary).toMatchObject({
          rows: 233,
          counts: { matched: 3, 'orphan-at-provider': 230 },
        });
        break;
      }
      expect(world.queue.filter(({ errand }) => errand.collection === 'reconciliation')).toHaveLength(
        workers,
      );
    }
    expect(workers).toBeGreaterThan(2);
    const lists = world.sent().filter((each) => each === 'stripe/main balance_transactions.list');
    expect(lists).toHaveLength(3);
    expect((await reportOf(world, `stripe.${TODAY}`)).lines).toHaveLength(233);
  });

  test('waits until the provider can have shown the whole day', async () => {
    await using world = await startWorld();
    const side = { ...sideOf(world, 'paypal'), day: TODAY };
    expect(await reconcileDay(world.ports, side, world.work())).toEqual({ done: false });
    expect(world.queue).toEqual([
      {
        errand: { collection: 'reconciliation', id: `club/paypal/${TODAY}` },
        at: Date.parse('2026-11-25T04:00Z'),
      },
    ]);
    await pass(world, 17 * HOUR);
    expect(await reportOf(world, `paypal.${TODAY}`)).toMatchObject({ rows: 0, findings: 0 });
  });

  test('a payment of the hub that the provider does not have is missing there', async () => {
    await using world = await startWorld();
    await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
    const stored = await readPayment(world.ports.documents, 'pay_1');
    if (!stored) throw new Error('no payment');
    const other = { ...stored.payment, id: 'pay_2', reference: 'order-2' };
    const attempts = other.attempts.map((each) => ({ ...each, id: 'pi_none', reference: 'pay_2.1' }));
    await world.ports.documents.put('payment/pay_2', { ...other, attempts }, undefined);
    const draft = await readPayment(world.ports.documents, 'pay_2');
    await writePayment(world.ports.documents, draft ?? stored, { ...other, attempts }, 'writer');
    await nextMorning(world);
    expect((await reportOf(world, `stripe.${TODAY}`)).lines.map(short)).toEqual([
      ['missing-at-provider', 'charge', 'pay_2', 5_000, undefined],
      ['matched', 'charge', 'pay_1', 5_000, 5_000],
    ]);
  });

  test('two merchants on one account see nothing of each other, and their money is nobody’s orphan', async () => {
    await using world = await startWorld();
    await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
    await pay(world, 'pay_2', { vendor: 'stripe', minor: 7_000, merchant: 'other' });
    await nextMorning(world);
    const lines = async (merchant: string) =>
      (await reportOf(world, `stripe.${TODAY}`, merchant)).lines.map(short);
    expect(await lines('club')).toEqual([['matched', 'charge', 'pay_1', 5_000, 5_000]]);
    expect(await lines('other')).toEqual([['matched', 'charge', 'pay_2', 7_000, 7_000]]);
    expect(await countStray(world.ports.documents)).toEqual({ orphans: 0, duplicates: 0 });
  });

  test('a payout that is told of is compared at once; what no payout holds after two weeks is late', async () => {
    await using world = await startWorld();
    const { ports, stripe, site } = world;
    await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
    const payout = stripe.sandbox.edit({ record: 'payout' });
    await pay(world, 'pay_2', { vendor: 'stripe', minor: 7_000 });
    await startPayout(ports, site, { vendor: 'stripe', account: 'main', payout });
    await pass(world, 1_000);
    const paid = await reportOf(world, `stripe.payout-${payout}`);
    expect(paid.lines.map(short)).toEqual([
      ['matched', 'charge', 'pay_1', 5_000, 5_000],
      ['payout', 'payout', undefined, -4_825, -4_825],
    ]);
    expect(paid.payouts).toMatchObject([{ amount: 4_825, sum: 4_825, holds: true }]);
    await nextMorning(world);
    expect(await reportOf(world, `stripe.${TODAY}`)).toMatchObject({ version: 1, findings: 0 });
    await pass(world, 15 * 24 * HOUR);
    await startReconciliations(ports, site);
    await pass(world, 60_000);
    const later = await reportOf(world, `stripe.${TODAY}`);
    expect(later.version).toBe(2);
    expect(later.lines.map(short)).toEqual([
      ['unsettled-late', 'charge', 'pay_2', 7_000, 7_000],
      ['matched', 'charge', 'pay_1', 5_000, 5_000],
      ['payout', 'payout', undefined, -4_825, -4_825],
    ]);
    expect(later.lines[1]?.payout).toBe(payout);
  });

  test('reports are listed newest first, page by page, and only to their merchant', async () => {
    await using world = await startWorld();
    await nextMorning(world);
    await pass(world, 24 * HOUR);
    await startReconciliations(world.ports, world.site);
    await pass(world, 60_000);
    const { documents } = world.ports;
    const first = await listReconciliations(documents, 'club', { limit: 3 });
    const rest = await listReconciliations(documents, 'club', { limit: 3, after: first.next ?? '' });
    const days = [...first.items, ...rest.items].map(({ id }) => id);
    expect(days.slice(0, 4).toSorted((a, b) => b.slice(-10).localeCompare(a.slice(-10)))).toEqual(
      days.slice(0, 4),
    );
    expect(days.slice(0, 2).every((id) => id.endsWith('2026-11-25'))).toBe(true);
    expect(await getReconciliation(documents, 'club', 'stripe.2026-11-01')).toBeUndefined();
    expect(await getReconciliation(documents, 'nobody', `stripe.${TODAY}`)).toBeUndefined();
    expect(await getReconciliation(documents, 'club', '../other/stripe')).toBeUndefined();
  });
});
