import { addAlias } from './alias.ts';
import { failedLine } from './failed.ts';
import type { Ending } from './job.ts';
import { type Line, outcomeOf, readAgainAfterLag, release, type SettleContext } from './line.ts';
import { localName, withOutcome } from './link.ts';
import type { Millis, Ports } from './ports.ts';
import type { TrailEntry } from './trail.ts';
import { listOpenItems, openItems } from './work-items.ts';

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
  for (const { waitsFor, ending } of lines)
    if (waitsFor) await ports.links.wait(waitsFor, localName(ending.job.item.key));
  const letters = lines.flatMap((line) => line.letter ?? []);
  if (letters.length > 0) await ports.deadLetters.add(letters);
  await enterPairs(ports, endings);
  ports.trail.write(lines.map((line) => entry(line, now)));
  const results = await ports.links.settle(lines.map((line) => line.settlement));
  for (const [at, line] of lines.entries()) {
    // Taken over while we were slow; whether that worker's read covers our hint is not known here.
    if (results[at] === 'lost') outbox.again(line.ending.job.item, { lane: context.lane, delay: 1_000 });
  }
  await outbox.flush();
  count(context, lines);
}

/** The crosswalk and the list of open items know a pair before its link does; what they know too much does no harm. */
async function enterPairs(ports: Ports, endings: readonly Ending[]): Promise<void> {
  await Promise.all(
    endings.map(async (ending) => {
      if (ending.kind !== 'settled' || !ending.job.item.collection.back) return;
      const { key } = ending.job.item;
      const { targetId } = ending.body;
      if (targetId !== undefined && targetId !== ending.job.body.targetId)
        await addAlias(ports, key, targetId);
      const open = openItems(ending.body).length > 0;
      if (open !== openItems(ending.job.body).length > 0 || open) await listOpenItems(ports, key, open);
    }),
  );
}

function settledLine(
  context: SettleContext,
  ending: Extract<Ending, { kind: 'settled' }>,
  now: Millis,
): Line {
  const { job } = ending;
  const { outbox, lane } = context;
  const trace = job.item.trace;
  readAgainAfterLag(context, job, now);
  const record = outcomeOf(job, now, ending);
  // An unchanged record that was unchanged before adds nothing to its history.
  const quiet = ending.outcome === 'unchanged' || ending.outcome === 'skipped';
  // Who waits for a record that has not moved would only wait again, and two could ring each other for ever.
  const rung = quiet && job.body.state === ending.body.state ? [] : job.waiters;
  outbox.ring([...ending.ring, ...rung], { lane, cause: 'affected', trace });
  const agreed = quiet ? ending.body : { ...ending.body, wroteAt: now };
  const body = quiet && job.known && !job.body.parked ? agreed : withOutcome(agreed, record);
  const line: Line = { ending, outcome: ending.outcome, settlement: release(job, body, rung) };
  if (ending.reason !== undefined) line.reason = ending.reason;
  return line;
}

function entry(line: Line, at: Millis): TrailEntry {
  const { job } = line.ending;
  const { key, cause, trace, hint } = job.item;
  const written: TrailEntry = { at, ...key, trace, cause, outcome: line.outcome, attempt: hint.attempt };
  const targetId = line.settlement.body?.targetId ?? job.body.targetId;
  if (targetId !== undefined) written.targetId = targetId;
  if (line.ending.kind === 'settled') {
    const { fields, back } = line.ending;
    if (fields) written.fields = fields;
    if (back) written.back = back;
  }
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
