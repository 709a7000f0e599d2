import { expect, test } from 'vitest';
import { whoseIs } from '../../../../functions/payments/reconciliation/strangers.ts';
import {
  countStray,
  type FoundStray,
  listStray,
  noteStrays,
  settleStray,
} from '../../../../functions/payments/reconciliation/stray.ts';
import type { Shown } from '../../../../shared/connectors/payment-provider.ts';
import { memoryDocuments } from '../../../support/memory/documents.ts';
import { emptyState } from '../../../support/memory/state.ts';
import { draftOf, FakeProvider, START, testHub } from '../builders.ts';

const NOON = Date.parse('2026-11-24T12:00:00Z');
const found = (more: Partial<FoundStray>): FoundStray => ({
  ...{ kind: 'orphan-at-provider', provider: 'first', minor: 500, currency: 'EUR', at: NOON, notedAt: NOON },
  says: 'the provider took money',
  ...more,
});

test('the same money is noted once, whichever way and however often it is told', async () => {
  const documents = memoryDocuments(emptyState());
  expect(await noteStrays(documents, [found({ id: 'pi_1' }), found({ id: 'pi_1' })])).toBe(1);
  // A settlement entry that names no payment, a little later: it can only be that.
  expect(await noteStrays(documents, [found({ entry: 'txn_1', at: NOON + 60_000 })])).toBe(0);
  expect(await noteStrays(documents, [found({ id: 'pi_1' }), found({ entry: 'txn_1', at: NOON })])).toBe(0);
  expect(await listStray(documents)).toMatchObject([{ name: 'pi_1', id: 'pi_1', entry: 'txn_1' }]);
});

test('an entry first and its webhook afterwards are one, too', async () => {
  const documents = memoryDocuments(emptyState());
  expect(await noteStrays(documents, [found({ entry: 'txn_1' })])).toBe(1);
  expect(await noteStrays(documents, [found({ id: 'pi_1' })])).toBe(0);
  expect(await noteStrays(documents, [found({ id: 'pi_1', entry: 'txn_1' })])).toBe(0);
});

test.each<[string, Partial<FoundStray>]>([
  ['another amount', { entry: 'txn_1', minor: 501 }],
  ['another currency', { entry: 'txn_1', currency: 'USD' }],
  ['another time', { entry: 'txn_1', at: NOON + 3_600_001 }],
  ['another provider', { entry: 'txn_1', provider: 'second' }],
  ['another payment', { id: 'pi_2' }],
  ['a double', { entry: 'txn_1', kind: 'duplicate-capture' }],
])('%s is other money', async (_, more) => {
  const documents = memoryDocuments(emptyState());
  expect(await noteStrays(documents, [found({ id: 'pi_1' })])).toBe(1);
  expect(await noteStrays(documents, [found(more)])).toBe(1);
});

test('what a person has settled no longer counts, and is not found anew', async () => {
  const documents = memoryDocuments(emptyState());
  await noteStrays(documents, [found({ id: 'pi_1' }), found({ id: 'pi_2', kind: 'duplicate-capture' })]);
  expect(await countStray(documents)).toEqual({ orphans: 1, duplicates: 1 });
  const settled = { at: NOON, by: 'kim', reason: 'a sale of the shop' };
  const of = { provider: 'first', name: 'pi_1' };
  expect(await settleStray(documents, of, settled)).toMatchObject({ settled });
  expect(await settleStray(documents, { ...of, name: 'pi_9' }, settled)).toBeUndefined();
  expect(await countStray(documents)).toEqual({ orphans: 0, duplicates: 1 });
  expect(await noteStrays(documents, [found({ entry: 'txn_1' })])).toBe(0);
  expect(await noteStrays(documents, [found({ id: 'pi_1' })])).toBe(0);
  expect(await countStray(documents)).toEqual({ orphans: 0, duplicates: 1 });
});

const shown = (more: Partial<Shown>): Shown => {
  const amount = { minor: 1_999, currency: 'EUR' };
  return {
    id: 'first_1',
    standing: 'captured',
    amount,
    captured: amount,
    refunded: { ...amount, minor: 0 },
    ...more,
  };
};

test('a payment at the provider is ours by its reference and its id, or stray, or nothing', async () => {
  const { begin, run, documents } = testHub(new FakeProvider('first'));
  await begin(draftOf());
  await run();
  const whose = (more: Partial<Shown>) =>
    whoseIs(documents, { vendor: 'first', shown: shown(more), now: START });
  expect(await whose({ reference: 'pay_1.1' })).toEqual({ kind: 'ours', payment: 'pay_1' });
  expect(await whose({ id: 'x', reference: 'pay_1.1' })).toEqual({ kind: 'stray', isNew: true });
  expect(await whose({ id: 'x', reference: 'pay_1.1' })).toEqual({ kind: 'stray', isNew: false });
  expect(await whose({ id: 'y', reference: 'pay_1.9' })).toEqual({ kind: 'stray', isNew: true });
  expect(await whose({ id: 'z', reference: 'shop-77', standing: 'held' })).toEqual({
    kind: 'stray',
    isNew: true,
  });
  for (const standing of ['prepared', 'needs-payer', 'declined', 'voided', 'expired'] as const)
    expect(await whose({ id: 'n', standing })).toEqual({ kind: 'nothing' });
  expect((await listStray(documents)).map(({ name, kind }) => [name, kind]).toSorted()).toEqual([
    ['x', 'duplicate-capture'],
    ['y', 'orphan-at-provider'],
    ['z', 'orphan-at-provider'],
  ]);
});
