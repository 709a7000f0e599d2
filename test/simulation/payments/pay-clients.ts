import type { Hub } from '../../../functions/payments/advance.ts';
import type { Asked } from '../../../functions/payments/ask.ts';
import type { Payment, Routing } from '../../../functions/payments/payment.ts';
import type { PayHost } from './pay-host.ts';
import type { PayWorld } from './pay-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** An API worker is dead by then, so that a message that comes later finds whatever it wrote. */
const TIMEOUT = MINUTE;
const RESCUE = TIMEOUT + 15_000;

/** Shops: they ask for payments, come back when nobody answers, capture, void and refund. */
export class PayClients {
  readonly #world: PayWorld;
  readonly #host: PayHost;
  readonly #vendors: readonly string[];
  #ids = 0;
  /** Requests that are still to be made or repeated. */
  busy = 0;

  constructor(world: PayWorld, host: PayHost, vendors: readonly string[]) {
    this.#world = world;
    this.#host = host;
    this.#vendors = vendors;
  }

  plan(): void {
    const { world } = { world: this.#world };
    for (let n = 1; n <= world.weights.payments; n += 1) {
      this.busy += 1;
      world.after(world.dice.between(0, world.weights.chaos * 0.7), () => {
        void this.#pay(`order-${n}`);
        world.scheduler.woke();
      });
    }
  }

  async #pay(reference: string): Promise<void> {
    const { dice, weights } = this.#world;
    const order = dice.some(this.#vendors, dice.between(1, 3));
    const oneStep = dice.chance(weights.oneStep);
    const routing: Routing = {
      order,
      failover: weights.policy,
      softDecline: dice.chance(0.5) ? 'next' : 'stop',
    };
    const request = {
      merchant: 'club',
      reference,
      amount: dice.between(1, 9_999),
      currency: 'EUR',
      capture: dice.chance(weights.manual) ? ('manual' as const) : ('automatic' as const),
      instruments: Object.fromEntries(order.map((vendor) => [vendor, { token: `card_${vendor}`, oneStep }])),
      routing,
      processBefore: this.#world.now + dice.pick([15 * MINUTE, HOUR, 24 * HOUR, 48 * HOUR]),
    };
    // Both tabs of an impatient payer: two keys, one reference.
    const doubled = dice.chance(0.1);
    await Promise.all([
      this.#request('key-a', request),
      ...(doubled ? [this.#request('key-b', request)] : []),
    ]);
    this.busy -= 1;
  }

  /** One request with one key, repeated until there is an answer. */
  async #request(
    key: string,
    request: Omit<Parameters<PayWorld['code']['start']['newPayment']>[0], 'id'>,
  ): Promise<void> {
    const { code, dice } = this.#world;
    for (let round = 0; round < 40; round += 1) {
      this.#ids += 1;
      const id = `pay_${this.#ids}`;
      const answer = await this.#host.run(
        'api',
        async (hub) => {
          const now = hub.ports.clock.now();
          const payment = code.start.newPayment({ ...request, id }, now);
          this.#host.send(id, RESCUE);
          const accepted = await code.accept.accept(hub.ports.documents, {
            payment,
            key: `${request.reference}/${key}`,
            body: 'body',
            now,
            busyUntil: now + 15_000,
            token: () => hub.ports.random.token(),
          });
          if (accepted.kind === 'created' || accepted.kind === 'replayed') {
            this.#host.send(accepted.id, RESCUE);
            const done = await code.advance.advance(hub, accepted.id, { deadline: now + 10_000 });
            await code.accept.releaseKey(hub.ports.documents, {
              key: `${request.reference}/${key}`,
              payment,
            });
            return { kind: accepted.kind, id: done?.id };
          }
          return accepted;
        },
        TIMEOUT,
      );
      if (answer?.kind === 'key-reused') this.#world.violated('a key stays with its request', key);
      if (answer && answer.kind !== 'busy') {
        if ('id' in answer && answer.id !== undefined && answer.kind !== 'reference-exists')
          this.#follow(answer.id, request.capture);
        return;
      }
      await this.#pause(dice.between(1_000, 120_000));
    }
  }

  #follow(id: string, capture: Payment['capture']): void {
    const { dice, weights, code } = this.#world;
    const soon = () => dice.between(10_000, weights.chaos);
    if (capture === 'manual' && dice.chance(0.7))
      this.#ask(id, soon(), (payment, now) =>
        code.ask.askCapture(
          payment,
          dice.chance(0.5) ? payment.amount : Math.max(1, Math.floor(payment.amount / 2)),
          now,
        ),
      );
    if (dice.chance(weights.voids)) this.#ask(id, soon(), (payment, now) => code.ask.askVoid(payment, now));
    if (!dice.chance(weights.refunds)) return;
    for (let n = 1; n <= dice.between(1, 4); n += 1) {
      const share = dice.pick([1, 0.6, 0.5, 0.3]);
      this.#ask(id, soon(), (payment, now) => {
        const amount = Math.max(1, Math.floor(code.view.amountsOf(payment).captured * share));
        return code.ask.askRefund(payment, { id: `re_${n}`, amount }, now);
      });
    }
  }

  #ask(id: string, delay: number, ask: (payment: Payment, now: number) => Asked): void {
    this.busy += 1;
    this.#world.after(delay, () => {
      void this.#insist(id, ask).then(() => {
        this.busy -= 1;
      });
      this.#world.scheduler.woke();
    });
  }

  /** Read, ask, write on condition; again when somebody was faster or nobody answered. */
  async #insist(id: string, ask: (payment: Payment, now: number) => Asked): Promise<void> {
    const { code, dice } = this.#world;
    for (let round = 0; round < 30; round += 1) {
      const done = await this.#host.run(
        'ask',
        async (hub: Hub) => {
          const { documents, clock, random } = hub.ports;
          const stored = await code.store.readPayment(documents, id);
          if (!stored) return 'gone';
          const asked = ask(stored.payment, clock.now());
          if (!asked.ok) return asked.code === 'state' && dice.chance(0.7) ? undefined : 'refused';
          this.#host.send(id, RESCUE);
          if (asked.payment !== stored.payment) {
            const written = await code.store.writePayment(documents, stored, asked.payment, random.token());
            if (!written) return undefined;
          }
          await code.advance.advance(hub, id, { deadline: clock.now() + 10_000 });
          return 'done';
        },
        TIMEOUT,
      );
      if (done !== undefined) return;
      await this.#pause(dice.between(10_000, 600_000));
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.after(ms, () => {
        this.#world.scheduler.woke();
        resolve();
      });
    });
  }
}
