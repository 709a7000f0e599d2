import * as z from 'zod';
import { amend, readDocument } from './documents.ts';
import type { Ceiling, Flow } from './flow.ts';
import type { Millis, Ports } from './ports.ts';

const HOUR: Millis = 3_600_000;
const WINDOW_HOURS = 24;
/** Updates are reserved this many at a time, so that the counter costs a small part of a write per record. */
const CHUNK = 50;

const GuardSchema = z.object({
  version: z.literal(1),
  /** Removals and changes reserved per hour since 1970; an hour counts until all of it is over a day old. */
  hours: z.array(z.object({ hour: z.number(), removals: z.number(), changes: z.number() })),
  /** Records of the flow known to be at the target: what a share is a share of. */
  records: z.number(),
  /** A person has let the mass change through until then. */
  approvedUntil: z.number().optional(),
});
export type GuardState = z.infer<typeof GuardSchema>;

/** What is counted: records taken away or emptied, and records changed. */
export type Amount = 'removals' | 'changes';

/** Reserves before the write; the state is undefined when the ceiling would be passed. Pure. */
export function reserve(
  state: GuardState,
  ask: { what: Amount; count: number; now: Millis; ceiling: Ceiling },
): GuardState | undefined {
  const hour = Math.floor(ask.now / HOUR);
  const hours = state.hours.filter((each) => each.hour >= hour - WINDOW_HOURS);
  const used = hours.reduce((sum, each) => sum + each[ask.what], 0);
  const approved = state.approvedUntil !== undefined && state.approvedUntil > ask.now;
  const most = Math.max(ask.ceiling.atLeast, ask.ceiling.share * state.records);
  if (!approved && used + ask.count > most) return undefined;
  const known = hours.find((each) => each.hour === hour) ?? { hour, removals: 0, changes: 0 };
  const others = hours.filter((each) => each.hour !== hour);
  return { ...state, hours: [...others, { ...known, [ask.what]: known[ask.what] + ask.count }] };
}

/** Stops a flow that would take away, or change, more than its share of records, until a person agrees once. */
export class MassChangeGuard {
  readonly #flow: Flow;
  readonly #ports: Ports;
  #reserved: Record<Amount, number> = { removals: 0, changes: 0 };
  /** Records added and not written down yet. */
  #added = 0;

  constructor(flow: Flow, ports: Ports) {
    this.#flow = flow;
    this.#ports = ports;
  }

  /** False = the ceiling would be passed; nothing was reserved. */
  async allow(what: Amount, count: number): Promise<boolean> {
    if (count === 0) return true;
    if (this.#reserved[what] >= count) {
      this.#reserved[what] -= count;
      return true;
    }
    const wanted = what === 'changes' ? Math.max(count, CHUNK) : count;
    if (await this.#reserve(what, wanted)) {
      this.#reserved[what] += wanted - count;
      return true;
    }
    return wanted > count && this.#reserve(what, count);
  }

  /** Returns what was reserved for writes that did not happen. */
  async giveBack(what: Amount, count: number): Promise<void> {
    if (count === 0) return;
    const hour = Math.floor(this.#ports.clock.now() / HOUR);
    await this.#amend((state) => ({
      ...state,
      hours: state.hours.map((each) =>
        each.hour === hour ? { ...each, [what]: Math.max(0, each[what] - count) } : each,
      ),
    }));
  }

  /**
   * Records more, or fewer, at the target: what the shares are shares of. Written down a few dozen at a time, or
   * with the next reservation; the few that a dying worker takes along do not matter to a share.
   */
  async added(count: number): Promise<void> {
    this.#added += count;
    if (Math.abs(this.#added) >= CHUNK) await this.#amend((state) => state);
  }

  async approve(until: Millis): Promise<void> {
    await this.#amend((state) => ({ ...state, approvedUntil: until }));
  }

  async state(): Promise<GuardState | undefined> {
    return readDocument(this.#ports, this.#document, GuardSchema);
  }

  async #reserve(what: Amount, count: number): Promise<boolean> {
    const now = this.#ports.clock.now();
    const ceiling = this.#flow.whenItBreaks[what];
    let allowed = false;
    await this.#amend((state) => {
      const next = reserve(state, { what, count, now, ceiling });
      allowed = next !== undefined;
      return next;
    });
    return allowed;
  }

  async #amend(change: (state: GuardState) => GuardState | undefined): Promise<void> {
    const added = this.#added;
    this.#added = 0;
    await amend(this.#ports, this.#document, GuardSchema, (current) => {
      const state = current ?? { version: 1, hours: [], records: 0 };
      const counted = { ...state, records: Math.max(0, state.records + added) };
      return change(counted) ?? (added === 0 ? undefined : counted);
    });
  }

  get #document(): string {
    return `guard/${this.#flow.name}`;
  }
}
