import { describe, expect, test } from 'vitest';
import { providerKey } from '../../../functions/payments/keys.ts';
import { KINDS, MAKERS, STATES } from '../../../functions/payments/payment.ts';
import { openAttempt } from '../../../functions/payments/start.ts';
import { isWay, move, WAYS } from '../../../functions/payments/transitions.ts';
import { draftOf, FakeProvider, START } from './builders.ts';

describe('ways', () => {
  test.each(['succeeded', 'declined', 'rejected', 'not-executed', 'retired'] as const)(
    'nothing leads out of %s',
    (state) => {
      for (const to of STATES) for (const by of MAKERS) expect(isWay(state, to, by)).toBe(false);
    },
  );

  test('time makes an outcome of nothing: a janitor may call it unknown, not failed', () => {
    const janitor = WAYS.filter((way) => way.by.includes('janitor')).flatMap(({ from, to }) =>
      from.map((each) => `${each} > ${to}`),
    );
    expect(janitor).toEqual([
      'sent > unknown',
      'created > not-executed',
      'unknown > retired',
      'unknown > needs-review',
    ]);
  });

  test('a merchant moves no operation', () => {
    expect(WAYS.filter((way) => way.by.includes('api'))).toEqual([]);
  });

  test('what is not in the table is a defect, and only a prepare can be retired', () => {
    const payment = openAttempt(draftOf(), new FakeProvider('first'), START);
    const [operation] = payment.operations;
    if (!operation) throw new Error('no operation');
    const saying = { by: 'janitor' as const, at: START };
    expect(() => move(payment, operation, 'declined', saying)).toThrow('may not go from created to declined');
    const authorise = { ...operation, kind: 'authorise' as const, state: 'unknown' as const };
    expect(() => move(payment, authorise, 'retired', saying)).toThrow('only a prepare');
  });
});

test('a provider key is short, and is another one for every call', () => {
  const keys = [1, 2].flatMap((attempt) =>
    KINDS.flatMap((kind) =>
      [1, 2].flatMap((seq) => [0, 1].map((keyTry) => providerKey('pay_1', { attempt, kind, seq, keyTry }))),
    ),
  );
  expect(new Set(keys).size).toBe(keys.length);
  expect(providerKey('pay_1', { attempt: 1, kind: 'void', seq: 1, keyTry: 0 })).toMatch(/^it_[0-9a-f]{22}$/);
  expect(providerKey('pay_1', { attempt: 1, kind: 'void', seq: 1, keyTry: 0 })).toBe(
    providerKey('pay_1', { attempt: 1, kind: 'void', seq: 1, keyTry: 0 }),
  );
});
