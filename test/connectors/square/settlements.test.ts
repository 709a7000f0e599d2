import { expect, test } from 'vitest';
import type { SettlementEntry } from '../../../shared/connectors/payment-provider.ts';
import type { Http } from '../../../shared/engine/ports.ts';
import { PAYMENT_START } from '../payment-contract.ts';
import { testSession } from '../session.ts';
import { provider, type SquareWorld, startSquare } from './world.ts';

const DAY = 86_400_000;

async function settled(square: SquareWorld, from: number, to: number): Promise<SettlementEntry[]> {
  const items: SettlementEntry[] = [];
  let page: string | undefined;
  do {
    const part = { from, to, ...(page !== undefined && { page }) };
    const got = await provider.settlements(square.session(), part);
    items.push(...got.items);
    page = got.next;
  } while (page !== undefined);
  return items;
}

test('a day is what took effect in it, in whichever payout, and payouts add up', async () => {
  await using square = await startSquare();
  const { sandbox } = square;
  const pay = (amount: number) => sandbox.edit({ record: 'payment', set: { amount, complete: true } });
  const first = pay(9_000);
  sandbox.advance(DAY);
  const second = pay(5_000);
  const refund = sandbox.edit({ record: 'refund', set: { payment_id: first, amount: 1_000 } });
  const dispute = sandbox.edit({ record: 'dispute', set: { payment_id: second } });
  sandbox.advance(DAY);
  sandbox.edit({ record: 'dispute', id: dispute, set: { state: 'WON' } });
  sandbox.advance(2 * DAY);
  const day = (n: number) => settled(square, PAYMENT_START + n * DAY, PAYMENT_START + (n + 1) * DAY);
  expect(await day(0)).toMatchObject([{ kind: 'charge', about: first, fee: { minor: 291 } }]);
  expect((await day(1)).map(({ kind, about, gross }) => [kind, about, gross.minor])).toEqual([
    ['payout', undefined, -8_709],
    ['charge', second, 5_000],
    ['refund', refund, -1_000],
    ['dispute', second, -5_000],
  ]);
  const all = await settled(square, PAYMENT_START, PAYMENT_START + 9 * DAY);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const paidOut = all.filter(({ kind, payout }) => kind === 'payout' || payout !== undefined);
  expect(paidOut.reduce((sum, { net }) => sum + net.minor, 0)).toBe(0);
  expect(await settled(square, PAYMENT_START - 2 * DAY, PAYMENT_START - DAY)).toEqual([]);
});

test('what was not paid out yet is not shown yet', async () => {
  await using square = await startSquare();
  square.sandbox.edit({ record: 'payment', set: { complete: true } });
  expect(await settled(square, PAYMENT_START - DAY, PAYMENT_START + DAY)).toEqual([]);
  square.sandbox.advance(DAY);
  expect(await settled(square, PAYMENT_START - DAY, PAYMENT_START + DAY)).toHaveLength(1);
});

test('a payout of more than a page is read to its end, and a failed one comes back', async () => {
  await using square = await startSquare();
  const { sandbox } = square;
  sandbox.setFaults({ 'payouts-fail': true });
  for (let n = 0; n < 130; n += 1)
    sandbox.edit({ record: 'payment', set: { amount: 1_000, complete: true } });
  sandbox.advance(DAY);
  const all = await settled(square, PAYMENT_START, PAYMENT_START + 2 * DAY);
  expect(all.filter(({ kind }) => kind === 'charge')).toHaveLength(130);
  const [payout] = all.filter(({ kind }) => kind === 'payout');
  const entries: SettlementEntry[] = [];
  let page: string | undefined;
  do {
    const of = { payout: payout?.id ?? '', ...(page !== undefined && { page }) };
    const got = await provider.payoutEntries?.(square.session(), of);
    entries.push(...(got?.items ?? []));
    page = got?.next;
  } while (page !== undefined);
  expect(entries).toHaveLength(131);
  expect(entries.reduce((sum, { net }) => sum + net.minor, 0)).toBe(0);
  sandbox.advance(DAY);
  sandbox.setFaults({ 'payouts-fail': false });
  sandbox.advance(2 * DAY);
  const later = await settled(square, PAYMENT_START + DAY + 1, PAYMENT_START + 5 * DAY);
  const back = later.filter(({ kind, gross }) => kind === 'payout' && gross.minor > 0);
  expect(back.map(({ gross }) => gross.minor)).toEqual([-(payout?.gross.minor ?? 0)]);
});

test('payouts may write currency_code and fees of either sign', async () => {
  const money = (amount: number) => ({ amount, currency_code: 'USD' });
  const entry = (id: string, fee: number) => ({
    ...{ id, payout_id: 'po_1', effective_at: '2026-11-24T12:00:00Z', type: 'CHARGE' },
    ...{ gross_amount_money: money(10_150), fee_amount_money: money(fee), net_amount_money: money(9_820) },
    type_charge_details: { payment_id: 'p1' },
  });
  const payout = { id: 'po_1', created_at: '2026-11-25T12:00:00Z', amount_money: money(19_640) };
  const http: Http = async ({ url }) => ({
    ...{ status: 200, headers: {} },
    body: JSON.stringify(
      url.includes('payout-entries')
        ? { payout_entries: [entry('a', 330), entry('b', -330), { ...entry('c', 0), type: 'OF_TOMORROW' }] }
        : { payouts: [payout] },
    ),
  });
  const secret = { accessToken: 'EAAA-unused', locationId: 'L1' };
  const session = testSession({ account: 'square/main', secret, http, now: () => PAYMENT_START });
  const { items, next } = await provider.settlements(session, {
    ...{ from: PAYMENT_START - DAY, to: PAYMENT_START + 2 * DAY },
  });
  expect(next).toBeUndefined();
  expect(items.map(({ kind, fee }) => [kind, fee])).toEqual([
    ['payout', { minor: 0, currency: 'USD' }],
    ['charge', { minor: 330, currency: 'USD' }],
    ['charge', { minor: 330, currency: 'USD' }],
    ['adjustment', { minor: 330, currency: 'USD' }],
  ]);
});
