import type { AccountState } from './account-state.ts';
import { rampLimit } from './breaker.ts';
import { type Budget, countDaily, GRANT_VALID, quietUntil, type Rate, rateOf, takeCalls } from './budget.ts';
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

/** Who calls: a probe goes through an open breaker. */
export interface CallPermit {
  lane: Lane;
  probe: boolean;
  deadline: Millis;
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
  async spend(permit: CallPermit): Promise<void> {
    const giveUp = Math.min(permit.deadline, this.#ports.clock.now() + PATIENCE);
    for (;;) {
      const until = await this.#takeCall(permit);
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
  async #takeCall(permit: CallPermit): Promise<Millis | undefined> {
    const { lane } = permit;
    const resting = restsUntil(await this.#books.state(), permit, this.#ports.clock.now());
    if (resting !== undefined) return resting;
    const rate = await this.#rate();
    if (!rate || this.#useGrant()) return undefined;
    const { daily } = await this.#books.limits();
    let answer: { calls: number; at: Millis } | { until: Millis } | undefined;
    await this.#books.amend((state) => {
      const now = this.#ports.clock.now();
      const grant = takeCalls(state.budget, rate, { lane, now });
      answer = 'until' in grant ? { until: grant.until } : { calls: grant.granted, at: now };
      if ('until' in grant)
        return isNewlyLive(state.budget, grant.budget) ? { ...state, budget: grant.budget } : undefined;
      return { ...state, budget: countDaily(grant.budget, daily, { used: grant.granted, now }) };
    });
    if (!answer || 'until' in answer) return answer?.until ?? this.#ports.clock.now();
    // Only what the shared state has really recorded may be spent, and only while it is fresh.
    this.#granted = { calls: answer.calls, until: answer.at + GRANT_VALID };
    return this.#useGrant() ? undefined : this.#ports.clock.now();
  }

  #useGrant(): boolean {
    if (this.#granted.calls < 1 || this.#ports.clock.now() >= this.#granted.until) return false;
    this.#granted.calls -= 1;
    return true;
  }

  async #rate(): Promise<Rate | undefined> {
    const state = await this.#books.state();
    const rate = rateOf(await this.#books.limits(), state.budget);
    const ramp = rampLimit(state.breaker, this.#ports.clock.now());
    if (ramp === undefined) return rate;
    return { perSecond: Math.min(ramp, rate?.perSecond ?? ramp), burst: rate?.burst ?? RAMP_BURST };
  }
}

/** Work that has begun stops calling as well when the account has to rest. */
function restsUntil(state: AccountState, { lane, probe }: CallPermit, now: Millis): Millis | undefined {
  if (state.held) return now + PATIENCE + 1;
  const quiet = quietUntil(state.budget, { lane, now });
  if (quiet !== undefined) return quiet;
  const { openUntil } = state.breaker;
  return openUntil !== undefined && !probe ? Math.max(openUntil, now + 1_000) : undefined;
}

/** Live work that got nothing must be seen all the same, or bulk work would not leave it its share. */
function isNewlyLive(before: Budget, after: Budget): boolean {
  return (after.liveSeenAt ?? 0) - (before.liveSeenAt ?? 0) > 5_000;
}

/** Until then and a little more, so that those who wait do not return together. */
export function pauseBefore(until: Millis, ports: Pick<Ports, 'clock' | 'random'>): Millis {
  return Math.max(10, until - ports.clock.now()) * (1 + ports.random.next() * 0.2);
}
