import { advance, type Hub, type Work } from '../../../functions/payments/advance.ts';
import { CircuitBoard } from '../../../functions/payments/circuit-board.ts';
import type { Payment } from '../../../functions/payments/payment.ts';
import { type NewPayment, newPayment } from '../../../functions/payments/start.ts';
import type { PaymentProvider, Sent, Shown, Standing } from '../../../shared/connectors/payment-provider.ts';
import { testSession } from '../../connectors/session.ts';
import { memoryDocuments } from '../../support/memory/documents.ts';
import { emptyState } from '../../support/memory/state.ts';

export const START = 1_700_000_000_000;
const HOUR = 3_600_000;

const request: NewPayment = {
  id: 'pay_1',
  merchant: 'club',
  reference: 'order-1',
  amount: 1_999,
  currency: 'EUR',
  capture: 'automatic',
  instruments: { first: { token: 'tok_first' }, second: { token: 'tok_second' } },
  routing: { order: ['first', 'second'], failover: 'proof', softDecline: 'stop' },
  processBefore: START + 24 * HOUR,
};

export function draftOf(change: Partial<NewPayment> = {}): Payment {
  return newPayment({ ...request, ...change }, START);
}

type Answers = Partial<
  Record<'prepare' | 'authorise' | 'capture' | 'void' | 'refund', readonly ('ok' | Sent<never>)[]>
>;

/** A two-step provider that keeps its objects, and answers as it is told; `lost` = it acted, and nobody heard. */
export class FakeProvider implements PaymentProvider {
  readonly vendor: string;
  readonly title: string;
  readonly account;
  readonly opens = 'two-step' as const;
  readonly lateness = 10_000;
  readonly keyLife = 24 * HOUR;
  readonly calls: string[] = [];
  readonly kept = new Map<
    string,
    { standing: Standing; reference: string; captured: number; refunded: number }
  >();
  readonly #answers: Answers;

  constructor(vendor: string, answers: Answers = {}) {
    this.vendor = vendor;
    this.title = vendor;
    this.account = { vendor, name: 'main', limits: () => ({}) };
    this.#answers = answers;
  }

  objection(): undefined {
    return undefined;
  }

  async prepare(_: unknown, charge: { reference: string }): Promise<Sent<Shown>> {
    const id = `${this.vendor}_${this.kept.size + 1}`;
    this.kept.set(id, { standing: 'prepared', reference: charge.reference, captured: 0, refunded: 0 });
    return this.#answer('prepare', id);
  }

  async authorise(_: unknown, __: unknown, id: string | undefined): Promise<Sent<Shown>> {
    return this.#answer('authorise', id ?? '', 'held');
  }

  async capture(_: unknown, of: { id: string; amount: { minor: number } }): Promise<Sent<Shown>> {
    const kept = this.kept.get(of.id);
    if (kept) kept.captured = of.amount.minor;
    return this.#answer('capture', of.id, 'captured');
  }

  async void(_: unknown, of: { id: string }): Promise<Sent<Shown>> {
    return this.#answer('void', of.id, 'voided');
  }

  async refund(_: unknown, of: { id: string; amount: { minor: number; currency: string } }) {
    this.calls.push('refund');
    const kept = this.kept.get(of.id);
    if (kept) kept.refunded += of.amount.minor;
    const shown = { id: 're', paymentId: of.id, standing: 'succeeded' as const, amount: of.amount };
    return { kind: 'answered' as const, shown };
  }

  async read(_: unknown, id: string) {
    this.calls.push('read');
    return { kind: 'found' as const, shown: this.#shown(id) };
  }

  async find() {
    return { kind: 'absent' as const };
  }

  readRefund(): Promise<never> {
    throw new Error('not asked for');
  }

  settlements(): Promise<never> {
    throw new Error('not asked for');
  }

  webhook(): Promise<never> {
    throw new Error('not asked for');
  }

  #answer(call: keyof Answers, id: string, standing?: Standing): Sent<Shown> {
    const told = this.#answers[call]?.[this.calls.filter((each) => each === call).length] ?? 'ok';
    this.calls.push(call);
    const kept = this.kept.get(id);
    const acts = told === 'ok' || (told.kind === 'unknown' && told.message === 'lost');
    if (kept && standing && acts) kept.standing = standing;
    return told === 'ok' ? { kind: 'answered', shown: this.#shown(id) } : told;
  }

  #shown(id: string): Shown {
    const kept = this.kept.get(id);
    if (!kept) throw new Error(`no ${id}`);
    const eur = (minor: number) => ({ minor, currency: 'EUR' });
    const { standing, reference } = kept;
    return {
      id,
      standing,
      reference,
      amount: eur(1_999),
      captured: eur(kept.captured),
      refunded: eur(kept.refunded),
    };
  }
}

/** A hub on memory, whose clock is moved by hand; `advance` runs until nothing is due within the given time. */
export function testHub(...providers: FakeProvider[]) {
  const clock = { at: START };
  const documents = memoryDocuments(emptyState());
  let tokens = 0;
  const sleep = async (ms: number) => {
    clock.at += ms;
  };
  const token = () => {
    tokens += 1;
    return `token${tokens}`;
  };
  const ports = {
    documents,
    clock: { now: () => clock.at, sleep },
    random: { next: () => 0.5, token },
  };
  const wakes: number[] = [];
  const announced: string[] = [];
  const hub: Hub = {
    ports,
    providers: new Map(providers.map((each) => [each.vendor, each])),
    circuits: new CircuitBoard(ports),
    session: () => testSession({ account: 'fake/main', secret: {} }),
    wake: async (_, at) => void wakes.push(at),
    announce: async (event) => void announced.push(event),
  };
  const run = (work: Partial<Work> = {}) => advance(hub, 'pay_1', { deadline: clock.at + 20_000, ...work });
  /** Comes back whenever the hub asked for it. */
  async function runFor(ms: number): Promise<Payment | undefined> {
    const end = clock.at + ms;
    let payment = await run();
    for (
      let next = Math.min(...wakes.filter((at) => at > clock.at));
      next <= end;
      next = Math.min(...wakes.filter((at) => at > clock.at))
    ) {
      clock.at = next;
      payment = await run({ due: next });
    }
    clock.at = Math.max(clock.at, end);
    return payment;
  }
  const begin = (payment: Payment) => documents.put('payment/pay_1', payment, undefined);
  return { hub, clock, documents, run, runFor, begin, wakes, announced };
}
