import type { Fault } from './fault.ts';
import { leaseDuration, SKEW } from './flow.ts';
import type { Item } from './intake.ts';
import { emptyBody, type LinkBody } from './link.ts';
import type { ClaimResult, Millis, Ports } from './ports.ts';
import type { OutcomeKind } from './trail.ts';

/** A record killed this many workers before it is parked untouched. */
export const MAX_TAKEOVERS = 4;

/** One claimed record on its way through a worker. */
export interface Job {
  item: Item;
  token: string;
  leaseUntil: Millis;
  /** The link's body as the claim found it, and the only copy that is used from here on. */
  body: LinkBody;
  /** False for a link that the claim has just made. */
  known: boolean;
  waiters: readonly string[];
  /** Somebody may have written without settling, so what the body remembers of the target is not trusted. */
  forced: boolean;
  /** Workers that died with this record in hand, this takeover included. */
  takeovers: number;
  /** When the read that decides began. */
  readAt: Millis;
  /** The source's record as it was read; only where the way back needs it. */
  record?: unknown;
}

/**
 * May the target have been changed by what failed? `landed` = part of it may have been applied, and that is
 * over; `landing` = it may still be applied, so the lease is kept until nothing can land any more.
 */
export type Doubt = 'none' | 'landed' | 'landing';

/** How a job ended. */
export type Ending =
  | {
      job: Job;
      kind: 'settled';
      outcome: OutcomeKind;
      body: LinkBody;
      /** Ids to tell, because this record is no longer what they saw. */
      ring: readonly string[];
      fields?: readonly string[];
      /** Fields that were written at the source. */
      back?: readonly string[];
      reason?: string;
    }
  | {
      job: Job;
      kind: 'failed';
      fault: Fault;
      doubt: Doubt;
      ring: readonly string[];
      /** Whom the record concerns, as far as it could be read: remembered, or nobody could be told when it is gone. */
      affects: readonly string[];
      /** For a waiting record: what those in `ring` are told of. */
      toldAs?: string;
    };

export interface Claims {
  jobs: Job[];
  /** Held by another worker, with the end of its lease. */
  held: { item: Item; heldUntil: Millis }[];
}

/** One conditional write per record; what it returns is the only memory of the record that counts. */
export async function claim(ports: Ports, items: readonly Item[]): Promise<Claims> {
  const now = ports.clock.now();
  const token = ports.random.token();
  const requests = items.map((item) => ({
    key: item.key,
    token,
    until: now + leaseDuration(item.collection),
  }));
  const results = await ports.links.claim(requests, now - 2 * SKEW);
  const claims: Claims = { jobs: [], held: [] };
  for (const [at, item] of items.entries()) {
    const result = results[at];
    const until = requests[at]?.until;
    if (!result || until === undefined) throw new Error('the store answered fewer claims than were asked');
    if (result.claimed) claims.jobs.push(toJob(item, { token, leaseUntil: until }, result));
    else claims.held.push({ item, heldUntil: result.heldUntil });
  }
  return claims;
}

function toJob(
  item: Item,
  lease: { token: string; leaseUntil: Millis },
  { before }: Extract<ClaimResult, { claimed: true }>,
): Job {
  const old = before?.lease;
  const takenOver = old !== undefined && !old.reported;
  return {
    item,
    ...lease,
    body: before?.body ?? emptyBody,
    known: before?.body !== undefined,
    waiters: before?.waiters ?? [],
    forced: old !== undefined || before?.body?.doubt === true,
    takeovers: takenOver ? (before?.takeovers ?? 0) + 1 : 0,
    readAt: 0,
  };
}
