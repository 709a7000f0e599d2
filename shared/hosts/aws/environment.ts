import * as z from 'zod';
import { LANES, type Lane } from '../../engine/change-event.ts';

const QueuesJson = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({
        code: 'custom',
        message: 'is not JSON; it is {"live":"https://…","bulk":"https://…"}',
      });
      return z.NEVER;
    }
  })
  .pipe(z.partialRecord(z.enum(LANES), z.url()))
  .refine((queues) => queues.live !== undefined, 'needs the lane live');

/** The variables that every function of a flow is given, by infra alone. */
export const EnvironmentSchema = z.object({
  /** e.g. `prod`. */
  INTERTIE_STAGE: z.string().regex(/^[a-z][a-z0-9-]{0,19}$/),
  INTERTIE_FLOW: z.string().min(1),
  /** Name of the state table, shared by all flows of a stage. */
  INTERTIE_TABLE: z.string().min(3),
  /** JSON: lane to queue URL, e.g. `{"live":"https://…","bulk":"https://…"}`. */
  INTERTIE_QUEUES: QueuesJson,
  INTERTIE_DLQ_URL: z.url(),
  /** Where a service's events go; flows have none. */
  INTERTIE_EVENTS_URL: z.url().optional(),
  /** Stands before `<vendor>/<account>` in the names of secrets: `intertie/<stage>/`. */
  INTERTIE_SECRET_PREFIX: z.string().endsWith('/'),
  /** Names the deployed code (e.g. the hash of its assets); a new one ends holds that the old code caused. */
  INTERTIE_DEPLOYMENT: z.string().min(1),
  /** Only behind an own domain: `https://hooks.example.org`. Without it the function URL's own domain counts. */
  INTERTIE_PUBLIC_URL: z.url({ protocol: /^https$/ }).optional(),
});

/** The same, as the rest of this host reads it. */
export interface Environment {
  stage: string;
  flow: string;
  table: string;
  queues: Readonly<Partial<Record<Lane, string>>>;
  deadLetterQueue: string;
  events: string | undefined;
  secretPrefix: string;
  deployment: string;
  publicUrl: string | undefined;
}

/** Throws one line that names the variable. This file alone reads `process.env`. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const parsed = EnvironmentSchema.safeParse(variables);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(
      `environment variable ${issue?.path[0]?.toString() ?? 'INTERTIE_*'}: ${issue?.message ?? 'is not usable'}; infra sets it, so deploy the flow's stack again`,
    );
  }
  const { data } = parsed;
  return {
    stage: data.INTERTIE_STAGE,
    flow: data.INTERTIE_FLOW,
    table: data.INTERTIE_TABLE,
    queues: data.INTERTIE_QUEUES,
    deadLetterQueue: data.INTERTIE_DLQ_URL,
    events: data.INTERTIE_EVENTS_URL,
    secretPrefix: data.INTERTIE_SECRET_PREFIX,
    deployment: data.INTERTIE_DEPLOYMENT,
    publicUrl: data.INTERTIE_PUBLIC_URL,
  };
}

const CredentialsSchema = z.object({
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().optional(),
});

/** Of the function's role; Lambda sets them and starts a new process before they end. */
export function readCredentials(variables: NodeJS.ProcessEnv = process.env): {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
} {
  const parsed = CredentialsSchema.safeParse(variables);
  if (!parsed.success)
    throw new Error(
      `${parsed.error.issues[0]?.path[0]?.toString()} is not set; Lambda sets it for a function with a role`,
    );
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = parsed.data;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
  };
}
