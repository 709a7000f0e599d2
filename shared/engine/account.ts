import {
  type AccountState,
  AccountStateSchema,
  accountDocument,
  type Held,
  newAccountState,
} from './account-state.ts';
import { closedBreaker, isOpen, onFailure, onSuccess, tryProbe } from './breaker.ts';
import { learn, quietUntil, returnSlot, takeSlot } from './budget.ts';
import { Calls, PATIENCE, pauseBefore } from './calls.ts';
import type { Lane } from './change-event.ts';
import { bounded } from './decide.ts';
import { amend, readDocument } from './documents.ts';
import type { Fault } from './fault.ts';
import { SKEW } from './flow.ts';
import type { Millis, Ports } from './ports.ts';
import { type AccountLimits, type AccountRef, accountKey, type ObservedLimits } from './session.ts';

/** How old the copy of an account's state may be before it is read again. */
const COPY_VALID: Millis = 1_000;
/** How often a held account looks whether its secret has been replaced. */
const HELD_LOOK: Millis = 15_000;

/** The right to call an account for one piece of work. */
export interface Permit {
  lane: Lane;
  /** The one call sequence that is let through an open breaker. */
  probe: boolean;
  slot: string | undefined;
  deadline: Millis;
  /** From then on nothing may be sent any more. */
  sendBefore?: Millis;
}

/** Why work on an account may not begin, and when to ask again. */
export interface Refusal {
  until: Millis;
  why: 'held' | 'paused' | 'breaker' | 'concurrency' | 'rate';
}

/**
 * One worker process's view of a vendor account. The state itself is a document that all workers share;
 * this keeps a copy of it for a second and the calls it has been granted for a quarter of one.
 */
export class Account {
  readonly ref: AccountRef;
  readonly key: string;
  readonly #ports: Ports;
  #copy: { state: AccountState; at: Millis } | undefined;
  readonly #calls: Calls;
  #limits: { version: string; limits: AccountLimits } | undefined;
  /** Changes of this process go one after the other, so that they do not race each other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ref: AccountRef, ports: Ports) {
    this.ref = ref;
    this.key = accountKey(ref);
    this.#ports = ports;
    this.#calls = new Calls(ref, ports, {
      state: () => this.state(),
      limits: () => this.limits(),
      amend: (change) => this.#amend(change),
    });
  }

  /** May work begin? Resolves with a refusal instead of waiting for long. */
  async enter(lane: Lane, deadline: Millis): Promise<Permit | Refusal> {
    const limits = await this.limits();
    const giveUp = Math.min(deadline, this.#ports.clock.now() + PATIENCE);
    for (;;) {
      const answer = await this.#tryEnter({ lane, deadline, limits });
      if ('lane' in answer) return answer;
      const patient = answer.why === 'concurrency' || answer.why === 'rate';
      if (!patient || answer.until > giveUp || this.#ports.clock.now() >= giveUp) return answer;
      await this.#ports.clock.sleep(pauseBefore(answer.until, this.#ports));
    }
  }

  async leave(permit: Permit): Promise<void> {
    const { slot } = permit;
    if (slot === undefined) return;
    permit.slot = undefined;
    await this.#amend((state) => ({ ...state, budget: returnSlot(state.budget, slot) }));
  }

  /** Before every call: waits for its turn under the rate, or throws `rate-limited` (nothing was sent). */
  spend(permit: Permit): Promise<void> {
    return this.#calls.spend(permit);
  }

  /** What a fault says about the whole account. */
  async learnFault(fault: Fault): Promise<void> {
    // Our own budget and our own storage say nothing about the vendor.
    if (fault.vendor === 'intertie' || fault.operation === 'budget') return;
    const now = this.#ports.clock.now();
    if (fault.kind === 'rate-limited') {
      const pausedUntil = now + bounded(fault.retryAfter ?? 10_000);
      await this.#amend((state) => ({ ...state, budget: { ...state.budget, tokens: 0, pausedUntil } }));
      this.#calls.forget();
    } else if (fault.kind === 'unavailable' || fault.kind === 'unknown-outcome') {
      const spread = this.#ports.random.next();
      await this.#amend((state) => ({ ...state, breaker: onFailure(state.breaker, now, spread) }));
    } else if (fault.kind === 'auth-expired') {
      await this.hold(fault);
    }
  }

  /** A call that the vendor answered; closes the breaker. */
  async succeeded(): Promise<void> {
    const copy = this.#copy?.state;
    if (!copy || (copy.breaker.failures === 0 && !isOpen(copy.breaker))) return;
    const now = this.#ports.clock.now();
    await this.#amend((state) => {
      const breaker = onSuccess(state.breaker, now);
      return breaker ? { ...state, breaker } : undefined;
    });
  }

  /** What a reply told of the limits; written down only if it changes what we do. */
  async observe(seen: ObservedLimits): Promise<void> {
    const now = this.#ports.clock.now();
    const copy = this.#copy?.state;
    if (copy && !learn(copy.budget, seen, now)) return;
    await this.#amend((state) => {
      const budget = learn(state.budget, seen, now);
      return budget ? { ...state, budget } : undefined;
    });
  }

  async hold(fault: Fault): Promise<void> {
    const now = this.#ports.clock.now();
    const secret = await this.#ports.secrets.get(this.key);
    const held: Held = { reason: fault.message, since: now };
    if (fault.mend !== undefined) held.mend = fault.mend;
    if (secret) held.secretVersion = secret.version;
    await this.#amend((state) => ({ ...state, held: state.held ?? held }));
  }

  async release(): Promise<void> {
    await this.#amend((state) => {
      const { held: _, ...rest } = state;
      return { ...rest, breaker: closedBreaker };
    });
  }

  /** As fresh as COPY_VALID. */
  async state(): Promise<AccountState> {
    const now = this.#ports.clock.now();
    if (this.#copy && now - this.#copy.at < COPY_VALID && now >= this.#copy.at) return this.#copy.state;
    const stored = await readDocument(this.#ports, this.#document, AccountStateSchema);
    const state = stored ?? newAccountState(now);
    this.#copy = { state, at: now };
    return state;
  }

  async breakerClosed(): Promise<boolean> {
    return !isOpen((await this.state()).breaker);
  }

  async limits(): Promise<AccountLimits> {
    const secret = await this.#ports.secrets.get(this.key);
    if (!secret) return {};
    if (this.#limits?.version !== secret.version)
      this.#limits = { version: secret.version, limits: this.ref.limits(secret.value) };
    return this.#limits.limits;
  }

  async #tryEnter(ask: { lane: Lane; deadline: Millis; limits: AccountLimits }): Promise<Permit | Refusal> {
    const { lane, deadline, limits } = ask;
    const state = await this.state();
    const now = this.#ports.clock.now();
    if (state.held && !(await this.#secretReplaced(state.held)))
      return { why: 'held', until: now + HELD_LOOK };
    const quiet = quietUntil(state.budget, { lane, now });
    if (quiet !== undefined) return { why: 'paused', until: quiet };
    const probe = isOpen(state.breaker) ? await this.#probe() : undefined;
    if (probe === false) return { why: 'breaker', until: state.breaker.openUntil ?? now };
    const permit: Permit = { lane, probe: probe === true, slot: undefined, deadline };
    if (limits.concurrency === undefined) return permit;
    return this.#takeSlot(permit, limits.concurrency);
  }

  /** True: we probe. False: it is open. Undefined: somebody closed it meanwhile. */
  async #probe(): Promise<boolean | undefined> {
    const now = this.#ports.clock.now();
    let outcome: boolean | undefined;
    await this.#amend((state) => {
      if (!isOpen(state.breaker)) {
        outcome = undefined;
        return undefined;
      }
      const breaker = tryProbe(state.breaker, now);
      outcome = breaker !== undefined;
      return breaker ? { ...state, breaker } : undefined;
    });
    return outcome;
  }

  async #takeSlot(permit: Permit, concurrency: number): Promise<Permit | Refusal> {
    const now = this.#ports.clock.now();
    const token = this.#ports.random.token();
    let taken = false;
    await this.#amend((state) => {
      const asked = { lane: permit.lane, now, token, until: permit.deadline + 3 * SKEW };
      const answer = takeSlot(state.budget, concurrency, asked);
      taken = answer.taken;
      return answer.taken ? { ...state, budget: answer.budget } : undefined;
    });
    return taken ? { ...permit, slot: token } : { why: 'concurrency', until: now + 100 };
  }

  async #secretReplaced(held: Held): Promise<boolean> {
    const secret = await this.#ports.secrets.get(this.key);
    if (!secret || secret.version === held.secretVersion) return false;
    await this.release();
    return true;
  }

  #amend(change: (state: AccountState) => AccountState | undefined): Promise<void> {
    const run = async (): Promise<void> => {
      const now = this.#ports.clock.now();
      const stored = await amend(this.#ports, this.#document, AccountStateSchema, (current) =>
        change(current ?? newAccountState(now)),
      );
      if (stored) this.#copy = { state: stored, at: now };
    };
    const turn = this.#turn.then(run);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  get #document(): string {
    return accountDocument(this.ref);
  }
}
