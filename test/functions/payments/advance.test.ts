import { describe, expect, test } from 'vitest';
import { askCapture, askRefund, askVoid } from '../../../functions/payments/ask.ts';
import type { Payment } from '../../../functions/payments/payment.ts';
import { statusOf } from '../../../functions/payments/status.ts';
import { readPayment, writePayment } from '../../../functions/payments/store.ts';
import { draftOf, FakeProvider, START, testHub } from './builders.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const lost = { kind: 'unknown', message: 'lost' } as const;
const nothing = { kind: 'unknown', message: 'nothing happened' } as const;
const tooMany = { kind: 'refused', code: 'rate', message: 'too many', retryAfter: 3_000 } as const;
const soft = { kind: 'declined', code: 'insufficient_funds', hard: false } as const;

function statesOf(payment: Payment | undefined): string[] {
  return payment?.operations.map((each) => `${each.attempt} ${each.kind} ${each.state}`) ?? [];
}

test('an ordinary payment takes three calls and four writes, and one that notes what was announced', async () => {
  const first = new FakeProvider('first');
  const { begin, run } = testHub(first);
  await begin(draftOf());
  const payment = await run();
  expect(payment && statusOf(payment)).toBe('captured');
  expect(first.calls).toEqual(['prepare', 'authorise', 'capture']);
  expect(payment?.version).toBe(5);
});

test('advancing what is settled calls nobody and writes nothing', async () => {
  const first = new FakeProvider('first');
  const { begin, run } = testHub(first);
  await begin(draftOf());
  const before = await run();
  expect(await run({ hinted: true })).toMatchObject({ captureOwner: 1 });
  expect(first.calls).toEqual(['prepare', 'authorise', 'capture', 'read']);
  expect(before?.operations).toHaveLength(3);
});

describe('nobody heard the answer', () => {
  test.each(['authorise', 'capture'] as const)(
    'to %s, which was carried out: a look finds it, nothing is sent again',
    async (call) => {
      const first = new FakeProvider('first', { [call]: [lost] });
      const { begin, runFor } = testHub(first);
      await begin(draftOf());
      const payment = await runFor(HOUR);
      expect(payment && statusOf(payment)).toBe('captured');
      expect(first.calls.filter((each) => each === call)).toHaveLength(1);
    },
  );

  test('to a capture that was not carried out: it is sent again under its key', async () => {
    const first = new FakeProvider('first', { capture: [nothing] });
    const { begin, runFor } = testHub(first);
    await begin(draftOf());
    const payment = await runFor(HOUR);
    expect(payment && statusOf(payment)).toBe('captured');
    expect(first.calls.filter((each) => each === 'capture')).toHaveLength(2);
  });

  test('to a prepare: it is retired, and the next provider is tried at once', async () => {
    const [first, second] = [new FakeProvider('first', { prepare: [nothing] }), new FakeProvider('second')];
    const { begin, run } = testHub(first, second);
    await begin(draftOf());
    const payment = await run();
    expect(statesOf(payment).slice(0, 2)).toEqual(['1 prepare retired', '2 prepare succeeded']);
    expect(payment && statusOf(payment)).toBe('captured');
    expect(second.calls).toContain('capture');
  });

  test('to authorise, again and again: proof first, then the next provider', async () => {
    const first = new FakeProvider('first', { authorise: [nothing, nothing, nothing] });
    const second = new FakeProvider('second');
    const { begin, run, runFor } = testHub(first, second);
    await begin(draftOf());
    expect(statusOf((await run()) ?? draftOf())).toBe('unknown');
    expect(second.calls).toEqual([]);
    const payment = await runFor(HOUR);
    expect(first.kept.get('first_1')?.standing).toBe('voided');
    expect(payment?.attempts[0]?.closed).toMatchObject({ how: 'voided' });
    expect(payment && statusOf(payment)).toBe('captured');
  });

  test('with policy hold the next provider is tried at once, and the first hold is released', async () => {
    const first = new FakeProvider('first', { authorise: [lost] });
    const second = new FakeProvider('second');
    const { begin, run, runFor } = testHub(first, second);
    await begin(draftOf({ routing: { order: ['first', 'second'], failover: 'hold', softDecline: 'stop' } }));
    const soon = await run();
    expect(soon && statusOf(soon)).toBe('captured');
    expect(soon?.captureOwner).toBe(2);
    await runFor(HOUR);
    expect(first.kept.get('first_1')).toMatchObject({ standing: 'voided', captured: 0 });
  });
});

describe('refused', () => {
  test('before anything was done: the next provider at once, and no decline', async () => {
    const [first, second] = [new FakeProvider('first', { authorise: [tooMany] }), new FakeProvider('second')];
    const { begin, run } = testHub(first, second);
    await begin(draftOf());
    const payment = await run();
    expect(payment?.attempts.map(({ closed }) => closed?.how)).toEqual(['refused', undefined]);
    expect(payment && statusOf(payment)).toBe('captured');
  });

  test('with policy never: the same provider again, not before it wants to be asked', async () => {
    const [first, second] = [new FakeProvider('first', { authorise: [tooMany] }), new FakeProvider('second')];
    const { begin, run, runFor, wakes } = testHub(first, second);
    await begin(draftOf({ routing: { order: ['first', 'second'], failover: 'never', softDecline: 'next' } }));
    expect(statusOf((await run()) ?? draftOf())).toBe('queued');
    expect(wakes[0]).toBe(START + 3_000);
    expect(statusOf((await runFor(MINUTE)) ?? draftOf())).toBe('captured');
    expect(second.calls).toEqual([]);
  });

  test('after a doubt it proves nothing: the attempt stays open', async () => {
    const first = new FakeProvider('first', { authorise: [nothing, tooMany, lost] });
    const { begin, runFor } = testHub(first, new FakeProvider('second'));
    await begin(draftOf());
    const payment = await runFor(15_000);
    expect(statesOf(payment)).toEqual(['1 prepare succeeded', '1 authorise unknown']);
  });
});

describe('declined', () => {
  test('softly: the end, unless another provider may be asked', async () => {
    const first = new FakeProvider('first', { authorise: [soft] });
    const { begin, run } = testHub(first, new FakeProvider('second'));
    await begin(draftOf());
    expect(statusOf((await run()) ?? draftOf())).toBe('declined');
  });

  test('softly, with another provider to ask', async () => {
    const first = new FakeProvider('first', { authorise: [soft] });
    const { begin, run } = testHub(first, new FakeProvider('second'));
    await begin(draftOf({ routing: { order: ['first', 'second'], failover: 'proof', softDecline: 'next' } }));
    expect(statusOf((await run()) ?? draftOf())).toBe('captured');
  });

  test('hard: nobody else is asked', async () => {
    const first = new FakeProvider('first', { authorise: [{ ...soft, hard: true }] });
    const second = new FakeProvider('second');
    const { begin, run } = testHub(first, second);
    await begin(draftOf({ routing: { order: ['first', 'second'], failover: 'hold', softDecline: 'next' } }));
    expect(statusOf((await run()) ?? draftOf())).toBe('declined');
    expect(second.calls).toEqual([]);
  });
});

describe('a worker that died after it recorded a send', () => {
  test('never leaves it failed: it is unknown once its lease has ended, and a look decides', async () => {
    const first = new FakeProvider('first');
    const { begin, clock, hub, run, runFor } = testHub(first);
    await begin(draftOf());
    const provider = { ...hub, providers: new Map([['first', first]]) };
    first.authorise = () => new Promise(() => undefined);
    const dies = import('../../../functions/payments/advance.ts').then(({ advance }) =>
      advance(provider, 'pay_1', { deadline: clock.at + 20_000 }),
    );
    void dies;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    Reflect.deleteProperty(first, 'authorise');
    expect(statesOf(await run())).toEqual(['1 prepare succeeded', '1 authorise sent']);
    clock.at += MINUTE;
    expect(statusOf((await run()) ?? draftOf())).toBe('unknown');
    expect(statusOf((await runFor(HOUR)) ?? draftOf())).toBe('captured');
  });
});

describe('what a merchant asks for', () => {
  test('capture of a part, then refunds up to it', async () => {
    const first = new FakeProvider('first');
    const { begin, run, documents } = testHub(first);
    await begin(draftOf({ capture: 'manual' }));
    expect(statusOf((await run()) ?? draftOf())).toBe('authorised');
    await change(documents, (payment) => askCapture(payment, 1_000, START));
    expect((await run())?.operations.at(-1)).toMatchObject({
      kind: 'capture',
      state: 'succeeded',
      amount: 1_000,
    });
    await change(documents, (payment) => askRefund(payment, { id: 're_1', amount: 600 }, START));
    await run();
    expect(first.kept.get('first_1')).toMatchObject({ captured: 1_000, refunded: 600 });
    const stored = await readPayment(documents, 'pay_1');
    expect(stored && askRefund(stored.payment, { id: 're_2', amount: 401 }, START)).toMatchObject({
      ok: false,
      field: 'amount',
      because: expect.stringContaining('400'),
    });
  });

  test('void: the hold is released before it is called voided', async () => {
    const first = new FakeProvider('first');
    const { begin, run, documents } = testHub(first);
    await begin(draftOf({ capture: 'manual' }));
    await run();
    await change(documents, (payment) => askVoid(payment, START));
    expect(statusOf((await run()) ?? draftOf())).toBe('voided');
    expect(first.kept.get('first_1')?.standing).toBe('voided');
  });
});

test('too late: no attempt is made, and it expires', async () => {
  const first = new FakeProvider('first', { prepare: Array.from({ length: 60 }, () => tooMany) });
  const { begin, runFor } = testHub(first);
  await begin(draftOf({ processBefore: START + HOUR, instruments: { first: { token: 'tok' } } }));
  expect(statusOf((await runFor(2 * HOUR)) ?? draftOf())).toBe('expired');
});

async function change(
  documents: Parameters<typeof readPayment>[0],
  ask: (payment: Payment) => ReturnType<typeof askVoid>,
): Promise<void> {
  const stored = await readPayment(documents, 'pay_1');
  if (!stored) throw new Error('no payment');
  const asked = ask(stored.payment);
  if (!asked.ok) throw new Error(asked.because);
  expect(await writePayment(documents, stored, asked.payment, 'merchant')).toBeDefined();
}
