import type { PaymentProvider } from '../../shared/connectors/payment-provider.ts';
import { SKEW } from '../../shared/engine/flow.ts';
import type { Ports } from '../../shared/engine/ports.ts';
import type { Session } from '../../shared/engine/session.ts';
import { finishDraft } from './accept.ts';
import { lookFor, lookForRefund, sendOperation } from './call.ts';
import type { CircuitBoard } from './circuit-board.ts';
import { abandon } from './close.ts';
import { announceEvents } from './events/announce.ts';
import { isKeyAlive } from './keys.ts';
import { learn, lookAgainLater } from './learn.ts';
import { learnNoRefund, learnRefund, lookAtRefundLater } from './learn-refund.ts';
import { lookName, type Next, next, type SendStep } from './next.ts';
import type { Operation, Payment } from './payment.ts';
import { hearReply, markSent } from './send.ts';
import { addOperation, openAttempt } from './start.ts';
import { readPayment, type Stored, writePayment } from './store.ts';
import { tidy } from './tidy.ts';
import { quietAt } from './view.ts';

/** What the hub needs of its host. */
export interface Hub {
  ports: Pick<Ports, 'documents' | 'clock' | 'random'>;
  providers: ReadonlyMap<string, PaymentProvider>;
  circuits: CircuitBoard;
  /** A session whose every request is checked against `sendBefore` directly before its first byte, and is unsent after it. */
  session(provider: PaymentProvider, bounds: { sendBefore: number }): Session;
  /** Puts a message on the queue that advances the payment at that time (`due` of its work); resolves when it is durable. */
  wake(id: string, at: number): Promise<void>;
  /** Puts an errand on the queue that delivers this event; resolves when it is durable. */
  announce(event: string): Promise<void>;
}

/** One piece of work on a payment. */
export interface Work {
  /** No call is begun after it. */
  deadline: number;
  /** Its provider may have news. */
  hinted?: boolean;
  /** When the message that brought this work was due. */
  due?: number;
}

/** A payment takes about five; more means that two workers are after the same one. */
const MOST_TURNS = 60;
/** Left for recording what a call came to. */
const RECORDING = 2_000;

/** What a worker has learnt and not yet written: applied again to whatever is stored by then. */
type Lesson = (payment: Payment) => Payment;
const nothing: Lesson = (payment) => payment;

/** Brings a payment as far as it can be brought now, and sees to it that somebody comes back for the rest. Undefined when there is no such payment. */
export async function advance(hub: Hub, id: string, work: Work): Promise<Payment | undefined> {
  const { documents, clock, random } = hub.ports;
  let lesson = nothing;
  const looked = work.hinted ? new Set<string>() : undefined;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const stored = await readPayment(documents, id);
    if (!stored) return undefined;
    if (stored.payment.draft) {
      await finishDraft(documents, id, { now: clock.now(), token: () => random.token() });
      continue;
    }
    await hub.circuits.load(stored.payment.routing.order);
    const now = clock.now();
    const { payment, step } = decide(hub, lesson(stored.payment), { now, looked });
    const late = now > work.deadline - RECORDING && step.do !== 'done' && step.do !== 'wait';
    if (late || step.do === 'wait' || step.do === 'done') {
      const until = late ? now : step.do === 'wait' ? step.until : undefined;
      const woken =
        until === undefined ? payment : await comeBack(hub, payment, { until, now, due: work.due });
      const kept = await keep(hub, stored, woken);
      if (kept) return announceEvents(hub, kept);
      continue;
    }
    const learnt = await carryOut(hub, stored, payment, step);
    if (!learnt) continue;
    looked?.add(lookName(step));
    lesson = learnt;
  }
  throw new Error(`payment ${id} does not come to rest: ${MOST_TURNS} steps in a row`);
}

/**
 * Somebody must come back by then. The message is sent before it is noted, so that what is noted is there; who finds
 * an early enough one noted adds none, or every duplicate would begin a chain of its own.
 */
async function comeBack(
  hub: Hub,
  payment: Payment,
  { until, now, due = 0 }: { until: number; now: number; due: number | undefined },
): Promise<Payment> {
  const { wakeAt = 0 } = payment;
  if (wakeAt <= until && wakeAt > Math.max(now + 2 * SKEW, due)) return payment;
  await hub.wake(payment.id, until);
  return { ...payment, wakeAt: until };
}

type Call = Exclude<Next, { do: 'open' | 'abandon' }>;

/** Everything that needs no call, up to the one call that is next. */
function decide(
  hub: Hub,
  from: Payment,
  { now, looked }: { now: number; looked: ReadonlySet<string> | undefined },
): { payment: Payment; step: Call } {
  let payment = tidy(from, now);
  const restsUntil = (provider: string, call: string) => hub.circuits.restsUntil(provider, call);
  for (let turn = 0; ; turn += 1) {
    if (turn > MOST_TURNS) throw new Error(`payment ${payment.id} does not come to a decision`);
    const step = next(payment, { now, looked, providers: hub.providers, restsUntil });
    if (step.do === 'open') payment = tidy(openAttempt(payment, step.provider, now), now);
    else if (step.do === 'abandon')
      payment = tidy(abandon(payment, step.attempt, step.why, { by: 'janitor', at: now }), now);
    else return { payment, step };
  }
}

async function keep(hub: Hub, stored: Stored, payment: Payment): Promise<Payment | undefined> {
  if (payment === stored.payment) return payment;
  return writePayment(hub.ports.documents, stored, payment, hub.ports.random.token());
}

/** Undefined when somebody else was faster; nothing was called then, and what had been learnt is still to be written. */
async function carryOut(
  hub: Hub,
  stored: Stored,
  payment: Payment,
  step: Exclude<Call, { do: 'wait' | 'done' }>,
): Promise<Lesson | undefined> {
  const attempt = payment.attempts.find(({ n }) => n === attemptOf(payment, step));
  const provider = hub.providers.get(attempt?.provider ?? '');
  if (!attempt || !provider)
    throw new Error(`payment ${payment.id}: its provider ${attempt?.provider} is gone`);
  const call = step.do === 'send' ? step.kind : 'read';
  if (!(await hub.circuits.enter(provider.vendor, call))) return undefined;
  if (step.do === 'send') return send(hub, stored, payment, { step, provider });
  if (!(await keep(hub, stored, payment))) return undefined;
  const startedAt = hub.ports.clock.now();
  const session = hub.session(provider, { sendBefore: Number.MAX_SAFE_INTEGER });
  if (step.do === 'look') {
    const until = Math.min(startedAt, Math.max(attempt.openedAt, quietAt(payment, attempt.n)));
    const look = await lookFor(provider, session, attempt, until);
    const now = hub.ports.clock.now();
    await hub.circuits.leave(provider.vendor, call, look !== undefined);
    if (!look) return (current) => lookAgainLater(current, attempt.n, now);
    return (current) => learn(current, attempt.n, look, { by: 'sync', now, startedAt });
  }
  const refund = payment.operations.find(({ seq }) => seq === step.seq);
  const look = refund && (await lookForRefund(provider, session, attempt, refund));
  const now = hub.ports.clock.now();
  await hub.circuits.leave(provider.vendor, call, look !== undefined);
  if (!look) return (current) => lookAtRefundLater(current, step.seq, now);
  const mayRepeat = refund !== undefined && isKeyAlive(refund, provider, now);
  if (look.kind === 'absent')
    return (current) => learnNoRefund(current, step.seq, { now, startedAt, mayRepeat });
  return (current) => learnRefund(current, step.seq, look.shown, { by: 'sync', now });
}

function attemptOf(payment: Payment, step: Exclude<Call, { do: 'wait' | 'done' }>): number | undefined {
  if (step.do !== 'look-refund') return step.attempt;
  return payment.operations.find(({ seq }) => seq === step.seq)?.attempt;
}

/** Recorded as sent, then sent, once; what came of it is for the next write. */
async function send(
  hub: Hub,
  stored: Stored,
  payment: Payment,
  { step, provider }: { step: SendStep; provider: PaymentProvider },
): Promise<Lesson | undefined> {
  const { clock, random } = hub.ports;
  const token = random.token();
  const sending = { token, now: clock.now(), lateness: provider.lateness };
  const [ready, operation] = operationOf(payment, step);
  const recorded = markSent(ready, operation, sending);
  if (!(await keep(hub, stored, recorded))) return undefined;
  const sent = recorded.operations.find(({ seq }) => seq === operation.seq);
  if (!sent?.send) throw new Error(`payment ${payment.id}: ${operation.seq} was not recorded as sent`);
  const session = hub.session(provider, { sendBefore: sent.send.sendBefore });
  const reply = await sendOperation(provider, session, recorded, sent);
  const now = clock.now();
  await hub.circuits.leave(provider.vendor, step.kind, reply.kind !== 'unknown' && reply.kind !== 'unsent');
  return (current) => hearReply(current, { seq: sent.seq, token }, reply, now);
}

function operationOf(
  payment: Payment,
  { seq, kind, attempt, amount, byKey }: SendStep,
): [Payment, Operation] {
  if (seq === undefined) {
    const key = byKey
      ? payment.operations.find((each) => each.attempt === attempt && each.kind !== 'prepare')?.key
      : undefined;
    const added = addOperation(payment, attempt, {
      kind,
      amount,
      ...(key === undefined ? {} : { key, byKey: true }),
    });
    const operation = added.operations.at(-1);
    if (operation) return [added, operation];
  }
  const known = payment.operations.find((each) => each.seq === seq);
  if (!known) throw new Error(`payment ${payment.id} has no operation ${seq}`);
  return [payment, known];
}
