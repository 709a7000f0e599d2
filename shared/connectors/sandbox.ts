import type { Hono } from 'hono';

/** One fault that a sandbox can be told to show. */
export interface FaultSwitch {
  /** Kebab-case. */
  readonly name: string;
  /** One sentence for the console. */
  readonly does: string;
}

/** What a person at the vendor may do to a record, through the control endpoint. */
export interface SandboxEdit {
  /** e.g. `constituent`, `contact`. */
  record: string;
  /** Absent = a new record. */
  id?: string;
  /** The vendor's own field names; absent with `remove`. */
  set?: Readonly<Record<string, string | number | boolean | null>>;
  /** Delete it, as that vendor deletes. */
  remove?: boolean;
  /** Who does it: the vendor's staff (default), the person whose record it is, or another integration. */
  by?: 'staff' | 'person' | 'integration';
}

/** One request that a sandbox sends by itself, signed as the vendor signs. */
export interface SandboxRequest {
  readonly method: 'POST';
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A vendor's webhooks: the sandbox decides what is due, whoever serves it sends. */
export interface SandboxWebhooks {
  /** Where they go from now on; undefined = nowhere, and nothing is kept for later. Said anew at each start. */
  aim(url: string | undefined): void;
  /** When the next request is due by the sandbox's clock, in milliseconds since 1970; undefined = none waits. */
  nextAt(): number | undefined;
  /**
   * Sends all that is due and gives how many requests that were. `post` gives the HTTP status; it throws where
   * there was no answer in time.
   */
  deliver(post: (request: SandboxRequest) => Promise<number>): Promise<number>;
}

/** What a sandbox tells of itself. */
export interface SandboxState {
  vendor: string;
  title: string;
  /** The JSON that belongs into the account's secret; base URL included. */
  secret: Readonly<Record<string, unknown>>;
  faults: readonly (FaultSwitch & { on: boolean })[];
  /** By operation, plus `refused`, `creates`, `duplicates`. */
  counters: Readonly<Record<string, number>>;
  /** The sandbox's own clock. */
  now: string;
  /** How much there is of what, for people. */
  records: Readonly<Record<string, number>>;
  /** Values of `record` that `edit` takes, the usual one first. */
  kinds: readonly [string, ...string[]];
}

/**
 * A stateful local vendor. `app` speaks the vendor's wire protocol at the root of its own port. The clock is
 * real time plus what it was advanced by; randomness comes from the seed.
 */
export interface Sandbox {
  readonly app: Hono;
  state(baseUrl: string): SandboxState;
  /** Turns faults on or off; an unknown name is an error that lists the known ones. */
  setFaults(faults: Readonly<Record<string, boolean>>): void;
  advance(ms: number): void;
  /** As a person at the vendor would; returns the record's id. */
  edit(edit: SandboxEdit): string;
  /** The vendor's stored record, for the console and for tests; undefined when there is none. */
  peek(record: string, id: string): Readonly<Record<string, unknown>> | undefined;
  /** A trickle of ordinary changes, one per call (`--activity on`). */
  act(): void;
  /** Grows with every change of what is stored, so that a host can tell a call that changed something. */
  revision(): number;
  /** Only of payment providers: instruments that pay, and that are declined for good. */
  readonly instruments?: { readonly good: string; readonly declined: string };
  /** Only of vendors that send webhooks. */
  readonly webhooks?: SandboxWebhooks;
}

export interface SandboxOptions {
  seed: number;
  /** How many records to begin with, where the vendor is a source. */
  size: number;
  /** Milliseconds since 1970; defaults to the machine's clock. */
  now?: () => number;
  /** A rate limit other than the vendor's, for benchmarks: Infinity = none. */
  rateScale?: number;
  /** How a slow vendor takes its time; defaults to the machine's. */
  sleep?: (ms: number) => Promise<void>;
}

/** The machine's own time; a process that has nothing else to do need not wait for it. */
export function realSleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
