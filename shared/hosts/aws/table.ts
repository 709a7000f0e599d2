/** The state table: names that this host and infra must agree on. */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Seconds since 1970; set on what may be forgotten. */
  timeToLive: 'expiresAt',
  /** Sparse: only links that are parked or wait for a moment, and documents that are filed, lie in them. Keys only. */
  indexes: {
    parked: { name: 'parked', partitionKey: 'parkedFlow', sortKey: 'parkedSince' },
    due: { name: 'due', partitionKey: 'recheckFlow', sortKey: 'recheckAt' },
  },
} as const;

/** Names a partition key as what it holds: two kinds of items never share one. */
export const LINK_PREFIX = 'link/';
export const DOCUMENT_PREFIX = 'document/';
