import type { Filing } from '../../../shared/engine/filing.ts';
import type { LinkBody } from '../../../shared/engine/link.ts';
import type { Lease, LinkKey, Millis } from '../../../shared/engine/ports.ts';
import type { TrailEntry } from '../../../shared/engine/trail.ts';

export interface StoredLink {
  key: LinkKey;
  body: LinkBody | undefined;
  lease: Lease | undefined;
  takeovers: number;
  waiters: string[];
  /** What the claim of the present lease found, so that a repeated claim answers like the first. */
  found: { lease: Lease; takeovers: number } | undefined;
}

export interface StoredMessage {
  sequence: number;
  flow: string;
  lane: string;
  body: string;
  visibleAt: Millis;
  receiveCount: number;
}

export interface StoredDeadLetter {
  sequence: number;
  flow: string;
  body: string;
  visibleAt: Millis;
  looks: number;
}

/** All that the in-memory ports remember: plain data, so that a simulator can fork, print and compare it. */
export interface MemoryState {
  links: Map<string, StoredLink>;
  messages: Map<number, StoredMessage>;
  letters: Map<number, StoredDeadLetter>;
  documents: Map<string, { json: string; revision: number; filed?: Filing }>;
  secrets: Map<string, { json: string; version: number }>;
  trail: TrailEntry[];
  counters: Map<string, number>;
  gauges: Map<string, number>;
  /** The last sequence number given to a message or a letter. */
  sequence: number;
}

export function emptyState(): MemoryState {
  return {
    links: new Map(),
    messages: new Map(),
    letters: new Map(),
    documents: new Map(),
    secrets: new Map(),
    trail: [],
    counters: new Map(),
    gauges: new Map(),
    sequence: 0,
  };
}

/** An independent copy of everything: what one worker does next in the copy is not seen in the original. */
export function fork(state: MemoryState): MemoryState {
  return structuredClone(state);
}

/** What a JSON store would give back: no shared objects, no undefined properties. */
export function copied<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}

/** Ordering that does not depend on a locale. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
