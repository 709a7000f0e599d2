import { expect, test } from 'vitest';
import { advance, type Hub } from '../../../functions/payments/advance.ts';
import { CircuitBoard } from '../../../functions/payments/circuit-board.ts';
import type { Payment } from '../../../functions/payments/payment.ts';
import { statusOf } from '../../../functions/payments/status.ts';
import type { TestSession } from '../../connectors/session.ts';
import { provider, type SquareWorld, startSquare } from '../../connectors/square/world.ts';
import { seededRandom } from '../../support/memory/clock.ts';
import { memoryDocuments } from '../../support/memory/documents.ts';
import { emptyState } from '../../support/memory/state.ts';
import { draftOf, START } from './builders.ts';

/** The hub over a provider whose first call holds already, at its sandbox over real HTTP: any write may go wrong. */
const HOUR = 3_600_000;
const FAULTS = [
  ...['reply-lost', 'late-writes', 'in-flight', 'error-after', 'error-before'],
  ...['outage', 'rate-limit-burst', 'wrong-answer', 'processing'],
] as const;
type Plan = readonly (string | undefined)[];

/** One payment, worked off for eight hours; the nth write meets the nth fault. */
async function paid(plan: Plan): Promise<{ payment: Payment; books: Record<string, number> }> {
  const clock = { at: START };
  await using square = await startSquare({ now: () => clock.at });
  square.sandbox.edit({ record: 'location', set: { currency: 'EUR' } });
  const { hub, wakes } = hubOver(square, clock, plan);
  const payment = await workedOff(hub, clock, wakes);
  const books: Record<string, number> = {};
  for (const reference of new Set(payment.attempts.map((each) => each.reference)))
    for (const [name, value] of Object.entries(square.sandbox.peek('books', reference) ?? {}))
      books[name] = (books[name] ?? 0) + Number(value);
  return { payment, books };
}

function hubOver(square: SquareWorld, clock: { at: number }, plan: Plan): { hub: Hub; wakes: number[] } {
  let tokens = 0;
  const token = () => `token${++tokens}`;
  const sleep = async (ms: number) => {
    clock.at += ms;
  };
  const ports = {
    documents: memoryDocuments(emptyState()),
    clock: { now: () => clock.at, sleep },
    random: { next: () => 0.5, token },
  };
  const wakes: number[] = [];
  const session = faulty(square, square.session({ now: () => clock.at }), plan);
  const hub: Hub = {
    ports,
    providers: new Map([[provider.vendor, provider]]),
    circuits: new CircuitBoard(ports),
    session: () => session,
    wake: async (_, at) => void wakes.push(at),
    announce: async () => {},
  };
  return { hub, wakes };
}

function faulty(square: SquareWorld, session: TestSession, plan: Plan): TestSession {
  let writes = 0;
  const send: TestSession['send'] = async (request) => {
    const fault = request.effect === 'write' ? plan[writes++] : undefined;
    if (fault === undefined) return await session.send(request);
    square.sandbox.setFaults({ [fault]: true });
    try {
      return await session.send(request);
    } finally {
      square.sandbox.setFaults({ [fault]: false });
    }
  };
  return Object.assign(Object.create(session) as TestSession, { send });
}

async function workedOff(hub: Hub, clock: { at: number }, wakes: readonly number[]): Promise<Payment> {
  const routing = { order: ['square'], failover: 'proof', softDecline: 'stop' } as const;
  const draft = draftOf({
    routing: { ...routing, order: [...routing.order] },
    instruments: { square: { token: 'cnon:card-nonce-ok' } },
  });
  await hub.ports.documents.put('payment/pay_1', draft, undefined);
  const work = (due?: number) =>
    advance(hub, 'pay_1', { deadline: clock.at + 20_000, ...(due !== undefined && { due }) });
  let payment = await work();
  for (;;) {
    const next = Math.min(...wakes.filter((at) => at > clock.at));
    if (next > START + 8 * HOUR) break;
    clock.at = next;
    payment = await work(next);
  }
  if (!payment) throw new Error('the payment is gone');
  return payment;
}

test('an ordinary payment is two writes', async () => {
  const { payment, books } = await paid([]);
  expect(payment.operations.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    ...['authorise succeeded', 'capture succeeded'],
  ]);
  expect(books).toMatchObject({ payments: 1, captures: 1, held: 0 });
});

const pairs = FAULTS.flatMap((first) => [undefined, ...FAULTS].map((then) => [first, then] as const));

test.each(pairs)('%s, then %s: the money is taken once, and no hold is left', async (first, then) => {
  // Without a second fault it is the capture that meets the first.
  const { payment, books } = await paid(then === undefined ? [undefined, first] : [first, then]);
  expect(statusOf(payment)).toBe('captured');
  expect(books).toMatchObject({ captures: 1, held: 0, captured: payment.amount });
});

test('whatever happens to the first eight writes, the money is taken once', async () => {
  const random = seededRandom(1);
  const draw = () => (random.next() < 0.75 ? FAULTS[Math.floor(random.next() * FAULTS.length)] : undefined);
  for (let n = 0; n < 25; n += 1) {
    const plan = Array.from({ length: 1 + Math.floor(random.next() * 8) }, draw);
    const { payment, books } = await paid(plan);
    expect([statusOf(payment), books.captures, books.held], String(plan)).toEqual(['captured', 1, 0]);
  }
}, 60_000);
