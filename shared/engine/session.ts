import type * as z from 'zod';
import type { HttpRequest, HttpResponse, Millis, Random } from './ports.ts';

/** Does a call change anything at the vendor? A `write` whose answer is lost has an unknown outcome. */
export type Effect = 'read' | 'write';

/** What a vendor told us of its limits; every field is optional because vendors tell different parts. */
export interface ObservedLimits {
  /** Calls left in the current window of `windowMs`. */
  remaining?: number;
  limit?: number;
  windowMs?: Millis;
  dailyRemaining?: number;
  dailyLimit?: number;
}

/** What an account may do, as its connector states it for one secret. Absent = no such limit. */
export interface AccountLimits {
  /** Calls per window, spread evenly by us. */
  rate?: { calls: number; windowMs: Millis };
  /** Calls at the same time, over all workers. */
  concurrency?: number;
  /** Calls per day, until `resetsAt` midnight of this IANA time zone. */
  daily?: { calls: number; timeZone: string };
}

export type SendRequest = Omit<HttpRequest, 'timeout' | 'signal' | 'sendBefore'> & {
  /** The vendor's name of the call, for faults, counters and the trail. */
  operation: string;
  effect: Effect;
  /** Defaults to 20 seconds, never past the worker's deadline. */
  timeout?: Millis;
};

/**
 * One vendor account as a connector sees it during one piece of work. `send` spends the account's budget,
 * keeps to the worker's deadline and turns failures of the network into faults; any HTTP status is returned
 * as it is, for the connector's own translator.
 */
export interface Session {
  /** `vendor/name`, e.g. `hubspot/main`. */
  readonly account: string;
  now(): Millis;
  readonly random: Random;
  /** The account's secret, parsed; a fault `auth-expired` that names the field when it does not fit. */
  secret<T>(schema: z.ZodType<T>): Promise<T>;
  send(request: SendRequest): Promise<HttpResponse>;
  observe(limits: ObservedLimits): void;
  /**
   * Single flight over all workers: runs `renew` in one of them, stores the secret it returns, and resolves
   * when the new one can be read. Returns at once when the stored secret is no longer `stale`.
   */
  renewSecret<T>(
    schema: z.ZodType<T>,
    stale: (secret: T) => boolean,
    renew: (secret: T) => Promise<T>,
  ): Promise<T>;
}

/** A vendor account that a flow uses; its secret is `intertie/<stage>/<vendor>/<name>`. */
export interface AccountRef {
  readonly vendor: string;
  readonly name: string;
  /** Limits that hold for the account described by this secret; used until the vendor tells better. */
  limits(secret: unknown): AccountLimits;
}

/** `vendor/name`: names an account in secrets, documents and logs. */
export function accountKey(account: AccountRef): string {
  return `${account.vendor}/${account.name}`;
}
