import { describe, expect, test } from 'vitest';
import { openDisputes } from '../../../../functions/payments/disputed.ts';
import {
  DisputeSchema,
  getDispute,
  listDisputes,
  noteDispute,
} from '../../../../functions/payments/disputes/disputes.ts';
import { OrderSchema } from '../../../../shared/connectors/paypal/schema.ts';
import { PAYMENT_START } from '../../../connectors/payment-contract.ts';
import { pay, sideOf } from '../reconciliation/busy-day.ts';
import { startWorld, type World } from '../world.ts';

type Vendor = 'stripe' | 'paypal';

function dispute({ stripe, paypal }: World, vendor: Vendor, paymentId: string): string {
  if (vendor === 'stripe')
    return stripe.sandbox.edit({ record: 'dispute', set: { payment_intent: paymentId } });
  const [unit] = OrderSchema.parse(paypal.sandbox.peek('order', paymentId)).purchase_units;
  const id = unit.payments?.captures?.[0]?.id ?? '';
  return paypal.sandbox.edit({ record: 'capture', id, set: { disputed: true } });
}

function decide({ stripe, paypal }: World, vendor: Vendor, id: string): void {
  if (vendor === 'stripe') stripe.sandbox.edit({ record: 'dispute', id, set: { status: 'lost' } });
  else paypal.sandbox.edit({ record: 'dispute', id, set: { won: false } });
}

const note = (world: World, vendor: Vendor, id: string, merchants = ['club', 'other']) =>
  noteDispute(world.ports, { ...sideOf(world, vendor), merchants }, id);

describe.each(['stripe', 'paypal'] as const)('a dispute at %s', (vendor) => {
  test('is stored with the payment it is about, and again only when it has changed', async () => {
    await using world = await startWorld();
    // Of the second merchant of the account: the payment says so.
    const payment = await pay(world, 'pay_1', { vendor, minor: 5_000, merchant: 'other' });
    const paymentId = payment.attempts[0]?.id ?? '';
    const id = dispute(world, vendor, paymentId);
    const noted = await note(world, vendor, id);
    if (noted.kind !== 'noted') throw new Error('not noted');
    expect(noted.changed).toBe(true);
    expect(DisputeSchema.parse(noted.dispute)).toMatchObject({
      ...{ id: `${vendor}.${id}`, merchant: 'other', provider: vendor, payment: 'pay_1', paymentId },
      ...{ minor: 5_000, currency: 'USD', standing: 'needs-response', version: 1 },
      ...{ openedAt: PAYMENT_START, respondBy: expect.any(Number), changedAt: PAYMENT_START },
    });
    expect(await note(world, vendor, id)).toEqual({ ...noted, changed: false });
    const { documents } = world.ports;
    expect(await openDisputes(documents, vendor, [paymentId, 'another'])).toEqual(
      new Map([[paymentId, true]]),
    );

    decide(world, vendor, id);
    const ended = { standing: 'lost', version: 2, payment: 'pay_1' };
    expect(await note(world, vendor, id)).toMatchObject({ changed: true, dispute: ended });
    expect(await openDisputes(documents, vendor, [paymentId])).toEqual(new Map([[paymentId, false]]));
    expect(await getDispute(documents, 'other', `${vendor}.${id}`)).toMatchObject(ended);
    expect(await getDispute(documents, 'club', `${vendor}.${id}`)).toBeUndefined();
    expect((await listDisputes(documents, 'other', { limit: 5 })).items).toMatchObject([ended]);
    expect((await listDisputes(documents, 'club', { limit: 5 })).items).toEqual([]);
  });

  test('of a payment that is none of ours is noted for the account’s first merchant', async () => {
    await using world = await startWorld();
    const { stripe, paypal } = world;
    const paymentId =
      vendor === 'stripe'
        ? stripe.sandbox.edit({ record: 'payment_intent', set: { amount: 900, capture: true } })
        : paypal.sandbox.edit({ record: 'payment', set: { amount: 900, currency: 'USD' } });
    const noted = await note(world, vendor, dispute(world, vendor, paymentId));
    expect(noted).toMatchObject({ dispute: { merchant: 'club', paymentId, minor: 900 } });
    expect(noted.kind === 'noted' && noted.dispute.payment).toBeUndefined();
  });

  test('that is not there is nothing', async () => {
    await using world = await startWorld();
    expect(await note(world, vendor, 'no-such-dispute')).toEqual({ kind: 'nothing' });
    expect((await listDisputes(world.ports.documents, 'club', { limit: 5 })).items).toEqual([]);
  });
});

test('a payment with two disputes stays disputed until the last is decided', async () => {
  await using world = await startWorld();
  const { documents } = world.ports;
  const paymentId = (await pay(world, 'pay_1', { vendor: 'stripe', minor: 5_000 })).attempts[0]?.id ?? '';
  const [first, second] = [dispute(world, 'stripe', paymentId), dispute(world, 'stripe', paymentId)];
  for (const id of [first, second]) await note(world, 'stripe', id);
  for (const [id, isOpen] of [
    [first, true],
    [second, false],
  ] as const) {
    decide(world, 'stripe', id);
    await note(world, 'stripe', id);
    expect((await openDisputes(documents, 'stripe', [paymentId])).get(paymentId)).toBe(isOpen);
  }
});

test('disputes are listed page by page, and an id that cannot be one is none', async () => {
  await using world = await startWorld();
  const { documents } = world.ports;
  for (let n = 1; n <= 3; n += 1) {
    const payment = await pay(world, `pay_${n}`, { vendor: 'stripe', minor: 1_000 * n });
    await note(world, 'stripe', dispute(world, 'stripe', payment.attempts[0]?.id ?? ''));
    await world.clock.advance(1_000);
  }
  const first = await listDisputes(documents, 'club', { limit: 2 });
  const rest = await listDisputes(documents, 'club', { limit: 2, after: first.next ?? '' });
  expect([...first.items, ...rest.items].map(({ minor }) => minor)).toEqual([1_000, 2_000, 3_000]);
  expect(rest.next).toBeUndefined();
  for (const id of ['', 'stripe', 'stripe.', '../x.y', 'stripe.a/b', `stripe.${'x'.repeat(101)}`])
    expect(await getDispute(documents, 'club', id)).toBeUndefined();
});
