import { describe, expect, test } from 'vitest';
import type { Charge, Sent, Shown } from '../../../shared/connectors/payment-provider.ts';
import { Fault } from '../../../shared/engine/fault.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { provider, type StripeWorld, startStripe } from './world.ts';

const amount = { minor: 5_000, currency: 'USD' };
const charge = (more: Partial<Charge> = {}): Charge => ({
  ...{ key: 'K-confirm', reference: 'r-1', amount, instrument: 'pm_card_visa' },
  ...more,
});
const prepared = async (stripe: StripeWorld, more: Partial<Charge> = {}): Promise<string> => {
  const sent = await provider.prepare?.(stripe.session(), { ...charge(more), key: 'K-create' });
  if (sent?.kind !== 'answered') throw new Error(JSON.stringify(sent));
  return sent.shown.id;
};
const confirm = async (stripe: StripeWorld, id: string, more: Partial<Charge> = {}): Promise<Sent<Shown>> =>
  await provider.authorise(stripe.session(), charge(more), id);
const standing = async (stripe: StripeWorld, id: string) => {
  const look = await provider.read(stripe.session(), id);
  return look.kind === 'found' ? look.shown.standing : look.kind;
};
const on = (stripe: StripeWorld, ...names: string[]) =>
  stripe.sandbox.setFaults(Object.fromEntries(names.map((name) => [name, true])));
const off = (stripe: StripeWorld, ...names: string[]) =>
  stripe.sandbox.setFaults(Object.fromEntries(names.map((name) => [name, false])));

describe('the payer has to do something', () => {
  test('with a place to come back to, it is a redirect', async () => {
    await using stripe = await startStripe();
    const asked = {
      instrument: 'pm_card_threeDSecure2Required',
      returnUrl: 'https://club.example.test/back',
    };
    const id = await prepared(stripe, asked);
    const sent = await confirm(stripe, id, asked);
    expect(sent).toMatchObject({
      kind: 'answered',
      shown: { standing: 'needs-payer', nextAction: { type: 'redirect', url: expect.stringContaining(id) } },
    });
    const { url = '' } = (sent.kind === 'answered' && sent.shown.nextAction) || {};
    expect(await (await fetch(url)).text()).toContain('outcome=succeed');
    const back = await fetch(`${url}?outcome=succeed`, { redirect: 'manual' });
    expect(back.headers.get('location')).toMatch(/^https:..club.example.test.back\?payment_intent=pi_/);
    expect(await standing(stripe, id)).toBe('held');
    // The same key still tells how it was then: a hint that replays are no news.
    expect(await confirm(stripe, id, asked)).toMatchObject({ shown: { standing: 'needs-payer' } });
  });

  test('without, it is for the SDK, by a client secret', async () => {
    await using stripe = await startStripe();
    const asked = { instrument: 'pm_card_authenticationRequired' };
    const id = await prepared(stripe, asked);
    const sent = await confirm(stripe, id, asked);
    const nextAction = { type: 'sdk', clientSecret: expect.stringMatching(/^pi_.*_secret_/) };
    expect(sent).toMatchObject({ shown: { standing: 'needs-payer', nextAction } });
    stripe.sandbox.edit({ record: 'payment_intent', id, set: { authenticate: 'fail' } });
    expect(await provider.read(stripe.session(), id)).toMatchObject({
      shown: { standing: 'declined', decline: { code: 'payment_intent_authentication_failure', hard: true } },
    });
    expect(stripe.sandbox.peek('books', 'r-1')).toMatchObject({ held: 0 });
  });
});

test('processing is pending until it is held', async () => {
  await using stripe = await startStripe();
  on(stripe, 'processing');
  const id = await prepared(stripe);
  expect(await confirm(stripe, id)).toMatchObject({ shown: { standing: 'pending' } });
  const ended = await provider.void(stripe.session(), { id, key: 'K-cancel' });
  // It cannot be ended now, and says so by what it is.
  expect(ended).toMatchObject({ kind: 'answered', shown: { standing: 'pending' } });
  stripe.sandbox.advance(60_000);
  expect(await standing(stripe, id)).toBe('held');
});

test('a hold ends by itself after a week', async () => {
  await using stripe = await startStripe();
  const id = await prepared(stripe);
  await confirm(stripe, id);
  stripe.sandbox.advance(7 * 86_400_000);
  expect(await standing(stripe, id)).toBe('expired');
  const late = await provider.capture(stripe.session(), { id, key: 'K-c', amount, final: true });
  expect(late).toMatchObject({ kind: 'answered', shown: { standing: 'expired', captured: { minor: 0 } } });
});

describe('captures', () => {
  test('of a part release the rest, which is no refund', async () => {
    await using stripe = await startStripe();
    const id = await prepared(stripe);
    await confirm(stripe, id);
    const part = { minor: 3_000, currency: 'USD' };
    const sent = await provider.capture(stripe.session(), { id, key: 'K-c', amount: part, final: true });
    expect(sent).toMatchObject({ shown: { standing: 'captured', captured: part, refunded: { minor: 0 } } });
    const refund = (key: string, minor: number) =>
      provider.refund(stripe.session(), { id, key, amount: { minor, currency: 'USD' } });
    expect((await refund('K-r1', 3_001)).kind).toBe('refused');
    expect((await refund('K-r2', 3_000)).kind).toBe('answered');
    expect(await provider.read(stripe.session(), id)).toMatchObject({ shown: { refunded: part } });
  });

  test('of more than is held are refused', async () => {
    await using stripe = await startStripe();
    const id = await prepared(stripe);
    await confirm(stripe, id);
    const more = { minor: 5_001, currency: 'USD' };
    const sent = await provider.capture(stripe.session(), { id, key: 'K-c', amount: more, final: true });
    expect(sent).toMatchObject({ kind: 'refused', code: 'amount_too_large', field: 'amount_to_capture' });
    expect(await standing(stripe, id)).toBe('held');
  });

  test('that are not the last are refused where the account cannot do that', async () => {
    await using stripe = await startStripe();
    const id = await prepared(stripe);
    await confirm(stripe, id);
    const sent = await provider.capture(stripe.session(), { id, key: 'K-c', amount, final: false });
    expect(sent).toMatchObject({ kind: 'refused', field: 'final_capture' });
  });

  test('a second one under another key takes nothing and shows what is', async () => {
    await using stripe = await startStripe();
    const id = await prepared(stripe);
    await confirm(stripe, id);
    await provider.capture(stripe.session(), { id, key: 'K-c1', amount, final: true });
    const sent = await provider.capture(stripe.session(), { id, key: 'K-c2', amount, final: true });
    expect(sent).toMatchObject({ kind: 'answered', shown: { standing: 'captured', captured: amount } });
    expect(stripe.sandbox.peek('books', 'r-1')).toMatchObject({ captures: 1, captured: 5_000 });
  });
});

describe('faults of Stripe', () => {
  test('a 500 stays under its key for a day: look by id', async () => {
    await using stripe = await startStripe();
    const id = await prepared(stripe);
    on(stripe, 'error-before');
    expect((await confirm(stripe, id)).kind).toBe('unknown');
    off(stripe, 'error-before');
    expect((await confirm(stripe, id)).kind).toBe('unknown');
    expect(await standing(stripe, id)).toBe('prepared');
    stripe.sandbox.advance(provider.keyLife);
    expect((await confirm(stripe, id)).kind).toBe('unknown');
    stripe.sandbox.advance(3_600_000);
    expect(await confirm(stripe, id)).toMatchObject({ kind: 'answered', shown: { standing: 'held' } });
  });

  test('a key whose request is still at work is unknown until it is done', async () => {
    await using stripe = await startStripe();
    const id = await prepared(stripe);
    on(stripe, 'in-flight');
    expect((await confirm(stripe, id)).kind).toBe('unknown');
    off(stripe, 'in-flight');
    expect(await confirm(stripe, id)).toMatchObject({
      kind: 'unknown',
      message: expect.stringContaining('409'),
    });
    stripe.sandbox.advance(30_000);
    expect(await confirm(stripe, id)).toMatchObject({ kind: 'answered', shown: { standing: 'held' } });
    expect(stripe.sandbox.peek('books', 'r-1')).toMatchObject({ holds: 1 });
  });

  test('what was ended before it arrived never holds', async () => {
    await using stripe = await startStripe();
    const id = await prepared(stripe);
    on(stripe, 'late-writes');
    expect((await confirm(stripe, id)).kind).toBe('unknown');
    off(stripe, 'late-writes');
    await provider.void(stripe.session(), { id, key: 'K-cancel' });
    stripe.sandbox.advance(30_000);
    expect(await standing(stripe, id)).toBe('voided');
    expect(stripe.sandbox.peek('books', 'r-1')).toMatchObject({ holds: 0 });
  });

  test('a decline under its key is told again', async () => {
    await using stripe = await startStripe();
    const asked = { instrument: 'pm_card_visa_chargeDeclinedLostCard' };
    const id = await prepared(stripe, asked);
    const first = await confirm(stripe, id, asked);
    expect(first).toMatchObject({
      kind: 'declined',
      code: 'lost_card',
      hard: true,
      shown: { id, standing: 'declined' },
    });
    expect(await confirm(stripe, id, asked)).toEqual(first);
    expect(stripe.sandbox.peek('books', 'r-1')).toMatchObject({ declined: 1 });
  });

  test('an object in use is unknown, a missing permission refused', async () => {
    await using stripe = await startStripe();
    const id = await prepared(stripe);
    on(stripe, 'lock-timeout');
    expect((await confirm(stripe, id)).kind).toBe('unknown');
    off(stripe, 'lock-timeout');
    on(stripe, 'permission-missing');
    const sent = await confirm(stripe, id);
    expect(sent).toMatchObject({ kind: 'refused', code: 'more_permissions_required' });
    expect(sent).not.toHaveProperty('permanent');
    expect(stripe.sandbox.peek('books', 'r-1')).toMatchObject({ holds: 0 });
  });

  test('an answer with another amount is believed in nothing', async () => {
    await using stripe = await startStripe();
    const id = await prepared(stripe);
    on(stripe, 'wrong-answer');
    expect(await confirm(stripe, id)).toMatchObject({
      kind: 'unknown',
      message: expect.stringContaining('amount'),
    });
    off(stripe, 'wrong-answer');
    await provider.capture(stripe.session(), { id, key: 'K-c', amount, final: true });
    on(stripe, 'wrong-answer');
    const refund = await provider.refund(stripe.session(), { id, key: 'K-r', amount });
    expect(refund).toMatchObject({ kind: 'unknown' });
  });

  test('a pruned key is a new one: it shows what is, and takes nothing twice', async () => {
    await using stripe = await startStripe();
    const id = await prepared(stripe);
    await confirm(stripe, id);
    const capture = { id, key: 'K-c', amount, final: true };
    await provider.capture(stripe.session(), capture);
    on(stripe, 'keys-pruned');
    expect(await provider.capture(stripe.session(), capture)).toMatchObject({
      shown: { standing: 'captured' },
    });
    expect(stripe.sandbox.peek('books', 'r-1')).toMatchObject({ captures: 1 });
  });
});

test('a call is sent once, whatever happens', async () => {
  await using stripe = await startStripe();
  const id = await prepared(stripe);
  for (const fault of ['reply-lost', 'outage', 'error-after', 'lock-timeout', 'rate-limit-burst']) {
    on(stripe, fault);
    const session = stripe.session();
    await provider.authorise(session, charge({ key: fault }), id);
    expect(session.sent).toEqual(['payment_intents.confirm']);
    off(stripe, fault);
  }
});

test.each(['budget', 'secret'])(
  'what keeps a call from being made at all is thrown: %s',
  async (operation) => {
    await using stripe = await startStripe();
    const because = new Fault('unavailable', { vendor: 'stripe', operation, message: 'not now' });
    const session = { ...stripe.session(), send: () => Promise.reject(because) };
    await expect(provider.authorise(session, charge(), 'pi_1')).rejects.toBe(because);
  },
);

test.each(['4242424242424242', '4242 4242 4242 4242', 'pm-visa', 'tok_visa', '../../v1/x'])(
  'the instrument %s is refused here',
  async (instrument) => {
    await using stripe = await startStripe();
    const session = stripe.session();
    const sent = await provider.prepare?.(session, charge({ instrument }));
    expect(sent).toMatchObject({ kind: 'refused', field: 'instrument', permanent: true });
    expect(JSON.stringify(sent)).not.toContain(instrument);
    expect(session.sent).toEqual([]);
  },
);

test('of several payments with one reference the furthest is found, over pages', async () => {
  await using stripe = await startStripe();
  const { sandbox } = stripe;
  const set = { reference: 'r-1' };
  sandbox.edit({ record: 'payment_intent', set: { ...set, confirm: false } });
  const held = sandbox.edit({ record: 'payment_intent', set });
  for (let n = 0; n < 150; n += 1) sandbox.edit({ record: 'payment_intent', set: { confirm: false } });
  sandbox.edit({ record: 'payment_intent', set: { ...set, confirm: false } });
  const session = stripe.session();
  const look = await provider.find(session, { reference: 'r-1', from: PAYMENT_START, to: PAYMENT_START });
  expect(look).toMatchObject({ kind: 'found', shown: { id: held, standing: 'held' } });
  expect(session.sent).toEqual(['payment_intents.list', 'payment_intents.list']);
});
