import type { AccountState } from './account-state.ts';
import { rampLimit } from './breaker.ts';
import { GRANT_VALID, type Rate, rateOf, takeCalls } from './budget.ts';
import type { Lane } from './change-event.ts';
import { Fault } from './fault.ts';
import type { Millis, Ports } from './ports.ts';
import { type AccountLimits, type AccountRef, accountKey } from './session.ts';

/** How long a worker waits for a call of its own before it gives its records back. */
export const PATIENCE: Millis = 10_000;
/** Calls at once while ramping up an account that has no rate of its own. */
const RAMP_BURST = 4;

/** What the calls of a worker process share with the account they belong to. */
export interface Books {
  state(): Promise<AccountState>;
  limits(): Promise<AccountLimits>;
  amend(change: (state: AccountState) => AccountState | undefined): Promise<void>;
}

/** The calls this process has been granted: a few at a time, so that not every call costs a write. */
export class Calls {
  readonly #ref: AccountRef;
  readonly #ports: Pick<Ports, 'clock' | 'random'>;
  readonly #books: Books;
  #granted = { calls: 0, until: 0 };

  constructor(ref: AccountRef, ports: Pick<Ports, 'clock' | 'random'>, books: Books) {
    this.#ref = ref;
    this.#ports = ports;
    this.#books = books;
  }

  /** What was granted no longer holds: the vendor has just said so. */
  forget(): void {
    this.#granted = { calls: 0, until: 0 };
  }

  /** Before every call: waits for its turn under the rate, or throws `rate-limited` (nothing was sent). */
  async spend(permit: { lane: Lane; deadline: Millis }): Promise<void> {
    const giveUp = Math.min(permit.deadline, this.#ports.clock.now() + PATIENCE);
    for (;;) {
      const until = await this.#takeCall(permit.lane);
      if (until === undefined) return;
      if (until > giveUp) {
        throw new Fault('rate-limited', {
          vendor: this.#ref.vendor,
          operation: 'budget',
          message: `the budget of account ${accountKey(this.#ref)} has no call left for now; it is sent later`,
          retryAfter: Math.max(0, until - this.#ports.clock.now()),
        });
      }
      await this.#ports.clock.sleep(pauseBefore(until, this.#ports));
    }
  }

  /** Undefined: take it. Otherwise when to ask again. */
  async #takeCall(lane: Lane): Promise<Millis | undefined> {
    const rate = await this.#rate();
    if (!rate) return undefined;
    const now = this.#ports.clock.now();
    if (this.#granted.calls > 0 && now < this.#granted.until) {
      this.#granted.calls -= 1;
      return undefined;
    }
    let until: Millis | undefined;
    await this.#books.amend((state) => {
      const grant = takeCalls(state.budget, rate, { lane, now: this.#ports.clock.now() });
      until = 'until' in grant ? grant.until : undefined;
      if ('until' in grant) return undefined;
      this.#granted = { calls: grant.granted, until: this.#ports.clock.now() + GRANT_VALID };
      return { ...state, budget: grant.budget };
    });
    if (until === undefined) this.#granted.calls -= 1;
    return until;
  }

  async #rate(): Promise<Rate | undefined> {
    const state = await this.#books.state();
    const rate = rateOf(await this.#books.limits(), state.budget);
    const ramp = rampLimit(state.breaker, this.#ports.clock.now());
    if (ramp === undefined) return rate;
    return { perSecond: Math.min(ramp, rate?.perSecond ?? ramp), burst: rate?.burst ?? RAMP_BURST };
  }
}

/** Until then and a little more, so that those who wait do not return together. */
export function pauseBefore(until: Millis, ports: Pick<Ports, 'clock' | 'random'>): Millis {
  return Math.max(10, until - ports.clock.now()) * (1 + ports.random.next() * 0.2);
}
