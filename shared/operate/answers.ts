import * as z from 'zod';
import { AlertSchema, AnswersSchema, ServiceStatusSchema } from './answers-health.ts';
import { PairSchema, ValueSchema } from './answers-pair.ts';

/** What the API answers: the one shape that host, console and CLI agree on. Moments are milliseconds since 1970. */

export const BackfillSchema = z.object({
  sent: z.number(),
  total: z.number().optional(),
  startedAt: z.number(),
  finishedAt: z.number().optional(),
  /** It waits because the bulk queue is deep. */
  paced: z.boolean().optional(),
});
export type BackfillAnswer = z.infer<typeof BackfillSchema>;

export const AuditSchema = z.object({
  phase: z.string(),
  agree: z.number(),
  differ: z.number(),
  explained: z.number(),
  repaired: z.number(),
  causes: z.record(z.string(), z.number()),
  differences: z.array(z.object({ id: z.string(), cause: z.string() })).readonly(),
  startedAt: z.number(),
  finishedAt: z.number().optional(),
});
export type AuditAnswer = z.infer<typeof AuditSchema>;

export const OutcomeSchema = z.object({
  at: z.number(),
  collection: z.string().optional(),
  id: z.string().optional(),
  outcome: z.string(),
  cause: z.string(),
  attempt: z.number(),
  reason: z.string().optional(),
  fields: z.array(z.string()).readonly().optional(),
});
export type OutcomeAnswer = z.infer<typeof OutcomeSchema>;

const CollectionSchema = z.object({
  name: z.string(),
  source: z.string(),
  target: z.string(),
  /** Changes at the target flow back to the source. */
  bothWays: z.boolean().optional(),
  backfill: BackfillSchema.optional(),
  audit: AuditSchema.optional(),
});

export const FlowStatusSchema = z.object({
  name: z.string(),
  title: z.string(),
  answers: AnswersSchema,
  /** `ok`, `paused` by a person, `held` by the engine until somebody looks, or `attention`: an alert is open. */
  health: z.enum(['ok', 'attention', 'held', 'paused']),
  /** Why it is paused or held, for people. */
  because: z.string().optional(),
  alerts: z.array(AlertSchema),
  lanes: z.array(
    z.object({ lane: z.string(), visible: z.number(), inFlight: z.number(), delayed: z.number() }),
  ),
  oldestUnfinishedMs: z.number().optional(),
  parked: z.number(),
  /** What only a person can decide; absent for a flow that only goes one way. */
  items: z.number().optional(),
  deadLetters: z.number(),
  lastScanAt: z.number().optional(),
  collections: z.array(CollectionSchema),
  /** Counted since the host started. */
  counters: z.record(z.string(), z.number()),
  /** Newest first, since the host started. */
  recent: z.array(OutcomeSchema),
});
export type FlowStatus = z.infer<typeof FlowStatusSchema>;

export const AccountStatusSchema = z.object({
  account: z.string(),
  breaker: z.string(),
  held: z.string().optional(),
  /** What is known of its limits and of what is left. */
  budget: z.record(z.string(), z.union([z.number(), z.string()])),
});
export type AccountStatus = z.infer<typeof AccountStatusSchema>;

const SandboxBriefSchema = z.object({
  vendor: z.string(),
  title: z.string(),
  baseUrl: z.string(),
  /** Path of its control endpoint on the host's port. */
  control: z.string(),
});

export const StatusSchema = z.object({
  version: z.string(),
  now: z.number(),
  startedAt: z.number(),
  flows: z.array(FlowStatusSchema),
  /** APIs beside the flows. */
  services: z.array(ServiceStatusSchema),
  accounts: z.array(AccountStatusSchema),
  sandboxes: z.array(SandboxBriefSchema),
});
export type Status = z.infer<typeof StatusSchema>;

export const ParkedRecordSchema = z.object({
  collection: z.string(),
  id: z.string(),
  kind: z.string(),
  reason: z.string(),
  field: z.string().optional(),
  since: z.number(),
  fingerprint: z.string(),
});
export type ParkedRecord = z.infer<typeof ParkedRecordSchema>;

export const ParkedSchema = z.object({
  flow: z.string(),
  count: z.number(),
  records: z.array(ParkedRecordSchema),
  /** Give it as `?after=` for the next page. */
  next: z.string().optional(),
});
export type ParkedAnswer = z.infer<typeof ParkedSchema>;

export const RecordSchema = z.object({
  flow: z.string(),
  collection: z.string(),
  id: z.string(),
  /** The few words a person recognises it by. */
  label: z.string().optional(),
  source: z.object({ title: z.string(), state: z.string() }),
  /** `linked`, or `none`: the flow knows no record of it there. */
  target: z.object({ title: z.string(), state: z.string(), id: z.string().optional() }),
  /** Why it is kept away from the target, cannot be mapped, or could not be read now. */
  note: z.string().optional(),
  /** What a replay would do. */
  verdict: z.object({ kind: z.string(), why: z.string() }),
  /** Every field the flow sets: what the mapping wants and what the target holds now. */
  fields: z.array(
    z.object({
      name: z.string(),
      wanted: ValueSchema.optional(),
      current: ValueSchema.optional(),
      differs: z.boolean(),
      /** Where it would be written; `person` = nowhere before somebody has decided. */
      towards: z.enum(['source', 'target', 'person']).optional(),
    }),
  ),
  link: z
    .object({
      state: z.string().optional(),
      readAt: z.number().optional(),
      recheckAt: z.number().optional(),
      leasedUntil: z.number().optional(),
      takeovers: z.number(),
    })
    .optional(),
  parked: ParkedRecordSchema.optional(),
  /** Of a record that both sides may change. */
  pair: PairSchema.optional(),
  /** Newest first. */
  history: z.array(OutcomeSchema),
});
export type RecordAnswer = z.infer<typeof RecordSchema>;

export const ReplaySchema = z.object({
  sent: z.number(),
  items: z.array(
    z.object({
      collection: z.string(),
      id: z.string(),
      verdict: z.object({ kind: z.string(), why: z.string() }),
    }),
  ),
});

/** Every refusal: what is wrong, and what to do next. */
export const ProblemSchema = z.object({ error: z.string(), hint: z.string() });

export const SandboxStateSchema = z.object({
  vendor: z.string(),
  title: z.string(),
  baseUrl: z.string(),
  /** What belongs into the account's secret. */
  secret: z.record(z.string(), z.unknown()),
  faults: z.array(z.object({ name: z.string(), does: z.string(), on: z.boolean() })),
  counters: z.record(z.string(), z.number()),
  now: z.string(),
  records: z.record(z.string(), z.number()),
  /** What a person there may change. */
  kinds: z.array(z.string()),
  /** The stored record that `?record=&id=` asked for; null when there is none. */
  record: z.record(z.string(), z.unknown()).nullable().optional(),
});
export type SandboxAnswer = z.infer<typeof SandboxStateSchema>;

export const ScanSchema = z.object({
  sent: z.number(),
  finished: z.boolean(),
  skipped: z.string().optional(),
});

export const DoneSchema = z.object({ ok: z.literal(true) });

/** Audit of a flow: the sums, and each collection's own report. */
export const FlowAuditSchema = z.object({
  flow: z.string(),
  finished: z.boolean(),
  agree: z.number(),
  differ: z.number(),
  explained: z.number(),
  repaired: z.number(),
  collections: z.array(AuditSchema.extend({ collection: z.string() })),
});
export type FlowAudit = z.infer<typeof FlowAuditSchema>;

export const FlowBackfillSchema = z.object({
  flow: z.string(),
  collections: z.array(BackfillSchema.extend({ collection: z.string() })),
});
export type FlowBackfill = z.infer<typeof FlowBackfillSchema>;
