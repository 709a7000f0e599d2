import type {
  Amount,
  Charge,
  Look,
  PaymentProvider,
  Sent,
  Shown,
  ShownRefund,
} from '../../../shared/connectors/payment-provider.ts';
import { Fault } from '../../../shared/engine/fault.ts';
import type { Session } from '../../../shared/engine/session.ts';
import { type Kept, type KeptRefund, PayBooks } from './pay-books.ts';
import { type Answer, exchange, type Failure, type Outcome } from './pay-network.ts';
import type { PayWorld } from './pay-world.ts';

const HOUR = 3_600_000;

/** How one provider differs from the others, as its documentation has it. */
export interface Habits {
  vendor: string;
  opens: 'two-step' | 'one-step';
  /** The first answer under a key is given again, a 500 too; otherwise the newest state is shown. */
  storesAnswers: boolean;
  /** A decline is kept under its key; otherwise the request is carried out again. */
  storesDeclines: boolean;
  /** An object without a hold can be ended for good. */
  endsPrepared: boolean;
  endsByKey: boolean;
  asksPayer: boolean;
  keyLife: number;
}

export const STRIPE: Habits = {
  vendor: 'stripe',
  opens: 'two-step',
  storesAnswers: true,
  storesDeclines: true,
  endsPrepared: true,
  endsByKey: false,
  asksPayer: true,
  keyLife: 24 * HOUR,
};
export const PAYPAL: Habits = {
  vendor: 'paypal',
  opens: 'two-step',
  storesAnswers: false,
  storesDeclines: false,
  endsPrepared: false,
  endsByKey: false,
  asksPayer: false,
  keyLife: 6 * HOUR,
};
export const SQUARE: Habits = {
  vendor: 'square',
  opens: 'one-step',
  storesAnswers: true,
  storesDeclines: true,
  endsPrepared: false,
  endsByKey: true,
  asksPayer: false,
  keyLife: 24 * HOUR,
};

type Taken = Answer<Shown>;

/** A payment provider that speaks the hub's interface directly: its states, its keys, its faults. */
export class PayProvider implements PaymentProvider {
  readonly vendor: string;
  readonly title: string;
  readonly account;
  readonly opens;
  readonly lateness: number;
  readonly keyLife: number;
  readonly books: PayBooks;
  readonly voidByKey?: (session: Session, key: string) => Promise<Sent<undefined>>;
  awayUntil = 0;
  refuses = false;
  readonly #world: PayWorld;
  readonly #habits: Habits;
  readonly #keys = new Map<string, { at: number; answer: Answer<unknown> }>();

  constructor(world: PayWorld, habits: Habits) {
    this.#world = world;
    this.#habits = habits;
    this.vendor = habits.vendor;
    this.title = habits.vendor;
    this.account = { vendor: habits.vendor, name: 'main', limits: () => ({}) };
    this.opens = habits.opens;
    this.lateness = world.weights.lateness;
    this.keyLife = habits.keyLife;
    this.books = new PayBooks(world, habits.vendor);
    if (habits.endsByKey) this.voidByKey = (session, key) => this.#voidByKey(session, key);
  }

  objection(): string | undefined {
    return undefined;
  }

  async prepare(session: Session, charge: Charge): Promise<Sent<Shown>> {
    const run = () => shown(this.books.make(charge.key, charge.reference, charge.amount.minor));
    return sentOf(await this.#write(session, charge.key, () => ok(run())));
  }

  async authorise(session: Session, charge: Charge, id: string | undefined): Promise<Sent<Shown>> {
    return this.#open(session, charge, id, 'hold');
  }

  async charge(session: Session, charge: Charge, id: string | undefined): Promise<Sent<Shown>> {
    return this.#open(session, charge, id, 'charge');
  }

  async capture(session: Session, of: { id: string; key: string; amount: Amount }): Promise<Sent<Shown>> {
    const run = (): Taken => {
      const kept = this.#kept(of.id);
      if (kept.standing === 'held') this.books.capture(kept, of.amount.minor);
      const known = kept.standing === 'captured' || kept.standing === 'voided';
      return known ? ok(shown(kept)) : { status: 400, code: `not_capturable_${kept.standing}` };
    };
    return sentOf(await this.#write(session, of.key, run));
  }

  async void(session: Session, of: { id: string }): Promise<Sent<Shown>> {
    return sentOf(await this.#write(session, undefined, () => this.#end(this.#kept(of.id))));
  }

  async refund(
    session: Session,
    of: { id: string; key: string; amount: Amount },
  ): Promise<Sent<ShownRefund>> {
    const run = (): Answer<ShownRefund> => {
      const kept = this.#kept(of.id);
      const refunded = kept.refunds.filter((each) => each.standing !== 'failed');
      const total = refunded.reduce((sum, each) => sum + each.amount, of.amount.minor);
      if (kept.standing !== 'captured' || total > kept.captured) {
        this.#world.violated(
          'refunds stay within what was captured',
          `${kept.reference}: ${total} of ${kept.captured} asked`,
        );
        return { status: 400, code: 'refund_amount' };
      }
      const refund: KeptRefund = {
        id: `${kept.id}r${kept.refunds.length}`,
        key: of.key,
        amount: of.amount.minor,
        standing: 'succeeded',
      };
      kept.refunds.push(refund);
      this.#world.tell(this.vendor, () => `${kept.reference} refund ${refund.id} of ${refund.amount}`);
      this.#unsettle(kept, refund);
      return ok(shownRefund(kept, refund));
    };
    return sentOf(await this.#write(session, of.key, run));
  }

  async read(session: Session, id: string): Promise<Look<Shown>> {
    return this.#look(session, () => this.books.kept.get(id), shown);
  }

  async readRefund(session: Session, id: string): Promise<Look<ShownRefund>> {
    return this.#lookRefund(session, (refund) => refund.id === id);
  }

  async findRefund(
    session: Session,
    { key }: { paymentId: string; key: string },
  ): Promise<Look<ShownRefund>> {
    return this.#lookRefund(session, (refund) => refund.key === key);
  }

  async find(session: Session, { reference }: { reference: string }): Promise<Look<Shown>> {
    const first = () => [...this.books.kept.values()].find((each) => each.reference === reference);
    return this.#look(session, first, shown);
  }

  settlements(): Promise<never> {
    throw new Error('the model settles nothing');
  }

  webhook(): Promise<never> {
    throw new Error('the model rings directly');
  }

  async #open(
    session: Session,
    charge: Charge,
    id: string | undefined,
    how: 'hold' | 'charge',
  ): Promise<Sent<Shown>> {
    const { storesDeclines, asksPayer } = this.#habits;
    const run = (): Taken => {
      const kept =
        id === undefined
          ? this.books.make(charge.key, charge.reference, charge.amount.minor)
          : this.#kept(id);
      const before = kept.standing;
      if (before !== 'prepared' && before !== 'declined') return ok(shown(kept));
      delete kept.decline;
      this.books.decide(kept, how, { needsPayer: asksPayer, terminalDecline: storesDeclines });
      const { decline } = kept as Kept;
      return decline ? { status: 402, ...decline } : ok(shown(kept));
    };
    return sentOf(await this.#write(session, charge.key, run));
  }

  #end(kept: Kept): Taken {
    const { standing } = kept;
    if (standing === 'voided') return ok(shown(kept));
    const hasHold = standing === 'held' || (standing === 'pending' && this.#habits.vendor !== 'paypal');
    const canEnd = hasHold || (this.#habits.endsPrepared && standing !== 'captured');
    if (!canEnd) return { status: 400, code: `cannot_void_${standing}` };
    this.books.change(kept, 'voided');
    return ok(shown(kept));
  }

  async #voidByKey(session: Session, key: string): Promise<Sent<undefined>> {
    const run = (): Answer<undefined> => {
      const kept = [...this.books.kept.values()].find((each) => each.key === key);
      if (kept && (kept.standing === 'held' || kept.standing === 'pending'))
        this.books.change(kept, 'voided');
      return { status: 200, body: undefined };
    };
    return sentOf(await this.#write(session, undefined, run));
  }

  /** A refund may take its time, fail at the end, or come back. */
  #unsettle(kept: Kept, refund: KeptRefund): void {
    const { dice, weights } = this.#world;
    if (!dice.chance(weights.slowRefunds)) return;
    const comesBack = dice.chance(0.2);
    if (!comesBack) refund.standing = 'pending';
    this.#world.after(dice.between(60_000, 2 * HOUR), () => {
      refund.standing = comesBack || dice.chance(0.2) ? 'failed' : 'succeeded';
      this.#world.tell(this.vendor, () => `refund ${refund.id} ${refund.standing}`);
      this.books.onChange(kept.reference.split('.')[0] ?? '');
    });
  }

  #kept(id: string): Kept {
    const kept = this.books.kept.get(id);
    if (!kept) throw new Error(`${this.vendor} has no ${id}`);
    return kept;
  }

  /** One writing call: what its key remembers, or the act. */
  #write<T>(session: Session, key: string | undefined, run: () => Answer<T>): Promise<Outcome<T>> {
    const { storesAnswers, storesDeclines } = this.#habits;
    const act = (failure: Failure): Answer<T> => {
      if (key !== undefined) this.books.onArrival(key);
      const stored = key === undefined ? undefined : this.#keys.get(key);
      if (stored && stored.at + this.keyLife > this.#world.now) return this.#replay(stored.answer);
      const given: Answer<T> = failure === 'before' ? broken : run();
      const answer: Answer<T> = failure === undefined ? given : broken;
      // What is stored is the answer as it was; where it is not, the newest state is shown for an id.
      const kept = storesAnswers ? answer : given;
      const isDecline = kept.status === 402;
      if (
        key !== undefined &&
        kept.status !== 400 &&
        (storesAnswers || kept !== broken) &&
        (!isDecline || storesDeclines)
      )
        this.#keys.set(key, { at: this.#world.now, answer: kept });
      return answer;
    };
    return exchange(session, { awayUntil: this.awayUntil, refuses: this.refuses, writes: true, act });
  }

  #replay<T>(answer: Answer<unknown>): Answer<T> {
    this.#world.tally('replayed keys');
    if (this.#habits.storesAnswers || answer.status !== 200) return answer as Answer<T>;
    const body = answer.body as Shown | ShownRefund;
    if ('paymentId' in body) {
      const kept = this.#kept(body.paymentId);
      const refund = kept.refunds.find((each) => each.id === body.id);
      return ok((refund ? shownRefund(kept, refund) : body) as T);
    }
    return ok(shown(this.#kept(body.id)) as T);
  }

  #lookRefund(session: Session, is: (refund: KeptRefund) => boolean): Promise<Look<ShownRefund>> {
    const find = () =>
      [...this.books.kept.values()]
        .flatMap((kept) => kept.refunds.map((refund) => ({ kept, refund })))
        .find(({ refund }) => is(refund));
    return this.#look(session, find, ({ kept, refund }) => shownRefund(kept, refund));
  }

  async #look<K, T>(session: Session, find: () => K | undefined, show: (kept: K) => T): Promise<Look<T>> {
    const outcome = await exchange<Look<T>>(session, {
      awayUntil: this.awayUntil,
      refuses: this.refuses,
      writes: false,
      act: (failure) => {
        const kept = find();
        if (failure) return { status: 500, code: 'server_error' };
        return {
          status: 200,
          body: kept === undefined ? { kind: 'absent' } : { kind: 'found', shown: show(kept) },
        };
      },
    });
    if (outcome.kind === 'reply' && outcome.answer.status === 200) return outcome.answer.body;
    throw new Fault('unavailable', { vendor: this.vendor, operation: 'read', message: 'not reachable' });
  }
}

const broken = { status: 500, code: 'server_error' } as const;

function ok<T>(body: T): Answer<T> {
  return { status: 200, body };
}

function shown({ id, standing, amount, captured, refunds, reference, decline }: Kept): Shown {
  const refunded = refunds
    .filter((each) => each.standing !== 'failed')
    .reduce((sum, each) => sum + each.amount, 0);
  const eur = (minor: number) => ({ minor, currency: 'EUR' });
  return {
    id,
    standing,
    amount: eur(amount),
    captured: eur(captured),
    refunded: eur(refunded),
    reference,
    ...(decline && { decline }),
    ...(standing === 'needs-payer' && { nextAction: { type: 'redirect', url: 'https://bank.example/step' } }),
  };
}

function shownRefund(kept: Kept, { id, standing, amount }: KeptRefund): ShownRefund {
  return { id, paymentId: kept.id, standing, amount: { minor: amount, currency: 'EUR' } };
}

function sentOf<T>(outcome: Outcome<T>): Sent<T> {
  if (outcome.kind === 'unsent') return { kind: 'unsent', message: 'no connection' };
  if (outcome.kind === 'lost') return { kind: 'unknown', message: 'no answer' };
  const { answer } = outcome;
  if (answer.status === 200) return { kind: 'answered', shown: answer.body };
  const { code, status } = answer;
  if (status === 402) return { kind: 'declined', code, hard: answer.hard ?? false };
  if (status === 429) return { kind: 'refused', code, message: code, retryAfter: 1_000 };
  if (status === 400) return { kind: 'refused', code, message: code, permanent: true };
  return { kind: 'unknown', message: code };
}
