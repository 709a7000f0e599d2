import type { ChangeEvent, Lane } from './change-event.ts';
import type { Documents } from './filing.ts';
import type { LinkBody } from './link.ts';
import type { TrailEntry } from './trail.ts';

/**
 * Everything the engine knows of the world. A host implements these; `test/hosts/contract.ts` is the one
 * suite that says what they promise. Faults of storage itself are thrown as plain errors: the engine then
 * leaves the message on the queue.
 */
export interface Ports {
  clock: Clock;
  random: Random;
  links: Links;
  queue: ChangeQueue;
  deadLetters: DeadLetters;
  documents: Documents;
  secrets: Secrets;
  trail: Trail;
  meter: Meter;
  http: Http;
}

/** Milliseconds since 1970-01-01T00:00Z by our clock; durations in the same unit. */
export type Millis = number;

export interface Clock {
  now(): Millis;
  /** Rejects with the signal's reason when it aborts. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** 128 bits that no other worker will draw: lease tokens and traces. */
  token(): string;
}

/** One record of one collection of one flow, by its id at the source. */
export interface LinkKey {
  flow: string;
  collection: string;
  id: string;
}

/** The right to touch a record until `until`; `reported` = its owner told us the outcome is unknown and why. */
export interface Lease {
  token: string;
  until: Millis;
  reported?: boolean;
}

/** The idempotency key and the sync state of a record. The engine owns `body`; a host stores it whole. */
export interface Link {
  key: LinkKey;
  body: LinkBody | undefined;
  lease: Lease | undefined;
  /** Claims over somebody else's unreported lease since the last settle or report. */
  takeovers: number;
  /** Ids (same flow, `collection/id`) to ring when this link settles. */
  waiters: readonly string[];
}

/** One lease asked for, until `until`. */
export interface ClaimRequest {
  key: LinkKey;
  token: string;
  until: Millis;
}

/** The link as the claim found it, or until when somebody else holds it. */
export type ClaimResult = { claimed: true; before: Link | undefined } | { claimed: false; heldUntil: Millis };

export interface Settlement {
  key: LinkKey;
  /** Nothing is written unless the lease still carries this token. */
  token: string;
  /** Replaces the body; undefined leaves the stored one as it is. */
  body: LinkBody | undefined;
  /** `release` removes the lease, `report` marks it reported (quarantine), both clear `takeovers`; `keep` only writes the body. */
  lease: 'release' | 'report' | 'keep';
  /** Waiters that have been rung and are removed; one added meanwhile stays. */
  rung: readonly string[];
}

export interface Page<T> {
  items: T[];
  /** Opaque; absent on the last page. */
  next?: string;
}

export interface Links {
  /** Same order as the keys, at most 100; may be stale, so good only for dropping covered hints. */
  read(keys: readonly LinkKey[]): Promise<(Link | undefined)[]>;
  /**
   * One conditional write per record, each on its own: succeeds without a lease, over a lease whose `until`
   * is before `expiredBefore`, or over our own token (a repeated write). `before` is the link as this write
   * found it, its own token's lease left out. Taking over an unreported lease adds 1 to `takeovers`.
   * At most 100.
   */
  claim(requests: readonly ClaimRequest[], expiredBefore: Millis): Promise<ClaimResult[]>;
  /** Same order; `lost` = the lease was no longer ours and nothing was written. A repeat of our own release is `settled` or `lost`, never an error. */
  settle(settlements: readonly Settlement[]): Promise<('settled' | 'lost')[]>;
  /** Adds a waiter to a link, creating the item if needed. Unconditional and idempotent. */
  wait(key: LinkKey, waiter: string): Promise<void>;
  /** Every link of a collection, in a stable order; links that stay throughout the walk are seen once. */
  page(of: { flow: string; collection: string }, limit: number, after?: string): Promise<Page<Link>>;
  /** Links with `body.parked`, oldest first. */
  parked(flow: string, limit: number, after?: string): Promise<Page<Link>>;
  /** Links whose `body.recheckAt` is at or before `now`, oldest first. */
  due(flow: string, now: Millis, limit: number): Promise<Link[]>;
  /** How many links of the flow are parked, and since when the oldest is. */
  parkedCount(flow: string): Promise<{ count: number; oldestSince?: Millis }>;
}

/** One queue. */
export interface QueueRef {
  flow: string;
  lane: Lane;
}

export interface Outgoing {
  lane: Lane;
  event: ChangeEvent;
  /** 0 to MAX_DELAY; longer waits go into the event's `dueAt`. */
  delay: Millis;
}

/** The longest delay a queue promises (SQS: 15 minutes). */
export const MAX_DELAY: Millis = 900_000;

/** Receives after which a queue gives up on a message and moves it, as it is, to the dead letters. */
export const MAX_RECEIVES = 10;

export interface Delivery {
  /** Valid until the visibility timeout ends or the message is acknowledged. */
  receipt: string;
  body: string;
  /** How many times this message has been received, this one included. */
  receiveCount: number;
}

/** Messages that can be received now, are being worked on, and wait for their time. */
export interface Depth {
  visible: number;
  inFlight: number;
  delayed: number;
}

/** At least once, in any order. A resolved `send` is durable. */
export interface ChangeQueue {
  send(messages: readonly Outgoing[]): Promise<void>;
  /** At once, with what is there (possibly nothing); each message is invisible for `visibility`. */
  receive(from: QueueRef, max: number, visibility: Millis): Promise<Delivery[]>;
  /** Unknown or stale receipts are ignored. */
  acknowledge(from: QueueRef, receipts: readonly string[]): Promise<void>;
  depth(of: QueueRef): Promise<Depth>;
}

/** What lies in a flow's dead-letter queue: one record, and why. Field names and the vendor's redacted words, never values. */
export interface DeadLetter {
  flow: string;
  collection: string;
  id: string;
  reason: string;
  fingerprint: string;
  at: Millis;
  trace: string;
}

export interface StoredLetter {
  receipt: string;
  /** Undefined when the message is a raw change event that the queue moved by itself after too many receives. */
  letter: DeadLetter | undefined;
  body: string;
}

export interface DeadLetters {
  add(letters: readonly DeadLetter[]): Promise<void>;
  /** A look at up to `max` letters; each may be removed by its receipt within 60 seconds. */
  look(flow: string, max: number): Promise<StoredLetter[]>;
  remove(flow: string, receipts: readonly string[]): Promise<void>;
  depth(flow: string): Promise<number>;
}

export interface Secrets {
  /** Undefined when no such secret exists; throws when it cannot be fetched now. */
  get(name: string): Promise<{ value: unknown; version: string } | undefined>;
  /** Replaces the secret; the caller holds the account's refresh lease. */
  put(name: string, value: unknown): Promise<void>;
}

export interface Trail {
  /** One line per outcome; never blocks delivery, never throws. */
  write(entries: readonly TrailEntry[]): void;
}

export interface Meter {
  /** Adds to a counter of the flow (or of the account, `flow` empty). */
  count(flow: string, metric: string, by?: number): void;
  /** Sets a gauge. */
  gauge(flow: string, metric: string, value: number): void;
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** For the whole exchange. */
  timeout: Millis;
  /** From then on no byte of it may leave: looked at once more when the socket is there. */
  sendBefore?: Millis;
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/**
 * Resolves with any status. Rejects with `HttpFailure` and nothing else; `sent` tells whether a byte of
 * the request may have left (then nobody knows whether the vendor acted). Aborting destroys the socket.
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

/** The only thing `Http` rejects with. */
export class HttpFailure extends Error {
  readonly sent: boolean;
  constructor(message: string, sent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpFailure';
    this.sent = sent;
  }
}
