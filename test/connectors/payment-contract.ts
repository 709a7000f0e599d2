import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  Charge,
  Look,
  PaymentProvider,
  ProviderVerdict,
  Sent,
  Shown,
} from '../../shared/connectors/payment-provider.ts';
import type { SandboxRequest } from '../../shared/connectors/sandbox.ts';
import { Fault } from '../../shared/engine/fault.ts';
import type { Session } from '../../shared/engine/session.ts';
import type { Running } from './contract.ts';
import { testSession } from './session.ts';

/** What a sandbox's own books say about one reference; amounts in ISO minor units. */
export interface Books {
  /** Holds that stand now. */
  held: number;
  captures: number;
  captured: number;
  /** Refunds that did not fail. */
  refunds: number;
  refunded: number;
}

export interface PaymentSubject {
  /** The folder's name under shared/connectors. */
  name: string;
  provider: PaymentProvider;
  /** A fresh sandbox whose clock is `now` (plus what it is advanced by). */
  start(now: () => number): Promise<Running>;
  instruments: { good: string; hard: string; soft: string; unknown: string };
  books(running: Running, reference: string): Books;
  /** What the payer does between the preparation and the hold, where the provider wants it. */
  approve?(running: Running, shown: Shown): Promise<void> | void;
  /** Switches of the sandbox that are named otherwise, or that it lacks. */
  faults?: { errorAfter?: string; lateWrites?: string; refundsFail?: string };
  /** Later than that, refunds made under `refundsFail` have failed. */
  refundsFailAfter?: number;
  /** How long after a late write was sent it has surely arrived. */
  lateAfter?: number;
  /** How far back settlements show up (PayPal reports hours later). */
  settlementLag?: number;
  /** How far back `find` shows up, where its list lags. */
  findLag?: number;
  /** As the payer does at the bank, and as it ends; gives the provider's id of the dispute. */
  disputes?: {
    open(running: Running, paymentId: string): string;
    close(running: Running, id: string, won: boolean): void;
  };
  /** Lines of settlements carry our reference, and not always the payment's id. */
  settlesByReference?: true;
  /** Does the signature cover a time? */
  webhookTimed: boolean;
  /** A delivery of that age is stale; an hour unless said. */
  webhookStale?: number;
  /** The currency and amount of the payments made here; 50.00 US dollars unless said. */
  amount?: { minor: number; currency: string };
}

/** The clock stands still unless a test moves the sandbox on. */
export const PAYMENT_START = Date.parse('2026-11-24T12:00:00Z');

/** A `Sent` as the engine's connectors would throw it, for the contract that all connectors share. */
export function orFault<T>(vendor: string, sent: Sent<T>): T | undefined {
  const fault = (kind: 'unknown-outcome' | 'unavailable' | 'rejected', message: string) =>
    new Fault(kind, { vendor, operation: 'payment', message });
  switch (sent.kind) {
    case 'answered':
      return sent.shown;
    case 'declined':
      return sent.shown;
    case 'unknown':
      throw fault('unknown-outcome', sent.message);
    case 'unsent':
      throw fault('unavailable', sent.message);
    case 'refused':
      throw fault('rejected', sent.message);
  }
}

/** A call as a test makes it. */
interface Bench {
  running: Running;
  session: Session;
  charge(reference: string, more?: Partial<Charge>): Charge;
  /** Prepares where there is something to prepare, and lets the payer approve. */
  open(reference: string, more?: Partial<Charge>): Promise<{ charge: Charge; id: string | undefined }>;
  hold(reference: string, more?: Partial<Charge>): Promise<{ charge: Charge; id: string; sent: Sent<Shown> }>;
  /** By the reference, after the list has caught up. */
  seek(reference: string, window?: { from: number; to: number }): Promise<Look<Shown>>;
  books(reference: string): Books;
  fault(name: string, on?: boolean): void;
  /** Does the sandbox have this switch? */
  has(fault: string): boolean;
}

function answered<T>(sent: Sent<T>): T {
  if (sent.kind !== 'answered') throw new Error(`expected an answer, got ${JSON.stringify(sent)}`);
  return sent.shown;
}

function found<T>(look: Look<T>): T {
  if (look.kind !== 'found') throw new Error('expected it to be found');
  return look.shown;
}

/** What the hub relies on, of every payment provider, over real HTTP against its own sandbox. */
export function describePaymentProvider(subject: PaymentSubject): void {
  describe(`${subject.name} keeps the payment contract`, () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await benchOf(subject);
    });
    afterEach(async () => {
      await bench.running.stop();
    });
    describeLife(subject, () => bench);
    describeReplays(subject, () => bench);
    describeRefusals(subject, () => bench);
    describeRefunds(subject, () => bench);
    describeSettlements(subject, () => bench);
    describeDisputes(subject, () => bench);
    describeWebhooks(subject, () => bench);
  });
}

async function benchOf(subject: PaymentSubject): Promise<Bench> {
  const { provider } = subject;
  const running = await subject.start(() => PAYMENT_START);
  const clock = () => Date.parse(running.sandbox.state(running.baseUrl).now);
  const session = testSession({ account: `${subject.name}/main`, secret: running.secret, now: clock });
  const charge = (reference: string, more: Partial<Charge> = {}): Charge => ({
    key: `${reference}-authorise`,
    reference,
    amount: subject.amount ?? { minor: 5_000, currency: 'USD' },
    instrument: subject.instruments.good,
    ...more,
  });
  const open: Bench['open'] = async (reference, more) => {
    const asked = charge(reference, more);
    if (!provider.prepare) return { charge: asked, id: undefined };
    const shown = answered(await provider.prepare(session, { ...asked, key: `${reference}-prepare` }));
    await subject.approve?.(running, shown);
    return { charge: asked, id: shown.id };
  };
  return {
    running,
    session,
    charge,
    open,
    hold: async (reference, more) => {
      const opened = await open(reference, more);
      const sent = await provider.authorise(session, opened.charge, opened.id);
      const shown = sent.kind === 'answered' || sent.kind === 'declined' ? sent.shown : undefined;
      return { ...opened, id: shown?.id ?? opened.id ?? '', sent };
    },
    seek: async (reference, window = { from: PAYMENT_START - 60_000, to: PAYMENT_START + 60_000 }) => {
      running.sandbox.advance(subject.findLag ?? 0);
      return await provider.find(session, { reference, ...window });
    },
    books: (reference) => subject.books(running, reference),
    has: (fault) => running.sandbox.state(running.baseUrl).faults.some(({ name }) => name === fault),
    fault: (name, on = true) => running.sandbox.setFaults({ [name]: on }),
  };
}

function describeLife({ provider, amount: own }: PaymentSubject, at: () => Bench): void {
  const amount = own ?? { minor: 5_000, currency: 'USD' };
  const none = { minor: 0, currency: amount.currency };

  test('a payment is held, found, captured and given back', async () => {
    const { session, hold, books, seek } = at();
    const { id, sent } = await hold('life');
    expect(answered(sent)).toMatchObject({ standing: 'held', amount, captured: none, refunded: none });
    expect(books('life')).toMatchObject({ held: 1, captures: 0 });

    const captured = answered(await provider.capture(session, { id, key: 'life-c', amount, final: true }));
    expect(captured).toMatchObject({ id, standing: 'captured', captured: amount, refunded: none });
    expect(found(await provider.read(session, id))).toMatchObject({
      id,
      standing: 'captured',
      reference: 'life',
    });
    expect(found(await seek('life')).id).toBe(id);

    const third = { ...amount, minor: 2_000 };
    const refund = answered(
      await provider.refund(session, { id, key: 'life-r', amount: third, reason: 'moved away' }),
    );
    expect(refund).toMatchObject({ paymentId: id, amount: third });
    expect(found(await provider.read(session, id)).refunded).toEqual(third);
    expect(found(await provider.readRefund(session, refund.id))).toMatchObject({
      id: refund.id,
      amount: third,
    });
    expect(books('life')).toMatchObject({
      held: 0,
      captures: 1,
      captured: amount.minor,
      refunds: 1,
      refunded: 2_000,
    });
  });

  test('what prepares moves no money', async () => {
    const { open, books, session } = at();
    const { id } = await open('prepared');
    expect(books('prepared')).toMatchObject({ held: 0, captures: 0 });
    if (id === undefined) return;
    expect(['prepared', 'needs-payer']).toContain(found(await provider.read(session, id)).standing);
  });

  test('a released hold can no longer be captured', async () => {
    const { session, hold, books } = at();
    const { id } = await hold('void');
    expect(answered(await provider.void(session, { id, key: 'void-v' })).standing).toBe('voided');
    const late = await provider.capture(session, { id, key: 'void-c', amount, final: true });
    expect(late.kind === 'answered' && late.shown.standing === 'captured').toBe(false);
    expect(books('void')).toMatchObject({ held: 0, captures: 0 });
    expect(found(await provider.read(session, id)).standing).toBe('voided');
  });

  test('a second end of the same hold is no error', async () => {
    const { session, hold } = at();
    const { id } = await hold('twice');
    await provider.void(session, { id, key: 'twice-1' });
    const again = await provider.void(session, { id, key: 'twice-2' });
    const standing =
      again.kind === 'answered' ? again.shown.standing : found(await provider.read(session, id)).standing;
    expect(standing).toBe('voided');
  });

  test('a reference that is not there is absent, and so is an id', async () => {
    const { session, hold, seek } = at();
    await hold('there');
    expect(await seek('not-there')).toEqual({ kind: 'absent' });
    const early = { from: PAYMENT_START - 7_200_000, to: PAYMENT_START - 3_600_000 };
    expect(await seek('there', early)).toEqual({ kind: 'absent' });
    expect(await provider.read(session, 'no-such-id')).toEqual({ kind: 'absent' });
  });
}

function describeReplays(subject: PaymentSubject, at: () => Bench): void {
  const { provider } = subject;
  const amount = subject.amount ?? { minor: 5_000, currency: 'USD' };

  test('the same key does nothing twice', async () => {
    const { session, hold, open, books } = at();
    const { charge, id } = await hold('again');
    if (provider.prepare) expect((await open('again')).id).toBe(id);
    const repeated = await provider.authorise(session, charge, provider.prepare ? id : undefined);
    expect(answered(repeated).id).toBe(id);
    const capture = { id, key: 'again-c', amount, final: true };
    answered(await provider.capture(session, capture));
    expect(answered(await provider.capture(session, capture)).standing).toBe('captured');
    const refund = { id, key: 'again-r', amount: { ...amount, minor: 1_000 } };
    const first = answered(await provider.refund(session, refund));
    expect(answered(await provider.refund(session, refund)).id).toBe(first.id);
    expect(books('again')).toMatchObject({
      captures: 1,
      captured: amount.minor,
      refunds: 1,
      refunded: 1_000,
    });
  });

  test('a lost reply is unknown, and the same key tells what became of it', async () => {
    const { session, open, books, fault } = at();
    const { charge, id } = await open('lost');
    fault('reply-lost');
    expect((await provider.authorise(session, charge, id)).kind).toBe('unknown');
    fault('reply-lost', false);
    expect(books('lost')).toMatchObject({ held: 1 });
    const held = answered(await provider.authorise(session, charge, id));
    expect(held.standing).toBe('held');

    const capture = { id: held.id, key: 'lost-c', amount, final: true };
    fault('reply-lost');
    expect((await provider.capture(session, capture)).kind).toBe('unknown');
    fault('reply-lost', false);
    expect(found(await provider.read(session, held.id)).standing).toBe('captured');
    answered(await provider.capture(session, capture));

    const refund = { id: held.id, key: 'lost-r', amount: { ...amount, minor: 700 } };
    fault('reply-lost');
    expect((await provider.refund(session, refund)).kind).toBe('unknown');
    fault('reply-lost', false);
    const known = answered(await provider.refund(session, refund));
    if (provider.findRefund)
      expect(found(await provider.findRefund(session, { paymentId: held.id, key: 'lost-r' })).id).toBe(
        known.id,
      );
    expect(books('lost')).toMatchObject({ captures: 1, captured: amount.minor, refunds: 1, refunded: 700 });
  });

  test('a payment whose reply was lost is found by its reference', async () => {
    const { session, open, books, fault, seek } = at();
    const { charge, id } = await open('sought');
    fault('reply-lost');
    await provider.authorise(session, charge, id);
    fault('reply-lost', false);
    const shown = found(await seek('sought'));
    expect(shown).toMatchObject({ standing: 'held', amount, reference: 'sought' });
    expect(books('sought').held).toBe(1);
  });

  test.skipIf(!provider.voidByKey)('a key whose reply was lost is ended by the key', async () => {
    const { session, open, books, fault } = at();
    const { charge, id } = await open('by-key');
    fault('reply-lost');
    await provider.authorise(session, charge, id);
    fault('reply-lost', false);
    expect((await provider.voidByKey?.(session, charge.key))?.kind).toBe('answered');
    expect(books('by-key')).toMatchObject({ held: 0, captures: 0 });
    // A key that was never seen is ended as well.
    expect((await provider.voidByKey?.(session, 'never-seen'))?.kind).toBe('answered');
  });

  test.skipIf(!provider.prepare)('what was prepared and ended never holds', async () => {
    const { session, open, books } = at();
    const { charge, id = '' } = await open('ended');
    const sent = await provider.void(session, { id, key: 'ended-v' });
    if (sent.kind !== 'answered') return;
    expect(sent.shown.standing).toBe('voided');
    const late = await provider.authorise(session, charge, id);
    expect(late.kind === 'answered' && late.shown.standing === 'held').toBe(false);
    expect(books('ended')).toMatchObject({ held: 0, captures: 0 });
  });

  const lateWrites = subject.faults?.lateWrites ?? 'late-writes';
  test.skipIf(subject.lateAfter === undefined)('what arrives late is there later', async () => {
    const { session, open, books, fault, running, seek } = at();
    const { charge, id } = await open('late');
    fault(lateWrites);
    expect((await provider.authorise(session, charge, id)).kind).toBe('unknown');
    fault(lateWrites, false);
    expect(books('late').held).toBe(0);
    running.sandbox.advance(subject.lateAfter ?? 0);
    const window = { from: PAYMENT_START - 60_000, to: PAYMENT_START + 3_600_000 };
    // The sandbox carries it out with the next call, and the list shows it after that.
    if (id !== undefined) expect(found(await provider.read(session, id)).standing).toBe('held');
    const shown = found(await seek('late', window));
    expect(shown.standing).toBe('held');
    expect(books('late').held).toBe(1);
    expect(provider.lateness).toBeGreaterThanOrEqual(subject.lateAfter ?? 0);
  });

  const errorAfter = subject.faults?.errorAfter ?? 'error-after';
  test('a 500 to a write is unknown, whatever was done', async () => {
    const { session, open, fault, books, seek } = at();
    const { charge, id } = await open('broken');
    fault(errorAfter);
    expect((await provider.authorise(session, charge, id)).kind).toBe('unknown');
    fault(errorAfter, false);
    expect(found(await seek('broken')).standing).toBe('held');
    expect(books('broken').held).toBe(1);
  });

  test('a 500 to a write that was not done is unknown too', async () => {
    const { session, open, fault, books, has } = at();
    if (!has('error-before')) return;
    const { charge, id } = await open('not-done');
    fault('error-before');
    expect((await provider.authorise(session, charge, id)).kind).toBe('unknown');
    expect(books('not-done')).toMatchObject({ held: 0, captures: 0 });
  });

  test.skipIf(!provider.prepare || subject.lateAfter === undefined)(
    'what arrives after the end of what was prepared holds nothing',
    async () => {
      const { session, open, books, fault, running } = at();
      const { charge, id = '' } = await open('too-late');
      fault(lateWrites);
      expect((await provider.authorise(session, charge, id)).kind).toBe('unknown');
      fault(lateWrites, false);
      const sent = await provider.void(session, { id, key: 'too-late-v' });
      if (sent.kind !== 'answered') return;
      running.sandbox.advance(subject.lateAfter ?? 0);
      expect(found(await provider.read(session, id)).standing).toBe('voided');
      expect(books('too-late')).toMatchObject({ held: 0, captures: 0 });
    },
  );

  test.skipIf(!provider.voidByKey || subject.lateAfter === undefined)(
    'what arrives after its key was ended is found after lateness, and ended then',
    async () => {
      const { session, open, books, fault, running, seek } = at();
      const { charge, id } = await open('key-late');
      fault(lateWrites);
      expect((await provider.authorise(session, charge, id)).kind).toBe('unknown');
      fault(lateWrites, false);
      // Whether a key that was not seen yet is remembered as ended is the provider's own affair.
      expect((await provider.voidByKey?.(session, charge.key))?.kind).toBe('answered');
      running.sandbox.advance(provider.lateness);
      const window = { from: PAYMENT_START - 60_000, to: PAYMENT_START + 3_600_000 };
      const look = await seek('key-late', window);
      if (look.kind === 'found') answered(await provider.void(session, { id: look.shown.id, key: 'kl-v' }));
      expect(books('key-late')).toMatchObject({ held: 0, captures: 0 });
    },
  );

  test('an answer that tells of another amount is no answer', async () => {
    const { session, open, books, fault, has, seek } = at();
    if (!has('wrong-answer')) return;
    const { charge, id } = await open('wrong-answer');
    fault('wrong-answer');
    expect((await provider.authorise(session, charge, id)).kind).toBe('unknown');
    fault('wrong-answer', false);
    // A provider that keeps its first answer under the key repeats the wrong one: only reading tells.
    const look = id === undefined ? await seek('wrong-answer') : await provider.read(session, id);
    const held = found(look);
    fault('wrong-answer');
    const capture = { id: held.id, key: 'wrong-answer-c', amount, final: true };
    expect((await provider.capture(session, capture)).kind).toBe('unknown');
    fault('wrong-answer', false);
    expect(found(await provider.read(session, held.id)).standing).toBe('captured');
    expect(books('wrong-answer')).toMatchObject({ captures: 1, captured: amount.minor });
  });
}

function describeRefusals(subject: PaymentSubject, at: () => Bench): void {
  const { provider, instruments } = subject;
  const amount = subject.amount ?? { minor: 5_000, currency: 'USD' };

  test.each([
    ['hard', true],
    ['soft', false],
  ] as const)('a %s decline is final for its key', async (name, hard) => {
    const { hold, books } = at();
    const { sent } = await hold(name, { instrument: instruments[name] });
    expect(sent).toMatchObject({ kind: 'declined', hard });
    if (sent.kind === 'declined') expect(sent.code).toMatch(/^[A-Za-z0-9_-]{2,80}$/);
    expect(books(name)).toMatchObject({ held: 0, captures: 0 });
  });

  test('an unknown instrument is refused for good, by its field', async () => {
    const { session, books, charge } = at();
    const asked = charge('unknown', { instrument: instruments.unknown });
    const sent = provider.prepare
      ? await provider.prepare(session, { ...asked, key: 'unknown-p' })
      : await provider.authorise(session, asked, undefined);
    const id = sent.kind === 'answered' ? sent.shown.id : undefined;
    const end = id === undefined ? sent : await provider.authorise(session, asked, id);
    expect(end).toMatchObject({ kind: 'refused', permanent: true });
    expect(books('unknown')).toMatchObject({ held: 0, captures: 0 });
  });

  test('a limit of calls is refused, and says how long to wait', async () => {
    const { session, open, fault, books } = at();
    const { charge, id } = await open('limited');
    fault('rate-limit-burst');
    const sent = await provider.authorise(session, charge, id);
    expect(sent.kind).toBe('refused');
    if (sent.kind === 'refused') {
      expect(sent.retryAfter).toBeGreaterThan(0);
      expect(sent.permanent).toBeUndefined();
    }
    expect(books('limited')).toMatchObject({ held: 0, captures: 0 });
  });

  test('an outage is unknown to a write, and a fault to a read', async () => {
    const { session, open, fault } = at();
    const { charge, id } = await open('outage');
    fault('outage');
    expect((await provider.authorise(session, charge, id)).kind).toBe('unknown');
    await expect(provider.read(session, id ?? 'any')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('where nobody listens nothing is sent', async () => {
    const { open, running } = at();
    const { charge, id } = await open('unsent');
    const secret = { ...running.secret, baseUrl: 'http://127.0.0.1:9' };
    const session = testSession({ account: `${subject.name}/main`, secret, now: () => PAYMENT_START });
    const sent = await provider.authorise(session, charge, id).catch((thrown: unknown) => thrown);
    // Where a token has to be fetched first, it is that call which cannot be made.
    if (sent instanceof Fault) expect(sent.kind).toBe('unavailable');
    else expect(sent).toMatchObject({ kind: 'unsent' });
  });

  test.each([
    [{ minor: 0, currency: 'USD' }],
    [{ minor: -1, currency: 'USD' }],
    [{ minor: 10.5, currency: 'USD' }],
    [{ minor: Number.NaN, currency: 'USD' }],
    [{ minor: 2 ** 53, currency: 'USD' }],
    [{ minor: 1_000, currency: 'XXX' }],
    [{ minor: 1_000, currency: 'usd' }],
    [{ minor: 1_000, currency: 'constructor' }],
  ])('an objection names what is wrong with %j, and such a charge is never sent', async (wrong) => {
    const { session, charge, books } = at();
    expect(provider.objection(wrong)).toMatch(/^.{5,200}$/);
    const asked = charge('wrong', { amount: wrong });
    const sent = provider.prepare
      ? await provider.prepare(session, asked)
      : await provider.authorise(session, asked, undefined);
    expect(sent).toMatchObject({
      kind: 'refused',
      field: expect.stringContaining('amount'),
      permanent: true,
    });
    expect(books('wrong')).toMatchObject({ held: 0, captures: 0 });
  });

  test('there is no objection to an ordinary amount', () => {
    expect(provider.objection(amount)).toBeUndefined();
  });
}

function describeRefunds(subject: PaymentSubject, at: () => Bench): void {
  const { provider } = subject;
  const amount = subject.amount ?? { minor: 5_000, currency: 'USD' };
  const captured = async (reference: string) => {
    const { session, hold } = at();
    const { id } = await hold(reference);
    answered(await provider.capture(session, { id, key: `${reference}-c`, amount, final: true }));
    return id;
  };

  test('no more is given back than was taken', async () => {
    const { session, books } = at();
    const id = await captured('much');
    const refund = (key: string, minor: number) =>
      provider.refund(session, { id, key, amount: { ...amount, minor } });
    expect((await refund('much-1', amount.minor + 1)).kind).toBe('refused');
    answered(await refund('much-2', amount.minor - 1_000));
    expect((await refund('much-3', 1_001)).kind).toBe('refused');
    answered(await refund('much-4', 1_000));
    expect((await refund('much-5', 1)).kind).toBe('refused');
    expect(books('much')).toMatchObject({ refunds: 2, refunded: amount.minor });
  });

  test('of a hold nothing is given back', async () => {
    const { session, hold, books } = at();
    const { id } = await hold('held-only');
    const sent = await provider.refund(session, { id, key: 'held-only-r', amount });
    expect(['refused', 'declined']).toContain(sent.kind);
    expect(books('held-only')).toMatchObject({ refunds: 0, refunded: 0 });
  });

  const refundsFail = subject.faults?.refundsFail ?? 'refunds-fail';
  test.skipIf(subject.refundsFailAfter === undefined)('a refund may fail later', async () => {
    const { session, books, fault, running } = at();
    const id = await captured('failing');
    fault(refundsFail);
    const refund = answered(await provider.refund(session, { id, key: 'failing-r', amount }));
    expect(refund.standing).not.toBe('failed');
    running.sandbox.advance(subject.refundsFailAfter ?? 0);
    expect(found(await provider.readRefund(session, refund.id)).standing).toBe('failed');
    expect(found(await provider.read(session, id)).refunded.minor).toBe(0);
    expect(books('failing')).toMatchObject({ refunds: 0, refunded: 0 });
  });

  test('a refund that is not there is absent', async () => {
    const { session } = at();
    expect(await provider.readRefund(session, 'no-such-refund')).toEqual({ kind: 'absent' });
  });
}

function describeSettlements(subject: PaymentSubject, at: () => Bench): void {
  const { provider } = subject;
  const amount = subject.amount ?? { minor: 5_000, currency: 'USD' };

  test('settlements tell every movement once, and net is gross without the fee', async () => {
    const { session, hold, running } = at();
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { id } = await hold(`settled-${n}`);
      answered(await provider.capture(session, { id, key: `settled-${n}-c`, amount, final: true }));
      ids.push(id);
    }
    const refund = answered(await provider.refund(session, { id: ids[0] ?? '', key: 'settled-r', amount }));
    running.sandbox.advance(subject.settlementLag ?? 0);
    const window = { from: PAYMENT_START - 3_600_000, to: PAYMENT_START + 3_600_000 };
    const items = [];
    let page: string | undefined;
    do {
      const got = await provider.settlements(session, { ...window, ...(page !== undefined && { page }) });
      items.push(...got.items);
      page = got.next;
    } while (page !== undefined);
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    for (const { gross, fee, net } of items) expect(net.minor).toBe(gross.minor - fee.minor);
    const charges = items.filter(({ kind }) => kind === 'charge');
    if (subject.settlesByReference)
      expect(charges.map(({ reference }) => reference).sort()).toEqual(ids.map((_, n) => `settled-${n}`));
    else expect(charges.map(({ about }) => about).sort()).toEqual(ids.toSorted());
    expect(charges.every(({ gross }) => gross.minor === amount.minor)).toBe(true);
    const given = items.filter(({ kind }) => kind === 'refund');
    expect(given).toMatchObject([
      { about: refund.id, gross: { minor: -amount.minor, currency: amount.currency } },
    ]);
  });
}

function describeDisputes(subject: PaymentSubject, at: () => Bench): void {
  const { provider, disputes } = subject;
  const amount = subject.amount ?? { minor: 5_000, currency: 'USD' };
  const read = (id: string) => {
    if (!provider.readDispute) throw new Error('it shows no disputes');
    return provider.readDispute(at().session, id);
  };

  test.skipIf(!disputes).each([
    ['won', true],
    ['lost', false],
  ] as const)('a dispute is shown with its payment until it is %s', async (standing, won) => {
    const { session, hold, running } = at();
    const { id } = await hold('disputed');
    answered(await provider.capture(session, { id, key: 'disputed-c', amount, final: true }));
    const dispute = disputes?.open(running, id) ?? '';
    const shown = found(await read(dispute));
    expect(shown).toMatchObject({ id: dispute, paymentId: id, amount, standing: 'needs-response' });
    expect(shown.reason).toMatch(/^[A-Za-z_]{3,80}$/);
    expect(shown.openedAt).toBe(PAYMENT_START);
    expect(shown.respondBy).toBeGreaterThan(PAYMENT_START);
    disputes?.close(running, dispute, won);
    expect(found(await read(dispute))).toMatchObject({ id: dispute, paymentId: id, standing });
  });

  test.skipIf(!disputes)('a dispute that is not there is absent', async () => {
    expect(await read('no-such-dispute')).toEqual({ kind: 'absent' });
  });
}

function describeWebhooks(subject: PaymentSubject, at: () => Bench): void {
  const { provider } = subject;
  const URL = 'https://intertie.example.test/webhooks/payments';
  /** The deliveries that a hold and its capture cause. */
  const deliveries = async (): Promise<{ id: string; requests: SandboxRequest[] }> => {
    const { running, hold, session } = at();
    const { sandbox } = running;
    sandbox.webhooks?.aim(URL);
    const { id, charge } = await hold('hooked');
    answered(await provider.capture(session, { id, key: 'hooked-c', amount: charge.amount, final: true }));
    const requests: SandboxRequest[] = [];
    await sandbox.webhooks?.deliver(async (request) => {
      requests.push(request);
      return 200;
    });
    return { id, requests };
  };
  const tell = (
    { url, headers, body }: SandboxRequest,
    more: { body?: string; late?: number; headers?: Record<string, string> } = {},
  ): Promise<ProviderVerdict> =>
    provider.webhook(at().session, {
      method: 'POST',
      url,
      headers: more.headers ?? headers,
      body: new TextEncoder().encode(more.body ?? body),
      receivedAt: PAYMENT_START + (more.late ?? 0),
    });

  test('its own deliveries are accepted, again too, and say which payment to look at', async () => {
    const { id, requests } = await deliveries();
    expect(requests.length).toBeGreaterThan(0);
    const verdicts = [];
    for (const request of [...requests, ...requests]) verdicts.push(await tell(request));
    expect(verdicts.every(({ kind }) => kind === 'accepted')).toBe(true);
    const hints = verdicts.flatMap((verdict) => (verdict.kind === 'accepted' ? verdict.hints : []));
    expect(hints).toContainEqual(expect.objectContaining({ about: 'payment', id }));
  });

  test('a changed body, no signature and another sender are forged', async () => {
    const { requests } = await deliveries();
    const [request] = requests;
    if (!request) throw new Error('nothing was delivered');
    expect(await tell(request, { body: `${request.body} ` })).toMatchObject({ kind: 'forged' });
    expect(await tell(request, { headers: { 'content-type': 'application/json' } })).toMatchObject({
      kind: 'forged',
    });
    const other = await subject.start(() => PAYMENT_START);
    try {
      const session = testSession({
        account: `${subject.name}/main`,
        secret: other.secret,
        now: () => PAYMENT_START,
      });
      const body = new TextEncoder().encode(request.body);
      const foreign = { ...request, body, receivedAt: PAYMENT_START };
      // The same seed would be the same account: subjects draw a seed of their own for each start.
      expect(await provider.webhook(session, foreign)).toMatchObject({ kind: 'forged' });
    } finally {
      await other.stop();
    }
  });

  test.skipIf(!subject.webhookTimed)('a delivery from long ago or from the future is forged', async () => {
    const { requests } = await deliveries();
    const [request] = requests;
    if (!request) throw new Error('nothing was delivered');
    const stale = subject.webhookStale ?? 3_600_000;
    expect(await tell(request, { late: stale })).toMatchObject({ kind: 'forged' });
    expect(await tell(request, { late: -stale })).toMatchObject({ kind: 'forged' });
  });
}
