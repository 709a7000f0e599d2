import type { DrillAsked } from '../../../shared/engine/drill.ts';
import type { Millis } from '../../../shared/engine/ports.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Somebody pays this often. */
const EVERY = 2 * SECOND;
/** Ordinary business before the outage and after it. */
const BEFORE = 2 * MINUTE;
const AFTER = 5 * MINUTE;
/** Of so many payers one has a card that is declined. */
const DECLINED = 20;

/** When what happens. */
export interface Course {
  begins: Millis;
  outage: Millis;
  recovery: Millis;
  ends: Millis;
}

/** The course of a drill that begins at that moment. */
export function courseOf({ minutes }: Pick<DrillAsked, 'minutes'>, begins: Millis): Course {
  const outage = begins + BEFORE;
  const recovery = outage + minutes * MINUTE;
  return { begins, outage, recovery, ends: recovery + AFTER };
}

/** One kind of trouble for a while; the names are those of the sandboxes' switches. */
export interface Trouble {
  fault: 'reply-lost' | 'late-writes' | 'outage' | 'error-after';
  from: Millis;
  to: Millis;
}

/**
 * How providers fail: first answers are lost after the work was done, then writes arrive late, then nothing is
 * answered at all, and on the way back some work is done and called an error. Each part is a share of the outage.
 */
export function troublesOf({ outage, recovery }: Course): Trouble[] {
  const at = (share: number) => Math.round(outage + share * (recovery - outage));
  return [
    { fault: 'reply-lost', from: at(0), to: at(0.05) },
    { fault: 'late-writes', from: at(0.05), to: at(0.1) },
    { fault: 'outage', from: at(0.1), to: at(0.95) },
    { fault: 'error-after', from: at(0.95), to: at(1) },
  ];
}

/** A payer who comes at that moment. */
export interface Payer {
  n: number;
  at: Millis;
  amount: number;
  declined: boolean;
}

/** Everybody who pays during the drill, at an even pace. */
export function payersOf({ begins, ends }: Course): Payer[] {
  const count = Math.floor((ends - begins) / EVERY);
  return Array.from({ length: count }, (_, n) => ({
    n,
    at: begins + n * EVERY,
    amount: 1_000 + ((n * 733) % 9_000),
    declined: n % DECLINED === DECLINED - 1,
  }));
}
