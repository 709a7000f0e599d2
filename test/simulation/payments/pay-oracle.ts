import type { Payment } from '../../../functions/payments/payment.ts';
import { paymentOf } from './pay-books.ts';
import type { PayProvider } from './pay-provider.ts';
import type { PayWorld } from './pay-world.ts';

const MINUTE = 60_000;
/** A hold of a payment that is over may stand so long once faults have ended. */
const HOLD_LIFE = 15 * MINUTE;

/** Judges by the providers' own books and by what is stored. */
export class PayOracle {
  readonly #world: PayWorld;
  readonly #providers: readonly PayProvider[];
  readonly #latest = new Map<string, Payment>();
  readonly #announced = new Set<string>();
  readonly #settledAt = new Map<string, number>();

  constructor(world: PayWorld, providers: readonly PayProvider[]) {
    this.#world = world;
    this.#providers = providers;
    for (const { books } of providers) {
      books.onCapture = (payment) => this.#charged(payment);
      books.onArrival = (key) => this.#arrived(key);
    }
  }

  payments(): Payment[] {
    return [...this.#latest.values()];
  }

  payment(id: string): Payment | undefined {
    return this.#latest.get(id);
  }

  #kept(id: string) {
    return this.#providers
      .flatMap(({ books }) => [...books.kept.values()])
      .filter((each) => paymentOf(each) === id);
  }

  /** What was called quiet is quiet; clocks of workers may be wrong by the skew. */
  #arrived(key: string): void {
    for (const payment of this.payments()) {
      const sent = payment.operations.find((each) => each.key === key && each.kind !== 'void');
      if (sent?.quietAt !== undefined && this.#world.now > sent.quietAt + this.#world.weights.skew)
        this.#world.violated('nothing arrives when all is quiet', `${payment.id}: ${sent.kind} ${sent.seq}`);
    }
  }

  #charged(id: string): void {
    const charges = this.#kept(id).filter((each) => each.captured > 0);
    if (charges.length > 1)
      this.#world.violated(
        'one payment is charged once',
        `${id}: ${charges.map((each) => each.id).join(', ')}`,
      );
    const ended = this.payment(id)?.ended;
    if (ended) this.#world.violated('nothing is charged after the end', `${id} was ${ended.as}`);
    this.#world.tally('charges');
  }

  /** An event's errand is on the queue; it can only be delivered if it is stored. */
  announced(event: string): void {
    this.#announced.add(event);
    this.#world.tally('events announced');
    const [id = '', version] = event.split('.');
    if (!this.payment(id)?.events.some((each) => String(each.version) === version))
      this.#world.violated('what is announced is stored', event);
  }

  /** Without gaps, each announced, and the last one about the payment says where it came to. */
  #checkEvents({ id, events }: Payment, status: string): void {
    const missing = events.filter(
      ({ version }, index) => version !== index + 1 || !this.#announced.has(`${id}.${version}`),
    );
    if (missing.length > 0)
      this.#world.violated('every event is announced', `${id}: ${missing.map((each) => each.version)}`);
    const last = events.findLast(({ type }) => type.startsWith('payment.'))?.type ?? 'payment.rejected';
    if (last !== `payment.${status}`)
      this.#world.violated('events tell how it ended', `${id} is ${status}, told ${last}`);
  }

  /** Every write of a payment is checked against the one before. */
  wrote(before: unknown, after: unknown): void {
    const [old, now] = [before as Payment | undefined, after as Payment];
    this.#latest.set(now.id, now);
    const { violated } = {
      violated: (rule: string, text: string) => this.#world.violated(rule, `${now.id}: ${text}`),
    };
    for (const line of now.timeline.slice(old?.timeline.length ?? 0))
      this.#world.tell(
        now.id,
        () => `${line.by}: ${line.what}${line.why === undefined ? '' : ` (${line.why})`}`,
      );
    const { captured, reserved } = this.#world.code.view.amountsOf(now);
    if (reserved > captured)
      violated('refunds stay within what was captured', `${reserved} of ${captured} reserved`);
    if (captured > now.amount) violated('captures stay within the amount', `${captured} of ${now.amount}`);
    if (now.operations.some(({ kind, state }) => kind === 'prepare' && state === 'unknown'))
      violated('a lost prepare frees its payment', 'it is kept waiting for an object that moves no money');
    if (!old) return;
    if (now.version !== old.version + 1) violated('versions rise by one', `${old.version} to ${now.version}`);
    if (
      old.events.some(({ type }, index) => now.events[index]?.type !== type) ||
      now.announced < old.announced
    )
      violated('events are only added', `${now.events.length}`);
    if (now.timeline.length < old.timeline.length)
      violated('the timeline only grows', `${now.timeline.length}`);
    for (const operation of old.operations) {
      const later = now.operations.find(({ seq }) => seq === operation.seq);
      if (!later) violated('operations are only added', `${operation.seq} is gone`);
      else if (operation.state === 'succeeded' && later.state !== 'succeeded')
        violated('no state leaves succeeded', `${operation.kind} ${operation.seq} is ${later.state}`);
      else if (
        operation.state === 'unknown' &&
        ['not-executed', 'retired'].includes(later.state) &&
        !later.proof
      )
        violated('unknown ends only by proof', `${operation.kind} ${operation.seq}`);
    }
    const status = this.#world.code.status.statusOf(now);
    if (this.#world.code.status.isSettled(status) && !this.#settledAt.has(now.id))
      this.#settledAt.set(now.id, this.#world.now);
  }

  /** Nothing is left to do: settled, or waiting for its merchant. */
  isAtRest(payment: Payment): boolean {
    const status = this.#world.code.status.statusOf(payment);
    if (status === 'authorised') return true;
    const refunds = payment.operations.filter(
      ({ kind, state }) => kind === 'refund' && isPendingState(state),
    );
    return this.#world.code.status.isSettled(status) && refunds.length === 0 && !payment.draft;
  }

  checkHolds(): void {
    const { now, calmAt } = this.#world;
    for (const payment of this.payments()) {
      const since = Math.max(calmAt, this.#settledAt.get(payment.id) ?? Number.POSITIVE_INFINITY);
      for (const { standing, heldAt, id } of this.#kept(payment.id))
        if (
          standing === 'held' &&
          now - Math.max(since, heldAt ?? 0) > HOLD_LIFE + 75 * MINUTE * (heldAt && heldAt > since ? 1 : 0)
        )
          this.#world.violated(
            'no hold is kept',
            `${payment.id}: ${id} since ${Math.round((now - since) / MINUTE)} minutes`,
          );
    }
  }

  /** A payment is over so long after the last fault, or after the last moment at which it might have been tried. */
  checkEnds(within: number): void {
    const { statusOf, isSettled } = this.#world.code.status;
    for (const payment of this.payments()) {
      const limit = Math.max(this.#world.calmAt, payment.processBefore) + within;
      const status = statusOf(payment);
      if (this.#world.now > limit && !isSettled(status) && status !== 'authorised')
        this.#world.violated('everything ends', `${payment.id} is still ${status}`);
    }
  }

  checkAtEnd(): void {
    const { statusOf } = this.#world.code.status;
    for (const payment of this.payments()) {
      const status = statusOf(payment);
      this.#world.tally(`ended ${status}`);
      this.#world.tally('attempts', payment.attempts.length);
      this.#checkMoney(payment, status);
      this.#checkEvents(payment, status);
      if (!this.isAtRest(payment))
        this.#world.violated(
          'everything ends',
          `${payment.id} is ${status}: ${payment.operations.map((each) => `${each.attempt}.${each.seq} ${each.kind} ${each.state}`).join(', ')}`,
        );
      if (status === 'declined' && !this.#providers.some(({ books }) => books.declines.has(payment.id)))
        this.#world.violated('declined needs a decline', payment.id);
    }
    this.#checkReferences();
  }

  #checkMoney(payment: Payment, status: string): void {
    const kept = this.#kept(payment.id);
    const charges = kept.filter((each) => each.captured > 0);
    const expected = status === 'captured' ? 1 : 0;
    if (charges.length !== expected)
      this.#world.violated(
        'the books agree',
        `${payment.id} is ${status} and was charged ${charges.length} times`,
      );
    const amounts = this.#world.code.view.amountsOf(payment);
    const total = charges.reduce((sum, each) => sum + each.captured, 0);
    if (total !== amounts.captured)
      this.#world.violated(
        'the books agree',
        `${payment.id}: captured ${amounts.captured}, at the provider ${total}`,
      );
    const refunded = kept.flatMap(({ refunds }) => refunds).filter((each) => each.standing === 'succeeded');
    const given = refunded.reduce((sum, each) => sum + each.amount, 0);
    if (given > amounts.refunded)
      this.#world.violated(
        'the books agree',
        `${payment.id}: refunded ${amounts.refunded}, at the provider ${given}`,
      );
    const wanted = status === 'authorised' ? 1 : 0;
    const holds = kept.filter((each) => each.standing === 'held');
    if (holds.length !== wanted)
      this.#world.violated(
        'no hold is left',
        `${payment.id} is ${status}: ${holds.map((each) => each.id).join(', ')}`,
      );
  }

  #checkReferences(): void {
    const owners = new Map<string, string>();
    for (const { id, merchant, reference, ended } of this.payments()) {
      if (ended) continue;
      const name = `${merchant} ${reference}`;
      const owner = owners.get(name);
      if (owner !== undefined)
        this.#world.violated('a reference has one payment', `${name}: ${owner} and ${id}`);
      owners.set(name, id);
    }
  }
}

function isPendingState(state: string): boolean {
  return ['created', 'sent', 'unknown', 'pending', 'needs-payer', 'needs-review'].includes(state);
}
