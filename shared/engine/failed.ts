import { type Decision, decide } from './decide.ts';
import { Fault, fingerprint } from './fault.ts';
import { SKEW } from './flow.ts';
import type { Doubt, Job } from './job.ts';
import { type Failed, held, type Line, outcomeOf, readAgainAfterLag, type SettleContext } from './line.ts';
import { fromLocalName, type LinkBody, type Parked, withOutcome } from './link.ts';
import type { Millis } from './ports.ts';

/** Parkings of this kind are touched only when an operator replays them: each try costs a worker. */
export const WORKER_DIED = 'worker-died';

/** What becomes of a failed record, by the one decision function. */
export function failedLine(
  context: SettleContext,
  ending: Failed,
  at: { now: Millis; spread: number },
): Line {
  const { job, fault } = ending;
  const { whenItBreaks } = context.flow;
  const decision =
    context.heldFingerprint === fingerprint(fault)
      ? stayQueued
      : decide(fault, job.item.hint, {
          now: at.now,
          spread: at.spread,
          maxAttempts: whenItBreaks.maxAttempts,
          horizon: whenItBreaks.retryHorizonHours * 3_600_000,
          breakerClosed: context.breakerClosed,
        });
  context.outbox.ring(ending.ring, { lane: context.lane, cause: 'affected', trace: job.item.trace });
  if (decision.do === 'park' && job.readAt > 0) readAgainAfterLag(context, job, at.now);
  const line = carryOut(context, ending, decision, at.now);
  return { ...line, ending };
}

const stayQueued: Decision = { do: 'retry', delay: 60_000, spendsAttempt: false };

function carryOut(
  context: SettleContext,
  ending: Failed,
  decision: Decision,
  now: Millis,
): Omit<Line, 'ending'> {
  const { job, fault, doubt } = ending;
  const reason = `${fault.kind}: ${fault.message}`;
  const body = concerning(doubtful(job, doubt, now), ending);
  const unsure = body !== job.body;
  const lane = context.lane === 'urgent' ? 'urgent' : 'bulk';
  switch (decision.do) {
    case 'park':
      return park(context, ending, { body, reason: decision.reason, now });
    case 'retry': {
      const delay =
        doubt === 'landing' ? Math.max(decision.delay, job.leaseUntil - now + 2 * SKEW) : decision.delay;
      const { spendsAttempt } = decision;
      context.outbox.again(job.item, { delay, spendsAttempt, lane: spendsAttempt ? lane : context.lane });
      const told = decision.spendsAttempt
        ? withOutcome(body, outcomeOf(job, now, { outcome: 'retry', reason }))
        : body;
      const settlement = held(job, doubt, told === body && !unsure ? undefined : told);
      return { outcome: 'retry', reason, settlement };
    }
    case 'wait':
      return wait(context, ending, { body, reason, now, delay: decision.delay });
    case 'quarantine': {
      const delay = Math.max(0, job.leaseUntil - now) + 2 * SKEW + 1_000;
      context.outbox.again(job.item, { lane, delay, spendsAttempt: decision.spendsAttempt });
      const told = withOutcome(body, outcomeOf(job, now, { outcome: 'unknown', reason }));
      return { outcome: 'unknown', reason, settlement: held(job, 'landing', told) };
    }
  }
}

/** One message at a time comes back for a waiting record, however many hints of it there are. */
function wait(
  context: SettleContext,
  { job, fault, doubt, toldAs }: Failed,
  how: { body: LinkBody; reason: string; now: Millis; delay: Millis },
): Omit<Line, 'ending'> {
  const { reason, now } = how;
  const pending = how.body.comesBackAt ?? 0;
  const onItsWay = pending > now + 3 * SKEW;
  const comesBackAt = onItsWay ? pending : now + how.delay;
  const lane = context.lane === 'urgent' ? 'urgent' : 'bulk';
  if (!onItsWay) context.outbox.again(job.item, { lane, delay: how.delay });
  const body = withOutcome(
    {
      ...how.body,
      comesBackAt,
      ...(toldAs === undefined ? {} : { toldAs }),
    },
    outcomeOf(job, now, { outcome: 'waiting', reason }),
  );
  const line = { outcome: 'waiting' as const, reason, settlement: held(job, doubt, body) };
  if (fault.waitingFor === undefined) return line;
  return { ...line, waitsFor: fromLocalName(context.flow.name, fault.waitingFor) };
}

/** Keeps in mind whom the record concerns, and up to when they have been told. */
function concerning(body: LinkBody, { job, affects, ring }: Failed): LinkBody {
  const before = body.affects ?? [];
  const all = [...new Set([...before, ...affects])];
  const known = all.length > before.length ? { ...body, affects: all } : body;
  return ring.length > 0 ? { ...known, rangAt: job.readAt } : known;
}

/** What is remembered of the target while nobody knows what a failed write did there. */
function doubtful(job: Job, doubt: Doubt, now: Millis): LinkBody {
  if (doubt !== 'none') return { ...job.body, doubt: true, wroteAt: now };
  return job.forced ? { ...job.body, doubt: true } : job.body;
}

function park(
  context: SettleContext,
  ending: Failed,
  how: { body: LinkBody; reason: string; now: Millis },
): Omit<Line, 'ending'> {
  const { job, fault, doubt } = ending;
  const { key, trace } = job.item;
  const mark = fingerprint(fault);
  const already = how.body.parked;
  const parked: Parked = {
    reason: how.reason,
    fingerprint: mark,
    since: already?.since ?? how.now,
    kind: fault.operation === WORKER_DIED ? WORKER_DIED : fault.kind,
    deployment: context.engine.deployment,
  };
  if (fault.field !== undefined) parked.field = fault.field;
  const body = withOutcome(
    { ...how.body, parked },
    outcomeOf(job, how.now, { outcome: 'parked', reason: how.reason }),
  );
  const settlement = held(job, doubt, body);
  const line = { outcome: 'parked' as const, reason: how.reason, settlement };
  // The alarm is red already; a second letter of the same kind would only say it again.
  if (already?.fingerprint === mark) return line;
  return { ...line, letter: { ...key, reason: how.reason, fingerprint: mark, at: how.now, trace } };
}

/** The fault of a record that killed one worker after the other. */
export function workerDied(job: Job): Fault {
  return new Fault('bug', {
    vendor: 'intertie',
    operation: WORKER_DIED,
    message: `worker died: ${job.takeovers} workers in a row ended while they held this record; look for it in the log, then replay`,
  });
}
