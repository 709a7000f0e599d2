import { expect, test } from 'vitest';
import type { SettlementEntry } from '../../../shared/connectors/payment-provider.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { provider, startStripe } from './world.ts';

const DAY = 86_400_000;
const window = { from: PAYMENT_START, to: PAYMENT_START + 3 * DAY };
const short = ({ kind, net, about }: SettlementEntry) => [kind, net.minor, about];

test('refunds that fail, disputes and payouts are told by their kind', async () => {
  await using stripe = await startStripe();
  const { sandbox } = stripe;
  const pay = () => sandbox.edit({ record: 'payment_intent', set: { amount: 10_000, capture: true } });
  const [first, second] = [pay(), pay()];
  const refund = sandbox.edit({ record: 'refund', set: { payment_intent: first, amount: 4_000 } });
  sandbox.edit({ record: 'refund', id: refund, set: { status: 'failed' } });
  const dispute = sandbox.edit({ record: 'dispute', set: { payment_intent: second } });
  sandbox.edit({ record: 'dispute', id: dispute, set: { status: 'won' } });
  sandbox.setFaults({ 'payouts-fail': true });
  const payout = sandbox.edit({ record: 'payout' });
  sandbox.advance(DAY);
  const { items, next } = await provider.settlements(stripe.session(), window);
  expect(next).toBeUndefined();
  expect(items.toReversed().map(short)).toEqual([
    ['charge', 9_680, first],
    ['charge', 9_680, second],
    ['refund', -4_000, refund],
    ['refund-failed', 4_000, refund],
    ['dispute', -11_500, second],
    ['dispute', 10_000, second],
    ['payout', -17_860, undefined],
    ['payout', 17_860, undefined],
  ]);
  expect(items.filter(({ kind }) => kind === 'payout').every((each) => each.payout === payout)).toBe(true);
});

test('what a payout is made of adds up to it', async () => {
  await using stripe = await startStripe();
  const { sandbox } = stripe;
  for (let n = 0; n < 130; n += 1)
    sandbox.edit({ record: 'payment_intent', set: { amount: 1_000 + n, capture: true } });
  const payout = sandbox.edit({ record: 'payout' });
  sandbox.edit({ record: 'payment_intent', set: { capture: true } });
  const items: SettlementEntry[] = [];
  let page: string | undefined;
  do {
    const got = await provider.payoutEntries?.(stripe.session(), {
      payout,
      ...(page !== undefined && { page }),
    });
    if (!got) throw new Error('Stripe tells what a payout is made of');
    items.push(...got.items);
    page = got.next;
  } while (page !== undefined);
  expect(items).toHaveLength(131);
  expect(items.every((each) => each.payout === payout)).toBe(true);
  expect(items.reduce((sum, { net }) => sum + net.minor, 0)).toBe(0);
});

test('the window begins with its first moment and ends before its last', async () => {
  await using stripe = await startStripe();
  const { sandbox } = stripe;
  const about: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    about.push(sandbox.edit({ record: 'payment_intent', set: { capture: true } }));
    sandbox.advance(1_000);
  }
  const of = async (from: number, to: number) => {
    const { items } = await provider.settlements(stripe.session(), { from, to });
    return items.map((each) => each.about);
  };
  expect(await of(PAYMENT_START, PAYMENT_START + 1_000)).toEqual([about[0]]);
  expect(await of(PAYMENT_START + 1_000, PAYMENT_START + 3_000)).toEqual([about[2], about[1]]);
  expect(await of(PAYMENT_START + 1, PAYMENT_START + 1_001)).toEqual([about[1]]);
});

test('a charge carries our reference, a refund does not', async () => {
  await using stripe = await startStripe();
  const set = { amount: 10_000, capture: true, reference: 'pay_1.1' };
  const id = stripe.sandbox.edit({ record: 'payment_intent', set });
  stripe.sandbox.edit({ record: 'refund', set: { payment_intent: id, amount: 4_000 } });
  stripe.sandbox.edit({ record: 'payment_intent', set: { capture: true } });
  const { items } = await provider.settlements(stripe.session(), window);
  expect(items.toReversed().map(({ kind, reference }) => [kind, reference])).toEqual([
    ['charge', 'pay_1.1'],
    ['refund', undefined],
    ['charge', undefined],
  ]);
});
