import type { Lane } from './change-event.ts';
import { type Decision, decide } from './decide.ts';
import type { Engine } from './engine.ts';
import { Fault, fingerprint } from './fault.ts';
import { type Flow, SKEW } from './flow.ts';
import type { Doubt, Ending, Job } from './job.ts';
import { type LinkBody, type LinkOutcome, type Parked, withOutcome } from './link.ts';
import type { Outbox } from './outbox.ts';
import type { DeadLetter, Millis, Settlement } from './ports.ts';
import type { OutcomeKind, TrailEntry } from './trail.ts';

/** Parkings of this kind are touched only when an operator replays them: each try costs a worker. */
export const WORKER_DIED = 'worker-died';

/** What settling one batch needs to know of its surroundings. */
export interface SettleContext {
  engine: Engine;
  flow: Flow;
  lane: Lane;
  outbox: Outbox;
  breakerClosed: boolean;
  /** Fingerprint of a failure that has become a pattern: its records stay queued instead of being parked. */
  heldFingerprint: string | undefined;
}

interface Line {
  ending: Ending;
  settlement: Settlement;
  outcome: OutcomeKind;
  reason?: string;
  letter?: DeadLetter;
}

/**
 * Order matters, because a worker may die between any two steps: whoever must be told is told, the trail has
 * its line and a parked record its letter before the link says so. Doing any of these twice is harmless;
 * the keeper takes away a letter too many. The caller acknowledges only after all of it.
 */
export async function settle(context: SettleContext, endings: readonly Ending[]): Promise<void> {
  if (endings.length === 0) return;
  const { engine, outbox } = context;
  const { ports } = engine;
  const now = ports.clock.now();
  const spread = ports.random.next();
  const lines = endings.map((ending) =>
    ending.kind === 'settled'
      ? settledLine(context, ending, now)
      : failedLine(context, ending, { now, spread }),
  );
  await outbox.flush();
  const letters = lines.flatMap((line) => line.letter ?? []);
  if (letters.length > 0) await ports.deadLetters.add(letters);
  ports.trail.write(lines.map((line) => entry(line, now)));
  const results = await ports.links.settle(lines.map((line) => line.settlement));
  for (const [at, line] of lines.entries()) {
    // Taken over while we were slow; whether that worker's read covers our hint is not known here.
    if (results[at] === 'lost') outbox.again(line.ending.job.item, { lane: context.lane, delay: 1_000 });
  }
  await outbox.flush();
  count(context, lines);
}

function settledLine(
  context: SettleContext,
  ending: Extract<Ending, { kind: 'settled' }>,
  now: Millis,
): Line {
  const { job } = ending;
  const { outbox, lane } = context;
  const trace = job.item.trace;
  outbox.ring(ending.ring, { lane, cause: 'affected', trace });
  outbox.ring(job.waiters, { lane, cause: 'affected', trace });
  readAgainAfterLag(context, job, now);
  const record = outcomeOf(job, now, ending);
  // An unchanged record that was unchanged before adds nothing to its history.
  const quiet = ending.outcome === 'unchanged' || ending.outcome === 'skipped';
  const agreed = quiet ? ending.body : { ...ending.body, wroteAt: now };
  const body = quiet && job.known && !job.body.parked ? agreed : withOutcome(agreed, record);
  const line: Line = { ending, outcome: ending.outcome, settlement: release(job, body) };
  if (ending.reason !== undefined) line.reason = ending.reason;
  return line;
}

/** A read that began before the source was sure to show the change counts, and is done once more. */
function readAgainAfterLag({ outbox, lane }: SettleContext, job: Job, now: Millis): void {
  const { readLag } = job.item.collection.source;
  if (readLag === 0) return;
  const visibleAt = job.item.hint.observedAt + readLag + 2 * SKEW;
  if (job.readAt < visibleAt) outbox.again(job.item, { lane, delay: Math.max(1_000, visibleAt - now) });
}

function failedLine(
  context: SettleContext,
  ending: Extract<Ending, { kind: 'failed' }>,
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
  if (decision.do === 'park') readAgainAfterLag(context, job, at.now);
  const line = carryOut(context, ending, decision, at.now);
  return { ...line, ending };
}

const stayQueued: Decision = { do: 'retry', delay: 60_000, spendsAttempt: false };

function carryOut(
  context: SettleContext,
  ending: Extract<Ending, { kind: 'failed' }>,
  decision: Decision,
  now: Millis,
): Omit<Line, 'ending'> {
  const { job, fault, doubt } = ending;
  const reason = `${fault.kind}: ${fault.message}`;
  const body = doubtful(job, doubt, now);
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
    case 'wait': {
      context.outbox.again(job.item, { lane, delay: decision.delay });
      return {
        outcome: 'waiting',
        reason,
        settlement: held(job, doubt, withOutcome(body, outcomeOf(job, now, { outcome: 'waiting', reason }))),
      };
    }
    case 'quarantine': {
      const delay = Math.max(0, job.leaseUntil - now) + 2 * SKEW + 1_000;
      context.outbox.again(job.item, { lane, delay, spendsAttempt: decision.spendsAttempt });
      const told = withOutcome(body, outcomeOf(job, now, { outcome: 'unknown', reason }));
      return { outcome: 'unknown', reason, settlement: held(job, 'landing', told) };
    }
  }
}

/** What is remembered of the target while nobody knows what a failed write did there. */
function doubtful(job: Job, doubt: Doubt, now: Millis): LinkBody {
  if (doubt !== 'none') return { ...job.body, doubt: true, wroteAt: now };
  return job.forced ? { ...job.body, doubt: true } : job.body;
}

function park(
  context: SettleContext,
  ending: Extract<Ending, { kind: 'failed' }>,
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

function release(job: Job, body: LinkBody | undefined): Settlement {
  return { key: job.item.key, token: job.token, body, lease: 'release', rung: job.waiters };
}

/** Waiters are rung by a settle only; a failed record keeps them. */
function held(job: Job, doubt: Doubt, body: LinkBody | undefined): Settlement {
  return {
    key: job.item.key,
    token: job.token,
    body,
    lease: doubt === 'landing' ? 'report' : 'release',
    rung: [],
  };
}

function outcomeOf(
  job: Job,
  at: Millis,
  what: { outcome: OutcomeKind; reason?: string; fields?: readonly string[] },
): LinkOutcome {
  const { cause, trace, hint } = job.item;
  const outcome: LinkOutcome = { at, outcome: what.outcome, cause, trace, attempt: hint.attempt };
  if (what.reason !== undefined) outcome.reason = what.reason;
  if (what.fields !== undefined) outcome.fields = [...what.fields];
  return outcome;
}

function entry(line: Line, at: Millis): TrailEntry {
  const { job } = line.ending;
  const { key, cause, trace, hint } = job.item;
  const written: TrailEntry = { at, ...key, trace, cause, outcome: line.outcome, attempt: hint.attempt };
  const targetId = line.settlement.body?.targetId ?? job.body.targetId;
  if (targetId !== undefined) written.targetId = targetId;
  if (line.ending.kind === 'settled' && line.ending.fields) written.fields = line.ending.fields;
  if (line.reason !== undefined) written.reason = line.reason;
  return written;
}

function count({ engine, flow }: SettleContext, lines: readonly Line[]): void {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line.outcome, (counts.get(line.outcome) ?? 0) + 1);
  for (const [outcome, number] of counts) engine.ports.meter.count(flow.name, `outcome.${outcome}`, number);
  const letters = lines.filter((line) => line.letter !== undefined).length;
  if (letters > 0) engine.ports.meter.count(flow.name, 'parkings', letters);
}

/** The fault of a record that killed one worker after the other. */
export function workerDied(job: Job): Fault {
  return new Fault('bug', {
    vendor: 'intertie',
    operation: WORKER_DIED,
    message: `worker died: ${job.takeovers} workers in a row ended while they held this record; look for it in the log, then replay`,
  });
}
