import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { undelivered } from '../../../../functions/payments/events/replay.ts';
import {
  removeEndpoint,
  setEndpoint,
  showEndpoint,
} from '../../../../functions/payments/events/set-endpoint.ts';
import { draftOf, START } from '../builders.ts';
import { type Death, type Habit, postOffice, site } from './post-office.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('an event', () => {
  test('goes to the event queue and, signed, to the endpoint', async () => {
    const { endpoint, store, post, run, published, receiver, stateOf, queue, lines } = postOffice();
    const secret = await endpoint();
    await store('pay_1', ['payment.created', 'payment.captured']);
    post('pay_1.2');
    await run(MINUTE);
    const data = {
      id: 'pay_1',
      reference: 'order-1',
      version: 2,
      status: 'captured',
      amount: 1_999,
      currency: 'EUR',
      amounts: { captured: 1_999, refunded: 0 },
    };
    const timestamp = new Date(START + MINUTE).toISOString();
    expect(published).toEqual([
      { id: 'evt_pay_1_2', merchant: 'club', type: 'payment.captured', timestamp, data },
    ]);
    const [request] = receiver.got;
    expect(receiver.got).toHaveLength(1);
    expect(request).toMatchObject({ method: 'POST', url: 'https://club.example/hook', timeout: 15_000 });
    expect(JSON.parse(request?.body ?? '')).toEqual({ type: 'payment.captured', timestamp, data });
    const expected = new Webhook(secret).sign('evt_pay_1_2', new Date(START), request?.body ?? '');
    expect(request?.headers['webhook-signature']).toBe(expected);
    expect(await stateOf('pay_1.2')).toMatchObject({ state: 'delivered', tries: 1, published: true });
    expect(queue).toEqual([]);
    expect(JSON.stringify(lines)).not.toContain('club.example');
  });

  test('of a refund says which', async () => {
    const { endpoint, ports, post, run, receiver } = postOffice();
    await endpoint();
    const refund = { id: 're_1', amount: 500 };
    const event = {
      version: 1,
      type: 'refund.succeeded',
      at: START,
      status: 'captured',
      captured: 1_999,
      refunded: 500,
    };
    await ports.documents.put('payment/pay_1', { ...draftOf(), events: [{ ...event, refund }] }, undefined);
    post('pay_1.1');
    await run(SECOND);
    expect(JSON.parse(receiver.got[0]?.body ?? '').data).toMatchObject({
      id: 'pay_1',
      refund,
      amounts: { refunded: 500 },
    });
  });

  test('without an endpoint goes to the event queue alone', async () => {
    const { store, post, run, published, receiver, stateOf } = postOffice();
    await store('pay_1', ['payment.created']);
    post('pay_1.1');
    await run(DAY);
    expect([published.length, receiver.got.length]).toEqual([1, 0]);
    expect(await stateOf('pay_1.1')).toMatchObject({ state: 'no-endpoint' });
  });

  test('is not sent for a merchant who is not there any more', async () => {
    const { store, post, run, receiver, stateOf } = postOffice();
    await store('pay_1', ['payment.created'], 'gone');
    post('pay_1.1');
    await run(DAY);
    expect(receiver.got).toEqual([]);
    expect(await stateOf('pay_1.1')).toMatchObject({ state: 'no-endpoint' });
  });

  test('that was never stored is an error, so that its message stays', async () => {
    const { deliver, store } = postOffice();
    await store('pay_1', ['payment.created']);
    await expect(deliver('pay_1.2')).rejects.toThrow('there is no event "pay_1.2"');
    await expect(deliver('pay_2.1')).rejects.toThrow('there is no event "pay_2.1"');
    await expect(deliver('nonsense')).rejects.toThrow('there is no event "nonsense"');
  });

  test('is sent once, whatever number of errands there are for it', async () => {
    const { endpoint, store, post, run, published, receiver } = postOffice();
    await endpoint();
    await store('pay_1', ['payment.created']);
    post('pay_1.1', 'pay_1.1', 'pay_1.1');
    await run(DAY);
    expect([published.length, receiver.got.length]).toEqual([1, 1]);
  });

  test('is left to the next worker when this one has no time for it', async () => {
    const { endpoint, store, deliver, clock, queue, receiver, published, run } = postOffice();
    await endpoint();
    await store('pay_1', ['payment.created']);
    await deliver('pay_1.1', clock.now(), 2_500);
    expect([queue.length, receiver.got.length]).toEqual([1, 0]);
    await run(SECOND);
    expect([published.length, receiver.got.length]).toEqual([1, 1]);
  });
});

describe('an endpoint that does not take it', () => {
  test('is tried again for three days, with the same id and body, signed anew', async () => {
    const { endpoint, store, post, run, receiver, published, stateOf, ports, queue } = postOffice();
    const secret = await endpoint();
    receiver.habits.push(
      ...Array.from({ length: 20 }, (_, index) => (index % 2 ? 500 : ('no answer' as const))),
    );
    await store('pay_1', ['payment.created']);
    post('pay_1.1');
    await run(5 * DAY);
    const since = receiver.got.map(({ at }) => at - START);
    const expected = [
      0,
      5 * SECOND,
      5 * MINUTE,
      30 * MINUTE,
      2 * HOUR,
      5 * HOUR,
      10 * HOUR,
      14 * HOUR,
      20 * HOUR,
      DAY,
    ];
    expect(since).toHaveLength(10);
    for (const [index, at] of since.entries()) {
      const wait = at - (since[index - 1] ?? 0);
      expect(wait).toBeGreaterThanOrEqual(expected[index] ?? 0);
      expect(wait).toBeLessThanOrEqual((expected[index] ?? 0) * 1.1 + 1);
    }
    expect(since.at(-1)).toBeGreaterThan(3 * DAY);
    expect(new Set(receiver.ids())).toEqual(new Set(['evt_pay_1_1']));
    expect(new Set(receiver.got.map(({ body }) => body)).size).toBe(1);
    for (const { at, headers, body } of receiver.got) {
      expect(headers['webhook-timestamp']).toBe(String(Math.floor(at / 1000)));
      const signature = new Webhook(secret).sign('evt_pay_1_1', new Date(at), body ?? '');
      expect(headers['webhook-signature']).toBe(signature);
    }
    expect(published).toHaveLength(1);
    expect(await stateOf('pay_1.1')).toMatchObject({ state: 'gave-up', tries: 10, last: { status: 500 } });
    expect(await undelivered(ports.documents, 'club', { limit: 10 })).toEqual({ items: ['pay_1.1'] });
    expect(queue).toEqual([]);
  });

  test.each([301, 302, 400, 401, 404, 409, 429, 500, 503] as const)(
    'after %i it is tried again',
    async (status) => {
      const { endpoint, store, post, run, receiver, stateOf } = postOffice();
      await endpoint();
      receiver.habits.push(status);
      await store('pay_1', ['payment.created']);
      post('pay_1.1');
      await run(MINUTE);
      expect(receiver.got).toHaveLength(2);
      expect(await stateOf('pay_1.1')).toMatchObject({ state: 'delivered', tries: 2 });
    },
  );

  test('is left alone for as long as it asks, but not for ever', async () => {
    const { endpoint, store, post, run, receiver } = postOffice();
    await endpoint();
    receiver.habits.push(429, 503);
    receiver.answers = { 'retry-after': '600' };
    await store('pay_1', ['payment.created']);
    post('pay_1.1');
    await run(599 * SECOND);
    expect(receiver.got).toHaveLength(1);
    receiver.answers = { 'retry-after': '999999' };
    await run(SECOND);
    expect(receiver.got).toHaveLength(2);
    await run(DAY);
    expect(receiver.got).toHaveLength(3);
  });

  test('and is gone is disabled until it is set again; what it misses is kept', async () => {
    const { endpoint, store, post, run, receiver, ports, stateOf, published } = postOffice();
    await endpoint();
    receiver.habits.push(410);
    await store('pay_1', ['payment.created', 'payment.captured', 'refund.created']);
    post('pay_1.1');
    await run(MINUTE);
    post('pay_1.2');
    await run(DAY);
    expect(receiver.got).toHaveLength(1);
    expect(published).toHaveLength(2);
    expect(await showEndpoint(ports.documents, 'club')).toMatchObject({ disabled: { at: START } });
    expect(await stateOf('pay_1.2')).toMatchObject({ state: 'held', tries: 0 });
    expect(await undelivered(ports.documents, 'club', { limit: 10 })).toEqual({
      items: ['pay_1.1', 'pay_1.2'],
    });
    const again = await setEndpoint(ports, site, { merchant: 'club', url: 'https://club.example/hook' });
    expect(again).toEqual({ ok: true, url: 'https://club.example/hook' });
    post('pay_1.3');
    await run(MINUTE);
    expect(receiver.ids()).toEqual(['evt_pay_1_1', 'evt_pay_1_3']);
  });

  test('and is removed meanwhile gets nothing more', async () => {
    const { endpoint, store, post, run, receiver, ports, stateOf } = postOffice();
    await endpoint();
    receiver.habits.push(500);
    await store('pay_1', ['payment.created']);
    post('pay_1.1');
    await run(SECOND);
    await removeEndpoint(ports, { merchant: 'club' });
    await run(DAY);
    expect(receiver.got).toHaveLength(1);
    expect(await stateOf('pay_1.1')).toMatchObject({ state: 'no-endpoint' });
  });
});

test('whenever a worker dies, and whatever the endpoint does, every event arrives, the same each time', async () => {
  const death = fc.record({
    effect: fc.integer({ min: 1, max: 30 }),
    when: fc.constantFrom<Death['when']>('before', 'after'),
  });
  const habit = fc.constantFrom<Habit>(200, 500, 'no answer', 302);
  await fc.assert(
    fc.asyncProperty(
      fc.array(death, { maxLength: 6 }),
      fc.array(habit, { maxLength: 6 }),
      async (deaths, habits) => {
        const office = postOffice(deaths);
        await office.endpoint();
        office.receiver.habits.push(...habits);
        await office.store('pay_1', ['payment.created', 'payment.captured']);
        office.post('pay_1.1', 'pay_1.2', 'pay_1.2');
        await office.run(4 * DAY);
        for (const version of [1, 2]) {
          const id = `evt_pay_1_${version}`;
          expect(await office.stateOf(`pay_1.${version}`)).toMatchObject({
            state: 'delivered',
            published: true,
          });
          expect(office.published.map((each) => each.id)).toContain(id);
          const got = office.receiver.got.filter(({ headers }) => headers['webhook-id'] === id);
          expect(got.length).toBeGreaterThan(0);
          expect(new Set(got.map(({ body }) => body)).size).toBe(1);
        }
      },
    ),
    { numRuns: 200 },
  );
});
