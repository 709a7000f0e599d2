import type { Millis } from '../../shared/engine/ports.ts';

/** How nasty the world is. Probabilities are per opportunity, named in each line. */
export interface Weights {
  /** Records at the source. */
  records: number;
  /** Edits at the source while faults are on. */
  edits: number;
  /** How long faults stay on. */
  chaos: Millis;
  /** Worker processes that take messages. */
  workers: number;
  /** A worker dies, per scheduling point (two for each port call). */
  crash: number;
  /** A scan dies besides, per scheduling point. */
  scanCrash: number;
  /** A worker stands still for up to five minutes, per scheduling point. */
  freeze: number;
  /** Storage throws, before or after (part of) its effect, per port call on storage. */
  throttle: number;
  /** A message is there twice, per message received. */
  duplicate: number;
  /** A webhook never comes, per edit. */
  lostWebhook: number;
  /** No connection, per vendor call. */
  refused: number;
  /** The answer is lost after the vendor applied it, per vendor call. */
  replyLost: number;
  /** The call is applied up to `lateness` after we gave up on it, per writing call. */
  late: number;
  /** 500 before or after the effect, per vendor call. */
  serverError: number;
  /** A burst of 429 begins, per vendor call. */
  tooMany: number;
  /** Windows in which a vendor is gone, up to `outage` long. */
  outages: number;
  outage: Millis;
  /** The access token expires, per vendor call. */
  expiry: number;
  /** Edits and deletions at the target by people. */
  outside: number;
  outsideDelete: number;
  /** Share of the records that kill whoever reads them, are refused, do not fit the schema. */
  killers: number;
  rejected: number;
  unreadable: number;
  /** Share of the records that depend on another one. */
  sponsored: number;
  children: number;
  /** Share of the records that lapse with time. */
  lapsing: number;
  /** Share of the records that are at the target already, without our reference. */
  existing: number;
  /** A record is missing from a bulk reply, per record. */
  partial: number;
  /** The source record is deleted, merged, or kept away, per edit. */
  gone: number;
  absent: number;
  /** Clocks of workers differ from true time by at most this. */
  skew: Millis;
  /** How long reads by id may show the old state. */
  readLag: Millis;
  lateness: Millis;
  /** How late the change feed shows a change. */
  commitLag: Millis;
  /** Webhooks come late by up to this. */
  webhookDelay: Millis;
  /** A settle reaches storage minutes late, also when its worker is dead by then; per settle. */
  lateSettle: number;
  /** The host's or the storage's promise that is broken (a mutant's switch). */
  broken: 'outlives its timeout' | 'settles without ownership' | undefined;
  /** The flow scans, which heals what its webhooks lost; off where only accepted webhooks may count. */
  scans: boolean;
  /** Audits while the faults are on. */
  audits: boolean;
  /** Each seed leaves some faults out and exaggerates others; off for a directed schedule. */
  swarm: boolean;
  /** Calls per second that both vendors allow; 0 = no limit. */
  rate: number;
  /** The target's creates are upserts by our reference. */
  upsert: boolean | undefined;
}

export const defaultWeights: Weights = {
  records: 5,
  edits: 10,
  chaos: 480_000,
  workers: 3,
  crash: 0.005,
  scanCrash: 0,
  freeze: 0.0015,
  throttle: 0.006,
  duplicate: 0.1,
  lostWebhook: 0.1,
  refused: 0.01,
  replyLost: 0.04,
  late: 0.12,
  serverError: 0.02,
  tooMany: 0.01,
  outages: 0.3,
  outage: 300_000,
  expiry: 0.01,
  outside: 2,
  outsideDelete: 0.3,
  killers: 0.05,
  rejected: 0.05,
  unreadable: 0.03,
  sponsored: 0.2,
  children: 0.2,
  lapsing: 0.1,
  existing: 0.1,
  partial: 0.02,
  gone: 0.03,
  absent: 0.08,
  skew: 5_000,
  readLag: 4_000,
  lateness: 30_000,
  commitLag: 10_000,
  webhookDelay: 60_000,
  lateSettle: 0.002,
  broken: undefined,
  scans: true,
  audits: true,
  swarm: true,
  rate: 10,
  upsert: undefined,
};

/** Nothing goes wrong any more; what is slow (lags, skew) stays slow. */
export function calm(weights: Weights): Weights {
  return {
    ...weights,
    crash: 0,
    scanCrash: 0,
    freeze: 0,
    throttle: 0,
    duplicate: 0,
    lostWebhook: 0,
    refused: 0,
    replyLost: 0,
    late: 0,
    serverError: 0,
    tooMany: 0,
    outages: 0,
    expiry: 0,
    partial: 0,
    lateSettle: 0,
  };
}
