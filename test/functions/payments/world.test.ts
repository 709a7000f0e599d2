import { expect, test } from 'vitest';
import { advance } from '../../../functions/payments/advance.ts';
import { statusOf } from '../../../functions/payments/status.ts';
import { readPayment } from '../../../functions/payments/store.ts';
import { draftOf } from './builders.ts';
import { startWorld } from './world.ts';

test('a payment is made at a real sandbox, and one during an outage is made when it is over', async () => {
  await using world = await startWorld();
  const { ports, clock, site } = world;
  const club = site.merchants[0]!;
  const change = {
    instruments: { stripe: { token: 'pm_card_visa' } },
    routing: { order: ['stripe'], failover: 'proof' as const, softDecline: 'stop' as const },
    processBefore: clock.now() + 3_600_000,
  };
  const begin = async (id: string) =>
    ports.documents.put(`payment/${id}`, draftOf({ ...change, id, reference: id }), undefined);
  const go = async (id: string, due?: number) => {
    const work = world.work();
    return advance(world.hubOf(club, work), id, { deadline: work.deadline, ...(due && { due }) });
  };
  await begin('pay_1');
  expect(statusOf((await go('pay_1'))!)).toBe('captured');
  world.stripe.sandbox.setFaults({ outage: true });
  await begin('pay_2');
  expect(statusOf((await go('pay_2'))!)).not.toBe('captured');
  world.stripe.sandbox.setFaults({ outage: false });
  await world.run(600_000, ({ id }, dueAt) => go(id, dueAt));
  expect(statusOf((await readPayment(ports.documents, 'pay_2'))!.payment)).toBe('captured');
  expect(world.sent().filter((each) => each === 'stripe/main payment_intents.capture')).toHaveLength(2);
});
