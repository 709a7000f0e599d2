import * as z from 'zod';

/** What a host tells a sandbox's process, as JSON in its only argument. */
export const ChildOptionsSchema = z.strictObject({
  /** Folder of the connector. */
  vendor: z.string().regex(/^[a-z][a-z0-9-]*$/),
  seed: z.number().int(),
  size: z.number().int(),
  activity: z.boolean(),
  /** Where it writes down what has happened to it, so that it can go on after a restart. */
  journal: z.string().min(1),
  /** Another rate limit than the vendor's, for benchmarks; 0 = none. */
  rateScale: z.number().optional(),
  /** Milliseconds that every call takes longer, for benchmarks. */
  latency: z.number().optional(),
});
export type ChildOptions = z.infer<typeof ChildOptionsSchema>;

/** What the process answers once it takes calls. */
export const ChildReadySchema = z.strictObject({
  title: z.string(),
  port: z.number().int(),
  controlPort: z.number().int(),
});

/** What the host tells it later: where its webhooks go from now on. */
export const ChildAimSchema = z.strictObject({ webhooks: z.url() });
export type ChildAim = z.infer<typeof ChildAimSchema>;
