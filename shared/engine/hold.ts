import * as z from 'zod';
import { amend, readDocument } from './documents.ts';
import type { Flow } from './flow.ts';
import type { Millis, Ports } from './ports.ts';

const COPY_VALID: Millis = 1_000;
/** While a flow is held for its contract, one record tries this often whether it is over. */
const PROBE_EVERY: Millis = 300_000;
/** How long records of a flow that waits for a person rest between two looks. */
const REST: Millis = 60_000;

const FlowStateSchema = z.object({
  version: z.literal(1),
  /** An operator's own word. */
  paused: z.object({ reason: z.string(), since: z.number(), until: z.number().optional() }).optional(),
  /** Ours: something is wrong with more than one record. */
  hold: z
    .object({
      kind: z.enum(['contract', 'mass-change']),
      reason: z.string(),
      since: z.number(),
      probeAt: z.number(),
      deployment: z.string(),
    })
    .optional(),
});
export type FlowState = z.infer<typeof FlowStateSchema>;
/** Why a flow is held by the engine itself. */
export type HoldKind = NonNullable<FlowState['hold']>['kind'];

/** The answer to a worker: go on, go on with one record as a probe, or come back. */
export type Passage = { open: true; probe: boolean } | { open: false; until: Millis; why: string };

/** May a flow's records move? They stay queued while not, and spend no attempt. */
export class FlowGate {
  readonly #flow: Flow;
  readonly #ports: Ports;
  readonly #deployment: string;
  #copy: { state: FlowState | undefined; at: Millis } | undefined;

  constructor(flow: Flow, ports: Ports, deployment: string) {
    this.#flow = flow;
    this.#ports = ports;
    this.#deployment = deployment;
  }

  async pass(): Promise<Passage> {
    const state = await this.state();
    const now = this.#ports.clock.now();
    const { paused, hold } = state ?? {};
    if (paused && (paused.until === undefined || paused.until > now))
      return {
        open: false,
        until: Math.min(now + REST, paused.until ?? Infinity),
        why: `paused: ${paused.reason}`,
      };
    if (!hold) return { open: true, probe: false };
    if (hold.kind === 'mass-change') return { open: false, until: now + REST, why: hold.reason };
    if (hold.deployment !== this.#deployment) return this.#released();
    if (hold.probeAt <= now && (await this.#winProbe(now))) return { open: true, probe: true };
    return {
      open: false,
      until: Math.max(now + 1_000, Math.min(hold.probeAt, now + REST)),
      why: hold.reason,
    };
  }

  /** The first reason stands until somebody ends the hold. */
  async hold(kind: HoldKind, reason: string): Promise<void> {
    const now = this.#ports.clock.now();
    await this.#amend((state) => {
      if (state.hold) return undefined;
      return {
        ...state,
        hold: { kind, reason, since: now, probeAt: now + PROBE_EVERY, deployment: this.#deployment },
      };
    });
  }

  /** Ends holds of this kind; true if there was one. */
  async release(kind?: HoldKind): Promise<boolean> {
    let released = false;
    await this.#amend((state) => {
      if (!state.hold || (kind !== undefined && state.hold.kind !== kind)) return undefined;
      released = true;
      const { hold: _, ...rest } = state;
      return rest;
    });
    return released;
  }

  async pause(reason: string, until?: Millis): Promise<void> {
    const since = this.#ports.clock.now();
    await this.#amend((state) => ({
      ...state,
      paused: until === undefined ? { reason, since } : { reason, since, until },
    }));
  }

  async resume(): Promise<boolean> {
    let resumed = false;
    await this.#amend((state) => {
      resumed = state.paused !== undefined;
      const { paused: _, ...rest } = state;
      return rest;
    });
    return resumed;
  }

  async state(): Promise<FlowState | undefined> {
    const now = this.#ports.clock.now();
    if (this.#copy && now >= this.#copy.at && now - this.#copy.at < COPY_VALID) return this.#copy.state;
    const state = await readDocument(this.#ports, this.#document, FlowStateSchema);
    this.#copy = { state, at: now };
    return state;
  }

  async #released(): Promise<Passage> {
    await this.release('contract');
    return { open: true, probe: false };
  }

  async #winProbe(now: Millis): Promise<boolean> {
    let won = false;
    await this.#amend((state) => {
      won = state.hold !== undefined && state.hold.probeAt <= now;
      if (!won || !state.hold) return undefined;
      return { ...state, hold: { ...state.hold, probeAt: now + PROBE_EVERY } };
    });
    return won;
  }

  async #amend(change: (state: FlowState) => FlowState | undefined): Promise<void> {
    const state = await amend(this.#ports, this.#document, FlowStateSchema, (current) =>
      change(current ?? { version: 1 }),
    );
    this.#copy = { state, at: this.#ports.clock.now() };
  }

  get #document(): string {
    return `flow/${this.#flow.name}`;
  }
}
