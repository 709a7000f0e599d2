import { expect, test } from 'vitest';
import { provider, startStripe } from './world.ts';

test('a refund is found by its key among many, and one that never was is absent', async () => {
  await using stripe = await startStripe();
  const session = stripe.session();
  const id = stripe.sandbox.edit({ record: 'payment_intent', set: { amount: 9_000, capture: true } });
  const amount = { minor: 700, currency: 'USD' };
  const made = await provider.refund(session, { id, key: 'K-first', amount, reason: 'moved away' });
  if (made.kind !== 'answered') throw new Error(JSON.stringify(made));
  for (let n = 0; n < 120; n += 1)
    stripe.sandbox.edit({ record: 'refund', set: { payment_intent: id, amount: 10 } });
  const sought = await provider.findRefund?.(session, { paymentId: id, key: 'K-first' });
  expect(sought).toEqual({ kind: 'found', shown: made.shown });
  expect(await provider.findRefund?.(session, { paymentId: id, key: 'K-never' })).toEqual({ kind: 'absent' });
});

test('a reason of our own is kept beside the refund, one of Stripe is Stripe’s', async () => {
  await using stripe = await startStripe();
  const id = stripe.sandbox.edit({ record: 'payment_intent', set: { amount: 9_000, capture: true } });
  const stored = async (key: string, reason: string) => {
    const amount = { minor: 100, currency: 'USD' };
    const sent = await provider.refund(stripe.session(), { id, key, amount, reason });
    return sent.kind === 'answered' ? stripe.sandbox.peek('refund', sent.shown.id) : undefined;
  };
  expect(await stored('K-1', 'duplicate')).toMatchObject({
    reason: 'duplicate',
    metadata: { intertie_key: 'K-1' },
  });
  const own = { intertie_key: 'K-2', reason: 'season cancelled' };
  expect(await stored('K-2', 'season cancelled')).toMatchObject({ reason: null, metadata: own });
});

test('a pending refund succeeds later', async () => {
  await using stripe = await startStripe();
  const set = { amount: 9_000, capture: true, payment_method: 'pm_card_pendingRefund' };
  const id = stripe.sandbox.edit({ record: 'payment_intent', set });
  const amount = { minor: 9_000, currency: 'USD' };
  const sent = await provider.refund(stripe.session(), { id, key: 'K', amount });
  expect(sent).toMatchObject({ kind: 'answered', shown: { standing: 'pending' } });
  const refund = sent.kind === 'answered' ? sent.shown.id : '';
  stripe.sandbox.advance(3_600_000);
  expect(await provider.readRefund(stripe.session(), refund)).toMatchObject({
    shown: { standing: 'succeeded' },
  });
});
