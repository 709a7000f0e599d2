import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hint } from '../../shared/engine/change-event.ts';
import {
  covered,
  emptyBody,
  fromLocalName,
  KEPT_OUTCOMES,
  keyText,
  type LinkBody,
  type LinkOutcome,
  linkIndex,
  localName,
  parseLinkBody,
  withOutcome,
} from '../../shared/engine/link.ts';
import type { Link } from '../../shared/engine/ports.ts';
import { OUTCOMES } from '../../shared/engine/trail.ts';

const LAG = 3_000;
const TOLERANCE = 20_000;
const parked = { reason: 'r', fingerprint: 'f', since: 7, kind: 'rejected' };

function link(body: LinkBody | undefined, more: Partial<Link> = {}): Link {
  const key = { flow: 'f', collection: 'c', id: '1' };
  return { key, body, lease: undefined, takeovers: 0, waiters: [], ...more };
}

function hint(observedAt: number, more: Partial<Hint> = {}): Hint {
  return { id: '1', observedAt, firstObservedAt: 0, attempt: 0, ...more };
}

describe('covered', () => {
  const settled: LinkBody = { ...emptyBody, readAt: 100_000 };
  const latest = 100_000 - LAG - TOLERANCE;

  test.each<[string, Link | undefined, Hint, boolean]>([
    ['a read that began clearly after the hint', link(settled), hint(latest - 1), true],
    ['a read that began at the last moment that counts', link(settled), hint(latest), false],
    ['a younger hint', link(settled), hint(100_001), false],
    ['a hint that verifies', link(settled), hint(0, { verify: true }), false],
    ['a parked link', link({ ...settled, parked }), hint(0), false],
    ['a link in work', link(settled, { lease: { token: 't', until: 1 } }), hint(0), false],
    ['a link never settled', link(emptyBody), hint(0), false],
    ['a link without a body', link(undefined), hint(0), false],
    ['no link', undefined, hint(0), false],
  ])('%s', (_what, known, some, expected) => {
    expect(covered(known, some, LAG, TOLERANCE)).toBe(expected);
  });

  test('a covered hint stays covered by any later read, and an older hint with it', () => {
    const time = fc.nat(1_000_000);
    fc.assert(
      fc.property(time, time, time, (readAt, observedAt, more) => {
        const first = covered(link({ ...emptyBody, readAt }), hint(observedAt), LAG, TOLERANCE);
        expect(first).toBe(readAt - observedAt > LAG + TOLERANCE);
        if (!first) return;
        expect(covered(link({ ...emptyBody, readAt: readAt + more }), hint(observedAt), LAG, TOLERANCE)).toBe(
          true,
        );
        expect(covered(link({ ...emptyBody, readAt }), hint(observedAt - more), LAG, TOLERANCE)).toBe(true);
      }),
    );
  });
});

describe('parseLinkBody', () => {
  const outcome = fc.record(
    {
      at: fc.nat(),
      outcome: fc.constantFrom(...OUTCOMES),
      cause: fc.string(),
      trace: fc.string(),
      attempt: fc.nat(),
      reason: fc.string(),
      fields: fc.array(fc.string()),
    },
    { requiredKeys: ['at', 'outcome', 'cause', 'trace', 'attempt'] },
  );
  const body = fc.record(
    {
      version: fc.constant(1 as const),
      readAt: fc.nat(),
      hash: fc.string(),
      targetId: fc.string(),
      state: fc.constantFrom('present' as const, 'absent' as const, 'gone' as const),
      wroteAt: fc.nat(),
      doubt: fc.boolean(),
      filled: fc.nat(),
      absentBecause: fc.string(),
      affects: fc.array(fc.string()),
      basis: fc.string(),
      recheckAt: fc.nat(),
      parked: fc.constant(parked),
      outcomes: fc.array(outcome, { maxLength: KEPT_OUTCOMES }),
    },
    { requiredKeys: ['version', 'outcomes'] },
  );

  test('whatever is stored comes back whole', () => {
    fc.assert(
      fc.property(body, (some) => {
        expect(parseLinkBody(JSON.parse(JSON.stringify(some)))).toEqual(some);
      }),
    );
  });

  test.each<[string, unknown, string]>([
    ['a newer version', { ...emptyBody, version: 2 }, '(version)'],
    ['an unknown state', { ...emptyBody, state: 'merged' }, '(state)'],
    ['an unknown outcome', { ...emptyBody, outcomes: [{ outcome: 'lost' }] }, '(outcomes.0'],
    ['no outcomes', { version: 1 }, '(outcomes)'],
    ['text', 'x', '()'],
    ['nothing', undefined, '()'],
  ])('refuses %s, and says where', (_what, json, where) => {
    expect(() => parseLinkBody(json)).toThrow(where);
  });
});

describe('linkIndex', () => {
  test.each([
    [undefined, {}],
    [emptyBody, {}],
    [{ ...emptyBody, parked }, { parkedSince: 7 }],
    [{ ...emptyBody, recheckAt: 0 }, { recheckAt: 0 }],
    [
      { ...emptyBody, parked, recheckAt: 9 },
      { parkedSince: 7, recheckAt: 9 },
    ],
  ])('of %j is %j', (some, expected) => {
    expect(linkIndex(some)).toEqual(expected);
  });
});

describe('names', () => {
  test('a link is named within its flow, and found by that name whatever its id holds', () => {
    const key = fc.record({
      flow: fc.constant('f'),
      collection: fc.stringMatching(/^[a-z-]{1,9}$/),
      id: fc.string(),
    });
    fc.assert(
      fc.property(key, (some) => {
        expect(fromLocalName('f', localName(some))).toEqual(some);
        expect(keyText(some)).toBe(`f/${localName(some)}`);
      }),
    );
  });
});

describe('withOutcome', () => {
  const outcome = (at: number): LinkOutcome => ({
    at,
    outcome: 'updated',
    cause: 'scan',
    trace: 't',
    attempt: 0,
  });

  test('keeps the newest five, newest first, and everything else', () => {
    let body: LinkBody = { ...emptyBody, hash: 'h' };
    for (let at = 1; at <= 7; at += 1) body = withOutcome(body, outcome(at));
    expect(body.outcomes.map(({ at }) => at)).toEqual([7, 6, 5, 4, 3]);
    expect(body.hash).toBe('h');
    expect(emptyBody.outcomes).toEqual([]);
  });
});
