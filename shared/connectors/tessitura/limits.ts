import type { Millis } from '../../engine/ports.ts';

/**
 * Tessitura documents no rate limit, no 429 and no rate headers: every organisation is its own SQL Server,
 * and the box office feels what we ask of it. So we limit ourselves.
 */
export const DEFAULT_CONCURRENCY = 3;

/**
 * Sub-requests per POST /Batch: enough for a hundred records with memberships, tickets and attendance in one
 * call. The vendor documents no limit; lower `batchSize` in the secret if one is met.
 */
export const DEFAULT_BATCH_SIZE = 400;

/** The service works through the parts one by one, so a full batch takes seconds on a busy evening. */
export const BATCH_TIMEOUT: Millis = 30_000;

/**
 * Most constituents of one e-mail that are looked at, lowest ids first. Placeholders such as
 * `none@example.org` are shared by thousands; a real household is far below this.
 */
export const MAX_SHARERS = 25;

/** Records per read. */
export const RECORDS_PER_READ = 100;

/** Details with what is included, then permissions and e-mail lookups, then who shares an e-mail (only where somebody does). */
export const CALLS_PER_READ = 3;

/** Reads go to the database that was written to; there is no replica between (vendor's hosting guide). */
export const READ_LAG: Millis = 0;

/** Edits per write: what they look at and what they write fit into one batch call each. */
export const EDITS_PER_WRITE = 50;

/**
 * How long the service may still apply a write that we gave up on. Nobody states it: ASP.NET ends a request after
 * 110 seconds by default, so this is chosen on the safe side of that.
 */
export const LATENESS: Millis = 120_000;

/** An audit entry is stamped before its transaction commits; long box-office transactions take minutes. */
export const OVERLAP: Millis = 10 * 60_000;

/** The vendor's default page of the audit log, and the largest that it is documented for. */
export const AUDIT_PAGE = 100;

/** Pages of the audit log that are read about one batch; a batch with more is told nothing of who wrote what. */
export const MAX_WRITE_PAGES = 20;

/** How far back it is looked, in days, unless the flow says otherwise. */
export const WRITE_DAYS = 90;

/** Performances that are listed: more than the twelve months that roll-ups look back, and two seasons ahead. */
export const LISTED_DAYS = { back: 400, ahead: 730 } as const;

/** Performances per page of a list of participations: a full house is a thousand rows each. */
export const SHOWS_PER_LIST = 20;

/** An order that cannot be told by its id rings the performances of its constituent from that many days ago on. */
export const RING_DAYS = 30;

/** Ids per page of an enumeration. */
export const LIST_PAGE = 1_000;

/** Longest values that a constituent's columns take (REST resource model). */
export const FIELD_LENGTHS = { FirstName: 20, MiddleName: 20, LastName: 55, SortName: 55 } as const;
