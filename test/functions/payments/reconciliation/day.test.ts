import { describe, expect, test } from 'vitest';
import { noteDispute } from '../../../../functions/payments/disputes/disputes.ts';
import { startReconciliations } from '../../../../functions/payments/reconciliation/errands.ts';
import { isFinding } from '../../../../functions/payments/reconciliation/report.ts';
import { reconciliations } from '../../../../functions/payments/reconciliation/reports.ts';
import { reconcileDay } from '../../../../functions/payments/reconciliation/run.ts';
import { countStray, listStray } from '../../../../functions/payments/reconciliation/stray.ts';
import { OrderSchema } from '../../../../shared/connectors/paypal/schema.ts';
import { startWorld } from '../world.ts';
import { giveBack, goOn, HOUR, nextMorning, pass, pay, reportOf, short, sideOf, TODAY } from './busy-day.ts';

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
