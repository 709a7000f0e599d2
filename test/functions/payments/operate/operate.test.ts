import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ListAnswer, ShowAnswer } from '../../../../functions/payments/operate/answers.ts';
import * as books from '../../../../functions/payments/operate/books.ts';
import * as endpoints from '../../../../functions/payments/operate/endpoints.ts';
import { ReplayedAnswer, UndeliveredAnswer } from '../../../../functions/payments/operate/events.ts';
import { JournalAnswer } from '../../../../functions/payments/operate/journal.ts';
import { EndedKeyAnswer, KeysAnswer, NewKeyAnswer } from '../../../../functions/payments/operate/keys.ts';
import { MerchantsAnswer, ProvidersAnswer } from '../../../../functions/payments/operate/providers.ts';
import { noteStrays } from '../../../../functions/payments/reconciliation/stray.ts';
import { paymentKey, readPayment } from '../../../../functions/payments/store.ts';
import { type DeskWorld, startDesk } from './desk-world.ts';

const HOUR = 3_600_000;

/** As if nobody could find out for a day what became of the payment's capture. */
async function inReview({ ports }: DeskWorld, id: string): Promise<number> {
  const stored = await readPayment(ports.documents, id);
  if (!stored) throw new Error('not there');
  const { payment, revision } = stored;
  const seq = payment.operations.findLast(({ kind }) => kind === 'capture')?.seq ?? 0;
  const operations = payment.operations.map((each) =>
    each.seq === seq ? { ...each, state: 'needs-review' as const } : each,
  );
  const filed = { list: 'payments/open', at: payment.createdAt };
  await ports.documents.put(paymentKey(id), { ...payment, operations }, revision, filed);
  return seq;
}

describe('keys', () => {
  test('are made, listed without their secret, and ended', async () => {
    await using desk = await startDesk();
    const made = await desk.ask('key-create', NewKeyAnswer, {
      merchant: 'club',
      title: 'shop',
      scopes: 'read, pay',
    });
    expect(made).toMatchObject({
      merchant: 'club',
      scopes: ['read', 'pay'],
      text: expect.stringMatching(/^itk_/),
    });
    const { items } = await desk.ask('key-list', KeysAnswer);
    expect(items).toMatchObject([{ id: made.id, title: 'shop' }]);
    expect(JSON.stringify(items)).not.toContain(made.text.slice(17));
    const ended = await desk.ask('key-end', EndedKeyAnswer, { id: made.id, hours: 24 });
    expect(ended.endsAt).toBe(desk.clock.now() + 24 * HOUR);
  });

  test.each([
    ['key-create', { merchant: 'nobody', title: 'x' }, 'missing', 'nobody is called "nobody"'],
    ['key-create', { merchant: 'club', title: 'x', scopes: 'fly' }, 'input', 'read, pay, refund, operate'],
    ['key-create', { merchant: 'club' }, 'input', 'field "title"'],
    ['key-create', { merchant: 'club', title: 'x', colour: 'red' }, 'input', 'field "colour"'],
    ['key-end', { id: 'abc' }, 'missing', 'field "id"'],
    ['no-such', {}, 'missing', 'there is no command'],
    ['__proto__', {}, 'missing', 'there is no command'],
    ['list', { status: 'lost' }, 'input', 'field "status" must be one of created'],
    ['list', { day: '2026-13-01' }, 'input', 'field "day"'],
    ['list', { last: 'many' }, 'input', 'field "last" must be a whole number from 1 to 500'],
    ['show', { payment: 'pay_none' }, 'missing', 'no payment is known by'],
    ['circuit', { provider: 'acme', force: 'open', reason: 'a test' }, 'missing', 'there is no "acme"'],
    ['circuit', { provider: 'stripe', force: 'open' }, 'input', 'field "reason"'],
    [
      'endpoint-set',
      { merchant: 'club', url: 'http://club.example' },
      'input',
      'field "url" must begin with https',
    ],
    ['endpoint-rotate', { merchant: 'club' }, 'input', 'has no endpoint'],
    ['replay-events', { merchant: 'club' }, 'input', 'exactly one of them'],
    ['replay-events', { merchant: 'club', event: 'pay_x.1' }, 'missing', 'no such event'],
    ['reconciliation', { merchant: 'club', id: 'stripe.2026-01-01' }, 'missing', 'has no report'],
    ['reconcile', { day: '2999-01-01' }, 'input', 'must be a day that has begun'],
    ['settle', { provider: 'stripe', name: 'pi_9', reason: 'seen' }, 'missing', 'no stray money'],
  ])('%s %j is refused: what, why, and what next', async (command, input, kind, message) => {
    await using desk = await startDesk();
    const refusal = await desk.refused(command, input);
    expect(refusal.kind).toBe(kind);
    expect(refusal.message).toContain(message);
    expect(refusal.next.length).toBeGreaterThan(8);
  });
});

describe('payments', () => {
  test('are found by id, reference, refund, event, provider id, status and day', async () => {
    await using desk = await startDesk();
    const id = await desk.pay({ reference: 'order-7' });
    await desk.pay({ reference: 'order-8', capture: 'manual' });
    await desk.pass(60_000);
    const shown = await desk.ask('show', ShowAnswer, { payment: 'order-7' });
    expect(shown).toMatchObject({ merchant: 'club', payment: { id, status: 'captured' } });
    const atProvider = shown.payment.attempts[0]?.providerId ?? '';
    for (const name of [id, `${id}.1`, shown.events[0]?.id ?? '', atProvider, 'order-7'])
      expect((await desk.ask('list', ListAnswer, { find: name })).items.map((each) => each.id)).toEqual([id]);
    const listed = async (input: object) =>
      (await desk.ask('list', ListAnswer, input)).items.map(({ reference }) => reference);
    expect(await listed({})).toEqual(expect.arrayContaining(['order-7', 'order-8']));
    expect(await listed({ status: 'captured' })).toEqual(['order-7']);
    expect(await listed({ status: 'authorised' })).toEqual(['order-8']);
    expect(await listed({ merchant: 'other' })).toEqual([]);
    expect(await listed({ last: '1', day: '2026-11-24' })).toHaveLength(1);
    expect(await listed({ day: '2026-11-23' })).toEqual([]);
  });

  test('the newest come first, and only as many as were asked for', async () => {
    await using desk = await startDesk();
    for (let n = 0; n < 4; n += 1) {
      await desk.pay();
      await desk.pass(60_000);
    }
    const { items } = await desk.ask('list', ListAnswer, { last: 3 });
    expect(items.map(({ reference }) => reference)).toEqual(['order-4', 'order-3', 'order-2']);
  });

  test('one whose outcome was lost is synced with what the provider shows', async () => {
    await using desk = await startDesk();
    desk.stripe.sandbox.setFaults({ 'reply-lost': true });
    const id = await desk.pay();
    expect((await desk.ask('show', ShowAnswer, { payment: id })).payment.status).not.toBe('captured');
    desk.stripe.sandbox.setFaults({ 'reply-lost': false });
    await desk.pass(10 * 60_000);
    const synced = await desk.ask('sync', ShowAnswer, { payment: id });
    expect(synced.payment).toMatchObject({ status: 'captured', amounts: { captured: 1_999 } });
  });

  test('one that needs review says what to do, and is resolved with a reason', async () => {
    await using desk = await startDesk();
    const id = await desk.pay();
    const operation = await inReview(desk, id);
    const before = await desk.ask('show', ShowAnswer, { payment: id });
    expect(before.payment.status).toBe('needs-review');
    expect(before.todo).toContain(`resolve operation ${operation}`);
    const short = await desk.refused('resolve', {
      payment: id,
      operation,
      outcome: 'executed',
      reason: 'yes',
    });
    expect(short.message).toContain('field "reason"');
    const reason = 'Jo saw the charge on the dashboard';
    const said = { payment: id, operation: String(operation), outcome: 'executed', reason };
    const after = await desk.ask('resolve', ShowAnswer, said);
    expect(after.payment.status).toBe('captured');
    expect(after.timeline).toContainEqual(expect.objectContaining({ by: 'operator', why: reason }));
    const again = await desk.refused('resolve', { ...said, outcome: 'not-executed' });
    expect(again).toMatchObject({ kind: 'conflict' });
    const { items } = await desk.ask('journal', JournalAnswer);
    expect(items[0]).toMatchObject({ about: id, reason });
  });
});

describe('providers', () => {
  test("are left alone on an operator's word, which is shown with its reason, until it is taken back", async () => {
    await using desk = await startDesk();
    const state = async () => {
      const { items } = await desk.ask('providers', ProvidersAnswer);
      return items.find(({ provider }) => provider === 'stripe');
    };
    expect(await state()).toMatchObject({ merchants: ['club', 'other'] });
    await desk.ask('circuit', ProvidersAnswer, {
      provider: 'stripe',
      force: 'open',
      reason: 'their status page',
    });
    expect(await state()).toMatchObject({ forced: { what: 'circuit open', reason: 'their status page' } });
    expect((await state())?.circuits.every((each) => each.state === 'open')).toBe(true);
    const id = await desk.pay();
    expect((await desk.ask('show', ShowAnswer, { payment: id })).payment.status).toBe('created');
    await desk.ask('circuit', ProvidersAnswer, { provider: 'stripe', force: 'none', reason: 'over' });
    expect((await state())?.forced).toBeUndefined();
    await desk.pass(2 * 60_000);
    expect((await desk.ask('show', ShowAnswer, { payment: id })).payment.status).toBe('captured');
    expect((await desk.ask('merchants', MerchantsAnswer)).items).toMatchObject([
      { id: 'club' },
      { id: 'other' },
    ]);
  });
});

describe('events', () => {
  test('an endpoint is set, shown without its secret, rotated and removed; what nobody took is replayed', async () => {
    await using desk = await startDesk();
    const set = await desk.ask('endpoint-set', endpoints.SetEndpointAnswer, {
      ...{ merchant: 'club', url: 'https://club.example/hooks' },
    });
    expect(set.secret).toMatch(/^whsec_/);
    const shown = async () =>
      (await desk.ask('endpoint-show', endpoints.EndpointsAnswer, { merchant: 'club' })).items;
    expect(JSON.stringify(await shown())).not.toContain('whsec_');
    const rotated = await desk.ask('endpoint-rotate', endpoints.RotatedAnswer, { merchant: 'club' });
    expect(rotated.secret).not.toBe(set.secret);
    expect((await shown())[0]?.secrets).toHaveLength(2);

    const id = await desk.pay();
    await desk.pass(100 * HOUR);
    const lost = await desk.ask('undelivered', UndeliveredAnswer);
    expect(lost.items.length).toBeGreaterThan(0);
    expect(lost.items[0]).toMatchObject({
      merchant: 'club',
      state: 'gave-up',
      last: { why: expect.any(String) },
    });
    const event = lost.items[0]?.id ?? '';
    expect(await desk.ask('replay-events', ReplayedAnswer, { merchant: 'club', event })).toEqual({
      replayed: 1,
    });
    const rest = await desk.ask('replay-events', ReplayedAnswer, { merchant: 'club', undelivered: 'true' });
    expect(rest.replayed).toBe(lost.items.length - 1);
    expect((await desk.ask('undelivered', UndeliveredAnswer)).items).toEqual([]);
    const since = new Date(desk.clock.now() - 200 * HOUR).toISOString();
    const all = await desk.ask('replay-events', ReplayedAnswer, { merchant: 'club', since });
    expect(all.replayed).toBe((await desk.ask('show', ShowAnswer, { payment: id })).events.length);
    await desk.ask('endpoint-remove', endpoints.RemovedAnswer, { merchant: 'club' });
    expect((await shown())[0]?.url).toBeUndefined();
  });
});

describe('books', () => {
  test('a day is reconciled when its provider can show it; reports are listed, read and given as CSV', async () => {
    await using desk = await startDesk();
    await desk.pay();
    const asked = { day: '2026-11-24', merchant: 'club', provider: 'stripe' };
    const { items: due } = await desk.ask('reconcile', books.ReconcileAnswer, asked);
    expect(due).toEqual([{ ...asked, at: Date.parse('2026-11-25T04:00:00Z') }]);
    await desk.pass(30 * HOUR);
    const { items } = await desk.ask('reconciliations', books.ReconciliationsAnswer);
    expect(items).toMatchObject([{ id: 'stripe.2026-11-24', merchant: 'club', findings: 0 }]);
    expect(
      (await desk.ask('reconciliations', books.ReconciliationsAnswer, { findings: true })).items,
    ).toEqual([]);
    const of = { merchant: 'club', id: 'stripe.2026-11-24' };
    const report = await desk.ask('reconciliation', books.ReconciliationAnswer, of);
    expect(report.lines.map(({ kind }) => kind)).toContain('matched');
    const { name, csv } = await desk.ask('reconciliation-csv', books.CsvAnswer, of);
    expect(name).toBe('club-stripe.2026-11-24.csv');
    expect(csv.split('\r\n')[0]).toContain('kind,of,at');
  });

  test('stray money waits for a person, who settles it with a reason', async () => {
    await using desk = await startDesk();
    await noteStrays(desk.ports.documents, [
      {
        ...{ kind: 'orphan-at-provider', provider: 'stripe', id: 'pi_9', minor: 4_711, currency: 'EUR' },
        ...{ at: desk.clock.now(), notedAt: desk.clock.now(), says: 'the provider took money' },
      },
    ]);
    const { items } = await desk.ask('stray', books.StrayAnswer);
    expect(items).toMatchObject([{ name: 'pi_9', todo: expect.stringContaining('refund it') }]);
    const reason = 'a test charge, refunded at the provider';
    const settled = await desk.ask('settle', books.SettledAnswer, {
      provider: 'stripe',
      name: 'pi_9',
      reason,
    });
    expect(settled.settled).toMatchObject({ reason, by: 'operator' });
    expect((await desk.ask('stray', books.StrayAnswer)).items).toEqual([]);
    expect(await desk.ask('disputes', z.object({ items: z.array(z.unknown()) }))).toEqual({ items: [] });
  });
});
