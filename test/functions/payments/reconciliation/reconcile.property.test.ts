import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Claim } from '../../../../functions/payments/reconciliation/claims.ts';
import type { Entry } from '../../../../functions/payments/reconciliation/entry.ts';
import { type Books, reconcile } from '../../../../functions/payments/reconciliation/reconcile.ts';
import { isFinding } from '../../../../functions/payments/reconciliation/report.ts';
import { agreeing, amount, booksOf, DAY, entryOf, FROM, HOUR, TO } from './generated.ts';

const findings = (books: Books) =>
  reconcile(books)
    .rows.filter(({ kind }) => isFinding(kind))
    .map(({ kind, of }) => `${kind} ${of}`);

const isIn = (at: number) => at >= FROM && at < TO;
/** A charge of the day without refunds, whose claim is told of within the day: one change makes one finding. */
const chargeOfDay = ({ entries, claims }: Books): { entry: Entry; claim: Claim } | undefined =>
  entries
    .filter(({ kind, at }) => kind === 'charge' && isIn(at))
    .map((entry) => ({
      entry,
      claim: claims.find(({ id, reference }) => id === entry.about || reference === entry.reference),
    }))
    .flatMap(({ entry, claim }) => (isPlain(claim) ? [{ entry, claim }] : []))[0];

function isPlain(claim: Claim | undefined): claim is Claim {
  return claim?.taken !== undefined && isIn(claim.taken.until) && claim.refunds.length === 0;
}

const swap = <T>(all: readonly T[], from: T, to: T): T[] => all.map((each) => (each === from ? to : each));

describe('books that agree', () => {
  test('have no finding, and the balance of the hub is the provider’s', () => {
    fc.assert(
      fc.property(agreeing, (books) => {
        const outcome = reconcile(books);
        expect(outcome.rows.filter(({ kind }) => isFinding(kind))).toEqual([]);
        expect(outcome.findings).toBe(0);
        expect(outcome.unbalanced).toEqual([]);
        for (const total of outcome.totals) expect(total.difference).toBe(0);
      }),
    );
  });

  test('have one row for every entry of the day and no other', () => {
    fc.assert(
      fc.property(agreeing, (books) => {
        const shown = reconcile(books).rows.map(({ entry }) => entry);
        const wanted = books.entries.filter(({ at }) => isIn(at)).map(({ id }) => id);
        expect(shown.toSorted()).toEqual(wanted.toSorted());
      }),
    );
  });

  test('sum up to the last unit', () => {
    fc.assert(
      fc.property(agreeing, fc.integer({ min: -1_000_000, max: 1_000_000 }), (books, opening) => {
        for (const total of reconcile({ ...books, opening: new Map([['USD', opening]]) }).totals) {
          const { charges, refunds, returned, disputes, fees, reserves, adjustments, payouts, net } = total;
          const parts = [charges, refunds, returned, disputes, fees, reserves, adjustments, payouts];
          expect(parts.reduce((all, each) => all + each, 0)).toBe(net);
          expect(total.closing).toBe(total.opening + net);
          expect(
            Object.values(total).every((each) => typeof each === 'string' || Number.isInteger(each)),
          ).toBe(true);
        }
      }),
    );
  });
});

/** Each makes one thing wrong. */
const CORRUPTIONS: readonly [string, (books: Books) => Books | undefined, string][] = [
  [
    'an entry is not there',
    (books) => {
      const hit = chargeOfDay(books);
      return hit && { ...books, entries: books.entries.filter((each) => each !== hit.entry) };
    },
    'missing-at-provider charge',
  ],
  [
    'a charge that the hub knows nothing of',
    (books) => ({ ...books, entries: [...books.entries, entryOf('x', 'charge', 4_711, { about: 'pi_x' })] }),
    'orphan-at-provider charge',
  ],
  [
    'a charge with a reference that is none of ours',
    (books) => ({
      ...books,
      entries: [entryOf('x', 'charge', 99, { reference: 'shop-1' }), ...books.entries],
    }),
    'orphan-at-provider charge',
  ],
  [
    'the same payment is taken again',
    (books) => {
      const hit = chargeOfDay(books);
      return hit && { ...books, entries: [{ ...hit.entry, id: 'again' }, ...books.entries] };
    },
    'duplicate-capture charge',
  ],
  [
    'another payment at the provider has our reference',
    (books) => {
      const hit = chargeOfDay(books);
      const twin = hit && { ...hit.entry, id: '0', about: 'pi_twin', reference: hit.claim.reference };
      return twin && { ...books, entries: [twin, ...books.entries] };
    },
    'duplicate-capture charge',
  ],
  [
    'another amount',
    (books) => {
      const hit = chargeOfDay(books);
      if (!hit) return undefined;
      const { gross, net } = hit.entry;
      const more = {
        gross: amount(gross.minor + 1, gross.currency),
        net: amount(net.minor + 1, net.currency),
      };
      return { ...books, entries: swap(books.entries, hit.entry, { ...hit.entry, ...more }) };
    },
    'amount-mismatch charge',
  ],
  [
    'another currency',
    (books) => {
      const hit = chargeOfDay(books);
      if (!hit) return undefined;
      const { gross, fee, net } = hit.entry;
      const in_ = (each: { minor: number }) => amount(each.minor, 'GBP');
      const other = { ...hit.entry, gross: in_(gross), fee: in_(fee), net: in_(net) };
      return { ...books, entries: swap(books.entries, hit.entry, other) };
    },
    'currency-mismatch charge',
  ],
  [
    'another fee',
    (books) => {
      const hit = chargeOfDay(books);
      if (!hit) return undefined;
      const { fee, net } = hit.entry;
      const more = { fee: amount(fee.minor + 1, fee.currency), net: amount(net.minor - 1, net.currency) };
      return { ...books, entries: swap(books.entries, hit.entry, { ...hit.entry, ...more }) };
    },
    'fee-variance charge',
  ],
  [
    'the hub does not know yet that it was taken',
    (books) => {
      const hit = chargeOfDay(books);
      if (!hit) return undefined;
      const { taken: _, ...open } = hit.claim;
      return { ...books, claims: swap(books.claims, hit.claim, open) };
    },
    'status-mismatch charge',
  ],
  [
    'the hub has ended the payment without money',
    (books) => {
      const hit = chargeOfDay(books);
      if (!hit) return undefined;
      const { taken: _, ...open } = hit.claim;
      return { ...books, claims: swap(books.claims, hit.claim, { ...open, otherwise: 'ended' }) };
    },
    'orphan-at-provider charge',
  ],
  [
    'another attempt has taken it too',
    (books) => {
      const hit = chargeOfDay(books);
      if (!hit) return undefined;
      const { taken: _, ...open } = hit.claim;
      return { ...books, claims: swap(books.claims, hit.claim, { ...open, otherwise: 'elsewhere' }) };
    },
    'duplicate-capture charge',
  ],
  [
    'a refund that was made at the provider',
    (books) => ({ ...books, entries: [...books.entries, entryOf('x', 'refund', -5, { about: 're_x' })] }),
    'refund-unmatched refund',
  ],
  [
    'a payment is disputed',
    (books) => {
      const about = books.claims[0]?.id;
      if (about === undefined) return undefined;
      return { ...books, entries: [...books.entries, entryOf('x', 'dispute', -5, { about, feeOf: 1_500 })] };
    },
    'dispute-open dispute',
  ],
];

test.each(CORRUPTIONS)('%s: exactly that is found', (_, corrupt, finding) => {
  fc.assert(
    fc.property(agreeing, (books) => {
      const wrong = corrupt(books);
      if (!wrong) throw new Error('there is always a charge to corrupt');
      expect(findings(wrong)).toEqual([finding]);
    }),
  );
});

test('a refund of the day that is not at the provider is missing there, and so is one that came back', () => {
  fc.assert(
    fc.property(agreeing, fc.constantFrom('refund', 'refund-failed'), (books, kind) => {
      // The second plan of every world has one of each.
      const lost = books.entries.find((each) => each.kind === kind && each.about === 're_1_0');
      const entries = books.entries.filter((each) => each !== lost);
      expect(lost).toBeDefined();
      expect(findings({ ...books, entries })).toEqual([`missing-at-provider ${kind}`]);
    }),
  );
});

test('whatever is wrong, the difference of the balances is what the findings leave open', () => {
  fc.assert(
    fc.property(agreeing, fc.subarray([0, 1, 2, 3, 5, 8]), (books, which) => {
      const wrong = which.reduce((all, n) => CORRUPTIONS[n]?.[1](all) ?? all, books);
      const { rows, totals } = reconcile(wrong);
      for (const { currency, difference } of totals) {
        const open = rows
          .filter((row) => row.currency === currency && isFinding(row.kind))
          .reduce((all, { gross = 0, expected = 0 }) => all + gross - expected, 0);
        expect(difference).toBe(open);
      }
    }),
  );
});

describe('what a person would ask', () => {
  const claim: Claim = {
    ...{ payment: 'p', version: 1, merchant: 'club', id: 'pi_p', reference: 'p.1', currency: 'USD' },
    ...{ otherwise: 'open', refunds: [] },
    taken: { minor: 1_000, from: FROM + HOUR, until: FROM + 2 * HOUR },
  };
  const nameless = entryOf('c', 'charge', 1_000, { feeOf: 59 });

  test('an entry without any name belongs to the only payment of its amount', () => {
    const { rows } = reconcile(booksOf({ claims: [claim], entries: [nameless] }));
    expect(rows).toMatchObject([{ kind: 'matched', by: 'amount', payment: 'p', expected: 1_000 }]);
  });

  test('of two payments of one amount it belongs to neither', () => {
    const twin = { ...claim, payment: 'q', id: 'pi_q', reference: 'q.1' };
    expect(findings(booksOf({ claims: [claim, twin], entries: [nameless] })).sort()).toEqual([
      'missing-at-provider charge',
      'missing-at-provider charge',
      'orphan-at-provider charge',
    ]);
  });

  test('an entry that names another payment is never explained by its amount', () => {
    const named = { ...nameless, about: 'pi_other' };
    expect(findings(booksOf({ claims: [claim], entries: [named] })).sort()).toEqual([
      'missing-at-provider charge',
      'orphan-at-provider charge',
    ]);
  });

  test('a second charge days later is a second charge, not the first', () => {
    const late = entryOf('c', 'charge', 1_000, { about: 'pi_p', feeOf: 59 });
    const longAgo = { ...claim, taken: { minor: 1_000, from: FROM - 5 * DAY, until: FROM - 5 * DAY } };
    expect(findings(booksOf({ claims: [longAgo], entries: [late] }))).toEqual(['duplicate-capture charge']);
  });

  test('what was taken before midnight and told after it is found on the day before', () => {
    const late = { ...claim, taken: { minor: 1_000, from: TO - 1, until: TO + HOUR } };
    const entry = entryOf('c', 'charge', 1_000, { about: 'pi_p', feeOf: 59, at: TO - 1 });
    expect(findings(booksOf({ claims: [late], entries: [entry] }))).toEqual([]);
    const next = booksOf({
      claims: [late],
      entries: [entry],
      scope: { kind: 'day', from: TO, to: TO + DAY },
    });
    expect(reconcile(next).rows).toEqual([]);
  });

  test('payments of another merchant on the same account are nobody’s business here, and no orphans', () => {
    const theirs = { ...claim, merchant: 'other' };
    const entry = entryOf('c', 'charge', 1_000, { about: 'pi_p', feeOf: 59 });
    const books = booksOf({ claims: [theirs], entries: [entry] });
    expect(reconcile(books).rows).toEqual([]);
    expect(reconcile({ ...books, entries: [] }).rows).toEqual([]);
  });

  test('a charge that no payout holds after ten days is late; one that is in a payout is not', () => {
    const entry = entryOf('c', 'charge', 1_000, { about: 'pi_p', feeOf: 59 });
    const books = booksOf({ claims: [claim], entries: [entry], now: FROM + 20 * DAY });
    expect(findings(books)).toEqual(['unsettled-late charge']);
    expect(findings({ ...books, payoutOf: new Map([['c', 'po_1']]) })).toEqual([]);
    expect(findings({ ...books, paidOutWithin: undefined })).toEqual([]);
    expect(findings({ ...books, now: FROM + 5 * DAY })).toEqual([]);
  });

  test('a pending refund has an entry already, a failed one has two, and one never sent should have none', () => {
    const entry = entryOf('r', 'refund', -300, { about: 're' });
    const back = entryOf('f', 'refund-failed', 300, { about: 're' });
    const charge = entryOf('c', 'charge', 1_000, { about: 'pi_p', feeOf: 59 });
    const at = { from: FROM, until: FROM };
    const books = (done: 'pending' | 'failed' | 'no' | 'open' | 'yes', ...entries: Entry[]) =>
      booksOf({
        claims: [{ ...claim, refunds: [{ refund: 'ref', id: 're', minor: 300, done, ...at }] }],
        entries: [charge, ...entries],
      });
    expect(findings(books('pending', entry))).toEqual([]);
    expect(findings(books('failed', entry, back))).toEqual([]);
    expect(findings(books('no', entry))).toEqual(['status-mismatch refund']);
    expect(findings(books('open', entry))).toEqual(['status-mismatch refund']);
    expect(findings(books('yes', entry, back))).toEqual(['status-mismatch refund-failed']);
    expect(findings(books('yes', entry, { ...entry, id: 'r2' }))).toEqual(['refund-unmatched refund']);
  });

  test('a payout is the sum of its entries, or that is said', () => {
    const parts = [
      entryOf('c', 'charge', 1_000, { about: 'pi_p', feeOf: 59 }),
      entryOf('r', 'reserve', -41),
      entryOf('f', 'fee', -100),
    ];
    const check = (minor: number) =>
      reconcile(
        booksOf({
          claims: [claim],
          scope: { kind: 'payout', payout: 'po_1' },
          entries: [...parts, entryOf('p', 'payout', -minor, { payout: 'po_1' })],
        }),
      );
    expect(check(800).payouts).toEqual([
      { payout: 'po_1', currency: 'USD', amount: 800, entries: 3, sum: 800, holds: true },
    ]);
    expect(check(800).totals).toMatchObject([{ closing: 0, fees: -159, payouts: -800, difference: 0 }]);
    expect(check(801).payouts).toMatchObject([{ amount: 801, sum: 800, holds: false }]);
  });

  test('an entry whose net is not gross less fee is named', () => {
    const entry = entryOf('c', 'charge', 1_000, { about: 'pi_p', feeOf: 59, net: amount(940, 'USD') });
    expect(reconcile(booksOf({ claims: [claim], entries: [entry] })).unbalanced).toEqual(['c']);
  });

  test('clocks may differ by a day, and not by more', () => {
    const at = (moment: number) => {
      const scope = { kind: 'payout' as const, payout: 'po_1' };
      const entries = [entryOf('c', 'charge', 1_000, { about: 'pi_p', feeOf: 59, at: moment })];
      return findings(booksOf({ claims: [claim], entries, scope }));
    };
    const { from = 0, until = 0 } = claim.taken ?? {};
    expect(at(from - DAY)).toEqual([]);
    expect(at(until + DAY)).toEqual([]);
    expect(at(from - DAY - 1)).toEqual(['duplicate-capture charge']);
    expect(at(until + DAY + 1)).toEqual(['duplicate-capture charge']);
  });

  test('a day begins with its first moment and ends before the next one’s', () => {
    const entries = [FROM - 1, FROM, TO - 1, TO].map((at) => entryOf(String(at), 'fee', -1, { at }));
    const shown = reconcile(booksOf({ entries })).rows.map(({ entry }) => entry);
    expect(shown).toEqual([String(FROM), String(TO - 1)]);
  });

  test('what the hub was told of on another day is missing on that day', () => {
    const late = { ...claim, taken: { minor: 1_000, from: FROM - 1, until: FROM } };
    expect(findings(booksOf({ claims: [late] }))).toEqual(['missing-at-provider charge']);
    const later = { ...claim, taken: { minor: 1_000, from: TO - 1, until: TO } };
    expect(findings(booksOf({ claims: [later] }))).toEqual([]);
  });

  test('a double does not stand in for the one that is missing', () => {
    const twin = entryOf('c', 'charge', 1_000, { about: 'pi_twin', reference: 'p.1', feeOf: 59 });
    expect(findings(booksOf({ claims: [claim], entries: [twin] }))).toEqual([
      'duplicate-capture charge',
      'missing-at-provider charge',
    ]);
  });
});
