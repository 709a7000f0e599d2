import { HttpFailure } from '../../../shared/engine/ports.ts';
import type { Session } from '../../../shared/engine/session.ts';
import type { PayWorker } from './pay-worker.ts';
import type { PayWorld } from './pay-world.ts';

/** The provider's answer at the moment it acted; `stored` answers are given again under their key. */
export type Answer<T> =
  | { status: 200; body: T }
  | { status: 402 | 429 | 400 | 500 | 503; code: string; hard?: boolean };

/** How a call came out at the worker. */
export type Outcome<T> = { kind: 'reply'; answer: Answer<T> } | { kind: 'unsent' } | { kind: 'lost' };

/** What a provider model gets in place of an account: who calls, and until when it may. */
export class SimSession implements Session {
  readonly account: string;
  readonly worker: PayWorker;
  readonly sendBefore: number;
  constructor(account: string, worker: PayWorker, sendBefore: number) {
    this.account = account;
    this.worker = worker;
    this.sendBefore = sendBefore;
  }
  get random() {
    return this.worker.ports.random;
  }
  now(): number {
    return this.worker.now();
  }
  secret(): Promise<never> {
    throw new Error('the model has no secret');
  }
  send(): Promise<never> {
    throw new HttpFailure('the model has no HTTP', false);
  }
  observe(): void {}
  renewSecret(): Promise<never> {
    throw new Error('the model has no secret');
  }
}

const CALL = 20_000;

/** How a provider breaks while it acts: its answer is a 500 either way. */
export type Failure = 'before' | 'after' | undefined;

/** What the wire and the provider's front door do to one call. */
interface Wire<T> {
  /** Gone until then, and how. */
  awayUntil: number;
  refuses: boolean;
  writes: boolean;
  /** Runs at the provider, in true time. */
  act(failure: Failure): Answer<T>;
}

/** Lets one call happen: it may never leave, arrive late, or lose its answer. */
export function exchange<T>(session: Session, wire: Wire<T>): Promise<Outcome<T>> {
  if (!(session instanceof SimSession)) throw new Error('not a session of the simulator');
  const { worker, sendBefore } = session;
  const { world } = worker;
  return new Promise((resolve) => {
    let over = false;
    const answer = (outcome: Outcome<T>) => {
      if (over) return;
      over = true;
      worker.point(() => {
        world.scheduler.woke();
        resolve(outcome);
      });
    };
    worker.point(() => {
      if (worker.now() > sendBefore) {
        world.tally('too late to send');
        answer({ kind: 'unsent' });
        return;
      }
      const { dice, weights } = world;
      // The check has been made; a process may still stand still before the first byte.
      const pause = wire.writes && dice.chance(weights.pause) ? dice.between(0, weights.longestPause) : 0;
      world.after(pause, () => depart(world, wire, answer, false));
    });
  });
}

function depart<T>(
  world: PayWorld,
  wire: Wire<T>,
  answer: (outcome: Outcome<T>) => void,
  isSecond: boolean,
): void {
  const { dice, weights } = world;
  const gone = wire.awayUntil > world.now;
  if ((gone && wire.refuses) || dice.chance(weights.refused)) {
    answer({ kind: 'unsent' });
    return;
  }
  if (dice.chance(weights.tooMany)) {
    world.after(50, () => answer({ kind: 'reply', answer: { status: 429, code: 'rate_limit' } }));
    return;
  }
  world.after(CALL, () => answer({ kind: 'lost' }));
  if (gone) {
    world.after(100, () => answer({ kind: 'reply', answer: { status: 503, code: 'unavailable' } }));
    return;
  }
  const late = wire.writes && dice.chance(weights.late);
  const delay = late ? CALL + dice.between(0, weights.lateness) : dice.between(5, 200);
  const lost = dice.chance(weights.replyLost);
  const failure = dice.chance(weights.serverError) ? (dice.chance(0.5) ? 'before' : 'after') : undefined;
  world.after(delay, () => {
    const given = wire.act(failure);
    if (late) world.tally('late');
    if (lost) world.tally('answers lost');
    if (!lost && !late) answer({ kind: 'reply', answer: given });
    else if (lost && !isSecond && dice.chance(weights.resends)) depart(world, wire, answer, true);
  });
}
