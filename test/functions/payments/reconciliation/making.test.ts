import { describe, expect, test } from 'vitest';
import { startPayout, startReconciliations } from '../../../../functions/payments/reconciliation/errands.ts';
import {
  getReconciliation,
  listReconciliations,
} from '../../../../functions/payments/reconciliation/reports.ts';
import { reconcileDay } from '../../../../functions/payments/reconciliation/run.ts';
import { countStray, listStray } from '../../../../functions/payments/reconciliation/stray.ts';
import { readPayment, writePayment } from '../../../../functions/payments/store.ts';
import { startWorld } from '../world.ts';
import { HOUR, nextMorning, pass, pay, reportOf, short, sideOf, TODAY } from './busy-day.ts';

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

  test('waits for days where the provider shows what moved only then', async () => {
    await using world = await startWorld();
    const side = sideOf(world, 'stripe');
    const provider = { ...side.provider, settledAfter: 240 * HOUR };
    await pass(world, 17 * HOUR);
    const slow = { ...side, provider, day: TODAY };
    expect(await reconcileDay(world.ports, slow, world.work())).toEqual({ done: false });
    expect(world.queue.map(({ at }) => at)).toEqual([Date.parse('2026-12-05T00:00Z')]);
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

  test('the hub’s payments are found in every list: open, of the day, and of the days since', async () => {
    await using world = await startWorld();
    const { documents } = world.ports;
    const model = await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
    const at = world.clock.now();
    const lists = ['payments/open', `payments/day/${TODAY}`, 'payments/day/2026-11-25'];
    for (const [n, list] of lists.entries()) {
      const id = `pay_${n + 2}`;
      const attempts = model.attempts.map((each) => ({ ...each, id: `pi_${n}`, reference: `${id}.1` }));
      await documents.put(`payment/${id}`, { ...model, id, attempts }, undefined, { list, at });
    }
    await nextMorning(world);
    const { lines } = await reportOf(world, `stripe.${TODAY}`);
    expect(lines.map(({ kind, payment }) => `${kind} ${payment}`)).toEqual([
      'missing-at-provider pay_2',
      'missing-at-provider pay_3',
      'missing-at-provider pay_4',
      'matched pay_1',
    ]);
  });

  test.each(['stripe', 'paypal'] as const)(
    'a payment that no list shows just then is found at %s by its reference',
    async (vendor) => {
      await using world = await startWorld();
      const { documents } = world.ports;
      const payment = await pay(world, 'pay_1', { vendor, minor: 5_000 });
      const stored = await documents.get('payment/pay_1');
      await documents.put('payment/pay_1', payment, stored?.revision);
      await nextMorning(world);
      const { lines } = await reportOf(world, `${vendor}.${TODAY}`);
      expect(lines.map(short)).toEqual([['matched', 'charge', 'pay_1', 5_000, 5_000]]);
    },
  );

  test('what the hub learnt days after it was taken is not missing on that day', async () => {
    await using world = await startWorld();
    const { documents } = world.ports;
    const payment = await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
    const stored = await documents.get('payment/pay_1');
    const at = world.clock.now() + 72 * HOUR;
    const timeline = payment.timeline.map((each) =>
      each.what.endsWith('succeeded') ? { ...each, at } : each,
    );
    const filed = { list: 'payments/day/2026-11-27', at };
    await documents.put('payment/pay_1', { ...payment, timeline }, stored?.revision, filed);
    await pass(world, 72 * HOUR);
    await nextMorning(world);
    expect(await reportOf(world, 'stripe.2026-11-27')).toMatchObject({ rows: 0 });
  });

  test('made again, it reads both sides again', async () => {
    await using world = await startWorld();
    const { documents } = world.ports;
    const payment = await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
    const taken = await documents.get('payment/pay_1');
    const operations = payment.operations.filter(({ kind }) => kind !== 'capture');
    const filed = { list: 'payments/open', at: world.clock.now() };
    await documents.put('payment/pay_1', { ...payment, operations }, taken?.revision, filed);
    await nextMorning(world);
    const kinds = async () => (await reportOf(world, `stripe.${TODAY}`)).lines.map(({ kind }) => kind);
    expect(await kinds()).toEqual(['status-mismatch']);
    const now = await documents.get('payment/pay_1');
    await documents.put('payment/pay_1', payment, now?.revision, filed);
    await reconcileDay(world.ports, { ...sideOf(world, 'stripe'), day: TODAY }, world.work());
    expect(await kinds()).toEqual(['matched']);
  });

  test('each further charge of one payment is noted by itself', async () => {
    await using world = await startWorld();
    await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
    await pass(world, 17 * HOUR);
    const side = sideOf(world, 'stripe');
    const provider: typeof side.provider = {
      ...side.provider,
      settlements: async (session, window) => {
        const { items } = await side.provider.settlements(session, window);
        return { items: items.flatMap((each) => [each, { ...each, id: 'a' }, { ...each, id: 'b' }]) };
      },
    };
    const made = await reconcileDay(world.ports, { ...side, provider, day: TODAY }, world.work());
    expect(made).toMatchObject({ done: true, orphans: 0, duplicates: 2 });
    const strays = await listStray(world.ports.documents);
    expect(strays.map(({ payment }) => payment)).toEqual(['pay_1', 'pay_1']);
    expect(new Set(strays.map(({ entry }) => entry)).size).toBe(2);
  });

  test('a dispute of long ago’s payment names the payment', async () => {
    await using world = await startWorld();
    const payment = await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
    await pass(world, 72 * HOUR);
    const intent = payment.attempts[0]?.id ?? '';
    world.stripe.sandbox.edit({ record: 'dispute', set: { payment_intent: intent } });
    await nextMorning(world);
    const { lines } = await reportOf(world, 'stripe.2026-11-27');
    expect(lines.map(short)).toEqual([['dispute-open', 'dispute', 'pay_1', -5_000, -5_000]]);
  });

  test('whatever storage call fails, the next worker makes the same report', async () => {
    await using world = await startWorld();
    const { ports, stripe } = world;
    await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 });
    stripe.sandbox.edit({ record: 'payment_intent', set: { amount: 4_711, capture: true } });
    await pass(world, 17 * HOUR);
    const { documents } = ports;
    let left = Number.POSITIVE_INFINITY;
    const may = () => {
      left -= 1;
      if (left < 0) throw new Error('the store is away');
    };
    const breaking: typeof documents = {
      get: async (...asked) => {
        may();
        return documents.get(...asked);
      },
      listed: async (...asked) => {
        may();
        return documents.listed(...asked);
      },
      put: async (...asked) => {
        may();
        const done = await documents.put(...asked);
        // Written, and nobody hears of it.
        may();
        return done;
      },
    };
    const side = { ...sideOf(world, 'stripe'), day: TODAY };
    const run = () => reconcileDay({ ...ports, documents: breaking }, side, world.work());
    let crashes = 0;
    for (let calls = 0; ; calls += 1) {
      left = calls;
      const made = await run().catch(() => undefined);
      if (made?.done) break;
      crashes += 1;
      left = Number.POSITIVE_INFINITY;
      expect(await run()).toMatchObject({ done: true, orphans: 1, duplicates: 0 });
      expect((await reportOf(world, `stripe.${TODAY}`)).lines.map(short)).toEqual([
        ['orphan-at-provider', 'charge', undefined, undefined, 4_711],
        ['matched', 'charge', 'pay_1', 5_000, 5_000],
      ]);
    }
    expect(crashes).toBeGreaterThan(20);
    expect(await countStray(documents)).toEqual({ orphans: 1, duplicates: 0 });
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
    expect(await reportOf(world, `stripe.payout-${payout}`)).toMatchObject({ version: 1 });
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
