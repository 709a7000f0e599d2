import { afterEach, describe, expect, test } from 'vitest';
import { bookOf, type Entry } from '../../../../functions/payments/drill/books.ts';
import { paymentsDrill } from '../../../../functions/payments/drill/drill.ts';
import { courseOf, payersOf, troublesOf } from '../../../../functions/payments/drill/load.ts';
import { reportOf } from '../../../../functions/payments/drill/report.ts';
import { stripeProvider } from '../../../../shared/connectors/stripe/index.ts';
import type { DrillReport } from '../../../../shared/engine/drill.ts';
import { type OpenStage, openStage } from '../../../../shared/hosts/embedded/drill/stage.ts';
import { PAYMENT_START } from '../../../connectors/payment-contract.ts';

const stages: OpenStage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
});

const rehearse = (second: boolean) =>
  paymentsDrill.run({ provider: 'stripe', minutes: 1, second }, async (definition) => {
    const stage = await openStage(definition, PAYMENT_START);
    stages.push(stage);
    return stage;
  });
const figureOf = ({ rows }: DrillReport, begin: string) => rows.find(([what]) => what.startsWith(begin))?.[1];

describe('a drill', () => {
  test('of payers with one token: all wait for the provider, and none is lost or doubled', async () => {
    const report = await rehearse(false);
    expect(report.wrong).toEqual([]);
    expect(report.title).toBe('1 minute without Stripe, payers have no other token');
    expect(figureOf(report, 'payments asked for')).toBe('240');
    expect(figureOf(report, 'captured')).toBe('228');
    expect(figureOf(report, 'refused')).toBe('12');
    expect(figureOf(report, 'Stripe')).toBe('228 / 228 / 0');
    expect(Number(figureOf(report, 'captured only after'))).toBeGreaterThan(10);
  }, 120_000);

  test('of payers with a second token: most are paid elsewhere at once', async () => {
    const report = await rehearse(true);
    expect(report.wrong).toEqual([]);
    const [ours, theirs, held] = (figureOf(report, 'PayPal') ?? '').split(' / ').map(Number);
    expect(ours).toBeGreaterThan(10);
    expect([theirs, held]).toEqual([ours, 0]);
  }, 120_000);

  test('has payers before, during and after, and a trouble at each moment of the outage', () => {
    const course = courseOf({ minutes: 30 }, 0);
    const payers = payersOf(course);
    const within = (from: number, to: number) => payers.filter(({ at }) => at >= from && at < to).length;
    expect([within(0, course.outage), within(course.outage, course.recovery)]).toEqual([60, 900]);
    expect(within(course.recovery, course.ends)).toBe(150);
    const troubles = troublesOf(course);
    expect([troubles[0]?.from, troubles.at(-1)?.to]).toEqual([course.outage, course.recovery]);
    expect(troubles.slice(1).map(({ from }) => from)).toEqual(troubles.slice(0, -1).map(({ to }) => to));
  });
});

describe('the report', () => {
  const payer = { n: 1, at: 0, amount: 500, declined: false };
  const taken = { payer, key: 'k', answer: { status: 201, text: '' }, waited: 100, tries: 1 };
  const captured = { status: 'captured', captured: 500, by: 'stripe', at: 1 } as const;
  const book = (captures: number, held = 0) => ({
    captures,
    captured: captures * 500,
    held,
    provider: 'stripe',
  });
  const report = (entry: Entry, letters = 0) =>
    reportOf({
      asked: { provider: 'stripe', minutes: 1, second: false },
      merchant: { providers: [stripeProvider('main')] },
      course: courseOf({ minutes: 1 }, 0),
      ...{ restedAt: 1, books: [entry], letters },
    });

  test('finds nothing wrong with a payment that was charged once', () => {
    expect(report({ taken, payment: captured, books: [book(1)] }).wrong).toEqual([]);
  });

  test.each([
    ['charged twice', { taken, payment: captured, books: [book(1), book(1)] }, 'charged twice'],
    ['not charged', { taken, payment: captured, books: [book(0)] }, 'lost'],
    ['never made, though accepted', { taken, books: [] }, 'lost'],
    ['never answered', { taken: { ...taken, answer: undefined }, books: [] }, 'lost'],
    [
      'declined, and charged',
      { taken, payment: { status: 'declined', captured: 0 }, books: [book(1)] },
      'charged twice',
    ],
    [
      'still waiting',
      { taken, payment: { status: 'queued', captured: 0 }, books: [book(0)] },
      'come to an end',
    ],
    ['held for good', { taken, payment: captured, books: [book(1), book(0, 1)] }, 'never released'],
  ] satisfies [string, Entry, string][])('says that one was %s', (_, entry, words) => {
    expect(report(entry).wrong.join('; ')).toContain(words);
  });

  test('says that messages failed', () => {
    expect(report({ taken, payment: captured, books: [book(1)] }, 2).wrong).toEqual([
      '2 messages failed for good',
    ]);
  });
});

test('a refused request has no payment and no book', async () => {
  const stage = { ports: {} } as never;
  const payer = { n: 1, at: 0, amount: 500, declined: false };
  const taken = { payer, key: 'k', answer: { status: 422, text: '' }, waited: 1, tries: 1 };
  expect(await bookOf(stage, taken)).toEqual({ taken, books: [] });
});
