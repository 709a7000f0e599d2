import { describe, expect, test } from 'vitest';
import { accept, finishDraft } from '../../../../functions/payments/accept.ts';
import { advance } from '../../../../functions/payments/advance.ts';
import { askCapture, askRefund, askVoid } from '../../../../functions/payments/ask.ts';
import { eventsBetween } from '../../../../functions/payments/events/happened.ts';
import type { Operation, Payment } from '../../../../functions/payments/payment.ts';
import { addOperation } from '../../../../functions/payments/start.ts';
import { filingOf, paymentKey, readPayment, writePayment } from '../../../../functions/payments/store.ts';
import { memoryDocuments } from '../../../support/memory/documents.ts';
import { emptyState } from '../../../support/memory/state.ts';
import { draftOf, FakeProvider, START, testHub } from '../builders.ts';

const HOUR = 3_600_000;
const lost = { kind: 'unknown', message: 'lost' } as const;
const soft = { kind: 'declined', code: 'insufficient_funds', hard: false } as const;
const tooMany = { kind: 'refused', code: 'rate', message: 'too many', retryAfter: 3_000 } as const;

type Told = { events: Payment['events'] } | undefined;
const typesOf = (payment: Told) => payment?.events.map(({ type }) => type);

/** A payment that a merchant asked for, from its draft on. */
async function asked(parts: Parameters<typeof draftOf>[0], ...providers: FakeProvider[]) {
  const hub = testHub(...providers);
  let tokens = 0;
  const token = () => `t${++tokens}`;
  const request = { payment: draftOf(parts), key: 'k', body: 'b', now: START, busyUntil: START, token };
  await accept(hub.documents, request);
  const ask = async (change: (payment: Payment) => ReturnType<typeof askVoid>) => {
    const stored = await readPayment(hub.documents, 'pay_1');
    const done = stored && change(stored.payment);
    if (done?.ok) await writePayment(hub.documents, stored!, done.payment, token());
  };
  return { ...hub, ask };
}

describe('what a merchant is told', () => {
  test('of an ordinary payment, with what it came to', async () => {
    const { run, announced } = await asked({}, new FakeProvider('first'));
    const payment = await run();
    expect(payment?.events).toEqual([
      { version: 1, type: 'payment.created', at: START, status: 'created', captured: 0, refunded: 0 },
      { version: 2, type: 'payment.captured', at: START, status: 'captured', captured: 1_999, refunded: 0 },
    ]);
    expect(announced).toEqual(['pay_1.1', 'pay_1.2']);
    expect(payment?.announced).toBe(2);
  });

  test('of a hold that is captured, and of a refund', async () => {
    const { run, ask, announced } = await asked({ capture: 'manual' }, new FakeProvider('first'));
    expect(typesOf(await run())).toEqual(['payment.created', 'payment.authorised']);
    await ask((payment) => askCapture(payment, 1_000, START));
    await run();
    await ask((payment) => askRefund(payment, { id: 're_1', amount: 400 }, START));
    const payment = await run();
    expect(typesOf(payment)?.slice(2)).toEqual(['payment.captured', 'refund.created', 'refund.succeeded']);
    expect(payment?.events.slice(3)).toMatchObject([
      { version: 4, captured: 1_000, refunded: 0, refund: { id: 're_1', amount: 400 } },
      { version: 5, captured: 1_000, refunded: 400, refund: { id: 're_1', amount: 400 } },
    ]);
    expect(announced).toEqual(['pay_1.1', 'pay_1.2', 'pay_1.3', 'pay_1.4', 'pay_1.5']);
  });

  test('of one that is declined, and of one that is given up', async () => {
    const declined = await asked({}, new FakeProvider('first', { authorise: [soft] }));
    expect(typesOf(await declined.run())).toEqual(['payment.created', 'payment.declined']);
    const voided = await asked({ capture: 'manual' }, new FakeProvider('first'));
    await voided.run();
    await voided.ask((payment) => askVoid(payment, START));
    expect(typesOf(await voided.run())).toEqual(['payment.created', 'payment.authorised', 'payment.voided']);
  });

  test('of an outage once, however often it is tried in it', async () => {
    const first = new FakeProvider('first', { prepare: Array.from({ length: 60 }, () => tooMany) });
    const parts = { processBefore: START + HOUR, instruments: { first: { token: 'tok' } } };
    const { runFor } = await asked(parts, first);
    const payment = await runFor(2 * HOUR);
    expect(payment?.attempts.length).toBeGreaterThan(5);
    expect(typesOf(payment)).toEqual(['payment.created', 'payment.queued', 'payment.expired']);
  });

  test('of an outcome that nobody knows', async () => {
    const { run, runFor } = await asked({}, new FakeProvider('first', { authorise: [lost] }));
    expect(typesOf(await run())).toEqual(['payment.created', 'payment.unknown']);
    expect(typesOf(await runFor(HOUR))).toEqual(['payment.created', 'payment.unknown', 'payment.captured']);
  });

  test('of a request that made no payment: nothing', async () => {
    const documents = memoryDocuments(emptyState());
    let tokens = 0;
    const token = () => `t${++tokens}`;
    const parts = { body: 'b', now: START, busyUntil: START, token };
    await accept(documents, { ...parts, payment: draftOf(), key: 'one' });
    // Two requests at once: the other one has its reference by the time this draft asks for it.
    await documents.put(paymentKey('pay_2'), { ...draftOf({ id: 'pay_2' }), draft: true }, undefined);
    expect(await finishDraft(documents, 'pay_2', { now: START, token })).toBe(draftOf().id);
    expect((await readPayment(documents, 'pay_2'))?.payment).toMatchObject({ events: [], announced: 0 });
  });
});

describe('of a refund that', () => {
  const paid = draftOf();
  const created = addOperation(paid, 1, { kind: 'refund', amount: 5, refund: { id: 're_1' } });
  const as = (change: Partial<Operation>): Payment => ({
    ...created,
    operations: created.operations.map((each) => ({ ...each, ...change })),
  });

  test.each([
    ['is asked for', paid, created, ['refund.created']],
    ['is sent', created, as({ state: 'sent' }), []],
    ['waits at the provider', as({ state: 'sent' }), as({ state: 'pending' }), []],
    ['is done', as({ state: 'sent' }), as({ state: 'succeeded' }), ['refund.succeeded']],
    ['is declined', as({ state: 'sent' }), as({ state: 'declined' }), ['refund.failed']],
    ['is rejected', as({ state: 'sent' }), as({ state: 'rejected' }), ['refund.failed']],
    ['did not happen', as({ state: 'unknown' }), as({ state: 'not-executed' }), ['refund.failed']],
    ['nobody can clear up', as({ state: 'unknown' }), as({ state: 'needs-review' }), ['refund.needs_review']],
    [
      'came back',
      as({ state: 'succeeded' }),
      as({ state: 'succeeded', refund: { id: 're_1', returnedAt: START } }),
      ['refund.returned'],
    ],
    ['is as it was', as({ state: 'succeeded' }), as({ state: 'succeeded' }), []],
  ] as const)('%s', (_, before, after, types) => {
    expect(eventsBetween(before, after).map(({ type }) => type)).toEqual(types);
  });
});

describe('announcing', () => {
  test('is repeated when its worker died before it was noted', async () => {
    const { hub, run, announced, documents } = await asked({}, new FakeProvider('first'));
    const stops = async () => {
      throw new Error('died');
    };
    const dying = { ...hub, announce: stops };
    await expect(advance(dying, 'pay_1', { deadline: START + 20_000 })).rejects.toThrow('died');
    const stored = await readPayment(documents, 'pay_1');
    expect(stored?.payment).toMatchObject({ announced: 0 });
    expect(stored && filingOf(stored.payment).list).toBe('payments/open');
    const payment = await run();
    expect(announced).toEqual(['pay_1.1', 'pay_1.2']);
    expect(payment && filingOf(payment).list).toBe('payments/day/2023-11-14');
  });

  test('happens once when nothing is new', async () => {
    const { run, announced } = await asked({}, new FakeProvider('first'));
    const before = await run();
    const after = await run();
    expect(announced).toHaveLength(2);
    expect(after?.version).toBe(before?.version);
  });
});

test('a payment from before there were events is read, and goes on', async () => {
  const { hub, documents, run, announced } = testHub(new FakeProvider('first'));
  const { events: _, announced: __, ...old } = draftOf();
  await hub.ports.documents.put('payment/pay_1', old, undefined);
  expect((await readPayment(documents, 'pay_1'))?.payment).toMatchObject({ events: [], announced: 0 });
  expect(typesOf(await run())).toEqual(['payment.captured']);
  expect(announced).toEqual(['pay_1.1']);
});
