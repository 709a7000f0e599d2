import { describe, expect, test } from 'vitest';
import type { SandboxRequest } from '../../../shared/connectors/sandbox.ts';
import { provider, type StripeWorld, startStripe } from './world.ts';

const HOOK = 'https://intertie.example.test/hook';

async function delivered({ sandbox }: StripeWorld, status = 200): Promise<string[]> {
  const sent: SandboxRequest[] = [];
  await sandbox.webhooks.deliver(async (request) => {
    sent.push(request);
    return status;
  });
  return sent.map(({ body }) => JSON.parse(body).type);
}

const ALL = [
  'payment_intent.created',
  'charge.succeeded',
  'payment_intent.amount_capturable_updated',
  'charge.captured',
  'payment_intent.succeeded',
];

describe('webhooks', () => {
  const pay = async (stripe: StripeWorld, ...faults: string[]) => {
    stripe.sandbox.webhooks.aim(HOOK);
    stripe.sandbox.setFaults(Object.fromEntries(faults.map((name) => [name, true])));
    stripe.sandbox.edit({ record: 'payment_intent', set: { capture: true } });
  };

  test('are sent in order, once', async () => {
    await using stripe = await startStripe();
    await pay(stripe);
    expect(await delivered(stripe)).toEqual(ALL);
    expect(await delivered(stripe)).toEqual([]);
  });

  test('may come twice, in another order, or never', async () => {
    await using twice = await startStripe();
    await pay(twice, 'webhooks-duplicated');
    expect(await delivered(twice)).toEqual(ALL.flatMap((type) => [type, type]));
    await using mixed = await startStripe({ seed: 3 });
    await pay(mixed, 'webhooks-reordered');
    const first = await delivered(mixed);
    expect(first.length).toBeLessThan(ALL.length);
    mixed.sandbox.advance(5_000);
    const all = [...first, ...(await delivered(mixed))];
    expect(all.toSorted()).toEqual(ALL.toSorted());
    expect(all).not.toEqual(ALL);
    await using lost = await startStripe();
    await pay(lost, 'webhooks-lost');
    expect(await delivered(lost)).toEqual([]);
    expect(lost.sandbox.webhooks.nextAt()).toBeUndefined();
  });

  test('are tried again for three days', async () => {
    await using stripe = await startStripe();
    await pay(stripe);
    const { webhooks } = stripe.sandbox;
    let rounds = 0;
    while (webhooks.nextAt() !== undefined) {
      const now = Date.parse(stripe.sandbox.state('').now);
      stripe.sandbox.advance(Math.max(0, (webhooks.nextAt() ?? now) - now));
      await delivered(stripe, 500);
      rounds += 1;
    }
    expect(rounds).toBeGreaterThan(5);
    expect(stripe.sandbox.state('').counters['webhooks.given-up']).toBe(ALL.length);
  });

  test('may be there before the answer to the call', async () => {
    await using stripe = await startStripe();
    const order: string[] = [];
    stripe.sandbox.webhooks.aim(HOOK);
    stripe.sandbox.setFaults({ 'webhooks-first': true });
    const amount = { minor: 5_000, currency: 'USD' };
    const asked = { key: 'K', reference: 'r-1', amount, instrument: 'pm_card_visa' };
    const answer = provider.prepare?.(stripe.session(), asked).then((sent) => order.push(sent.kind));
    while (stripe.sandbox.webhooks.nextAt() === undefined)
      await new Promise((resolve) => setImmediate(resolve));
    order.push(...(await delivered(stripe)));
    await answer;
    expect(order).toEqual(['payment_intent.created', 'answered']);
  });
});

test('people at the desk are told what they cannot do', async () => {
  await using stripe = await startStripe();
  const { sandbox } = stripe;
  const id = sandbox.edit({ record: 'payment_intent' });
  expect(() => sandbox.edit({ record: 'customer' })).toThrow(/payment_intent, refund/);
  expect(() => sandbox.edit({ record: 'payout' })).toThrow(/nothing to pay out/);
  expect(() => sandbox.edit({ record: 'dispute', set: { payment_intent: id } })).toThrow(/captured/);
  expect(() => sandbox.edit({ record: 'refund', set: { payment_intent: id } })).toThrow(/not been captured/);
  sandbox.edit({ record: 'payment_intent', id, set: { cancel: true } });
  expect(sandbox.peek('payment_intent', id)).toMatchObject({ status: 'canceled' });
});

test('activity is the same for the same seed', async () => {
  const books = async () => {
    await using stripe = await startStripe({ seed: 11 });
    for (let n = 0; n < 60; n += 1) stripe.sandbox.act();
    return stripe.sandbox.state('').records;
  };
  const first = await books();
  expect(first.refund).toBeGreaterThan(0);
  expect(await books()).toEqual(first);
});

test('more calls in a second than the account may make are refused', async () => {
  await using stripe = await startStripe({ rateScale: 0.2 });
  const sdk = stripe.sdk();
  for (let n = 0; n < 5; n += 1) await sdk.balance.retrieve();
  await expect(sdk.balance.retrieve()).rejects.toMatchObject({ statusCode: 429, code: 'rate_limit' });
  stripe.sandbox.advance(1_000);
  expect((await sdk.balance.retrieve()).object).toBe('balance');
});
