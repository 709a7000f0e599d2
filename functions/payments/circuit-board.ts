import * as z from 'zod';
import { amend, readDocument } from '../../shared/engine/documents.ts';
import type { Ports } from '../../shared/engine/ports.ts';
import { afterCall, type Circuit, CircuitSchema, closedCircuit, restsUntil, takeProbe } from './circuit.ts';

const BoardSchema = z.strictObject({ version: z.literal(1), circuits: z.record(z.string(), CircuitSchema) });
type Board = z.infer<typeof BoardSchema>;

/** How long a worker believes what it read. */
const FRESH = 1_000;

/** The circuits of every provider as all workers share them; one document per provider. */
export class CircuitBoard {
  readonly #ports: Pick<Ports, 'documents' | 'clock' | 'random'>;
  readonly #known = new Map<string, { board: Board; at: number }>();

  constructor(ports: Pick<Ports, 'documents' | 'clock' | 'random'>) {
    this.#ports = ports;
  }

  /** Before `restsUntil` is asked. */
  async load(providers: readonly string[]): Promise<void> {
    const now = this.#ports.clock.now();
    for (const provider of providers) {
      const known = this.#known.get(provider);
      if (known && known.at + FRESH > now) continue;
      const board = await readDocument(this.#ports, keyOf(provider), BoardSchema);
      this.#known.set(provider, { board: board ?? empty, at: now });
    }
  }

  /** Until when calls of this kind are held back, by what was last loaded. */
  restsUntil(provider: string, call: string): number | undefined {
    return restsUntil(this.#circuit(provider, call), this.#ports.clock.now());
  }

  /** Directly before a call: false when the circuit is open and somebody else is probing it. */
  async enter(provider: string, call: string): Promise<boolean> {
    if (this.#circuit(provider, call).openUntil === undefined) return true;
    let mine = true;
    await this.#amend(provider, call, (circuit) => {
      const now = this.#ports.clock.now();
      const probe = takeProbe(circuit, now);
      mine = probe !== undefined || restsUntil(circuit, now) === undefined;
      return probe;
    });
    return mine;
  }

  /** What a call came to; `ok` = the provider answered, whatever it said. */
  async leave(provider: string, call: string, ok: boolean): Promise<void> {
    // Most calls go well while all is well: nothing to tell.
    if (ok && afterCall(this.#circuit(provider, call), ok, this.#ports.clock.now()) === undefined) return;
    try {
      await this.#amend(provider, call, (circuit) => afterCall(circuit, ok, this.#ports.clock.now()));
    } catch {
      // One outcome less is harmless; what the call itself came to must still be recorded.
    }
  }

  /** As they are stored now, by kind of call; a kind that never failed is absent. */
  async show(provider: string): Promise<Readonly<Record<string, Circuit>>> {
    return (await readDocument(this.#ports, keyOf(provider), BoardSchema))?.circuits ?? {};
  }

  /** An operator opens or closes every circuit of a provider; undefined lets outcomes decide again. */
  async force(
    provider: string,
    calls: readonly string[],
    forced: 'open' | 'closed' | undefined,
  ): Promise<void> {
    for (const call of calls) await this.#amend(provider, call, (circuit) => ({ ...circuit, forced }));
  }

  #circuit(provider: string, call: string): Circuit {
    return this.#known.get(provider)?.board.circuits[call] ?? closedCircuit;
  }

  async #amend(
    provider: string,
    call: string,
    change: (circuit: Circuit) => Circuit | undefined,
  ): Promise<void> {
    const board = await amend(this.#ports, keyOf(provider), BoardSchema, (current) => {
      const circuits = current?.circuits ?? {};
      const changed = change(circuits[call] ?? closedCircuit);
      return changed && { version: 1 as const, circuits: { ...circuits, [call]: changed } };
    });
    if (board) this.#known.set(provider, { board, at: this.#ports.clock.now() });
  }
}

const empty: Board = { version: 1, circuits: {} };

function keyOf(provider: string): string {
  return `payment-circuit/${provider}`;
}
