import * as z from 'zod';

/** What the API answers of how flows and services are. Moments are milliseconds since 1970. */

export const AnswersSchema = z.object({
  moves: z.string(),
  howOften: z.string(),
  whenItBreaks: z.string(),
  whoIsPaged: z.string(),
  whereToLook: z.string(),
});

export const AlertSchema = z.object({
  key: z.string(),
  flow: z.string(),
  severity: z.enum(['page', 'notice']),
  title: z.string(),
  text: z.string(),
  since: z.number(),
});

/** An API beside the flows. */
export const ServiceStatusSchema = z.object({
  name: z.string(),
  title: z.string(),
  answers: AnswersSchema,
  health: z.enum(['ok', 'attention']),
  alerts: z.array(AlertSchema),
  queue: z.object({ visible: z.number(), inFlight: z.number(), delayed: z.number() }),
  /** For how long the oldest message that is due has been due. */
  oldestDueMs: z.number().optional(),
  deadLetters: z.number(),
  /** What it measures of itself; without a value where it has not told yet, or tells it elsewhere. */
  gauges: z.array(z.object({ name: z.string(), value: z.number().optional(), above: z.number() })),
});
export type ServiceStatus = z.infer<typeof ServiceStatusSchema>;

/** Dead letters of a service that were sent again. */
export const RedriveSchema = z.object({ sent: z.number() });
