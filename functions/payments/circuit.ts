import * as z from 'zod';

const SECOND = 1_000;
const WINDOW = 30 * SECOND;
/** Calls in the window before it may open, and the share of them that must have failed. */
const LEAST = 5;
const SHARE = 0.5;
const FIRST_PAUSE = 30 * SECOND;
const LONGEST_PAUSE = 300 * SECOND;
/** How long one probe may take before another may be made. */
const PROBE = 60 * SECOND;
const FORCED = 60 * SECOND;
/** Outcomes remembered. */
const MOST = 40;

/** One provider and one kind of call. Only infrastructure counts: a decline or a refusal is an answer. */
export const CircuitSchema = z.strictObject({
  outcomes: z.array(z.strictObject({ at: z.number(), ok: z.boolean() })),
  openUntil: z.number().optional(),
  openedAt: z.number().optional(),
  /** Times it has opened in a row; each pause is twice as long. */
  pauses: z.number().int(),
  probing: z.boolean().optional(),
  /** An operator's word, which counts more than any outcome. */
  forced: z.enum(['open', 'closed']).optional(),
});
export type Circuit = z.infer<typeof CircuitSchema>;

/** Nothing has failed. */
export const closedCircuit: Circuit = { outcomes: [], pauses: 0 };

/** Until when nothing is to be called; undefined when a call may be made, if only as a probe. */
export function restsUntil({ forced, openUntil }: Circuit, now: number): number | undefined {
  if (forced) return forced === 'open' ? now + FORCED : undefined;
  return openUntil !== undefined && openUntil > now ? openUntil : undefined;
}

/** Open, and due for one probe: the circuit with that probe taken; everybody else goes on waiting. */
export function takeProbe(circuit: Circuit, now: number): Circuit | undefined {
  const { forced, openUntil } = circuit;
  if (forced || openUntil === undefined || openUntil > now) return undefined;
  return { ...circuit, openUntil: now + PROBE, probing: true };
}

/** Undefined when there is nothing to remember: a success while all is well. */
export function afterCall(circuit: Circuit, ok: boolean, now: number): Circuit | undefined {
  const isOpen = circuit.openUntil !== undefined;
  if (ok) {
    if (isOpen) return { ...closedCircuit, ...(circuit.forced && { forced: circuit.forced }) };
    return circuit.outcomes.length > 0 ? remember(circuit, ok, now) : undefined;
  }
  // Calls that were under way when it opened say nothing new.
  if (isOpen) return circuit.probing ? open(circuit, now) : undefined;
  const next = remember(circuit, ok, now);
  const failed = next.outcomes.filter((each) => !each.ok).length;
  const trips = next.outcomes.length >= LEAST && failed >= SHARE * next.outcomes.length;
  return trips ? open(next, now) : next;
}

function remember(circuit: Circuit, ok: boolean, now: number): Circuit {
  const recent = circuit.outcomes.filter(({ at }) => at > now - WINDOW);
  return { ...circuit, outcomes: [...recent, { at: now, ok }].slice(-MOST) };
}

function open(circuit: Circuit, now: number): Circuit {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** circuit.pauses);
  const pauses = Math.min(circuit.pauses + 1, 8);
  return {
    ...circuit,
    outcomes: [],
    probing: undefined,
    pauses,
    openUntil: now + pause,
    openedAt: circuit.openedAt ?? now,
  };
}
