import * as z from 'zod';
import type { Flow } from '../shared/engine/flow.ts';
import { type AccountRef, accountKey } from '../shared/engine/session.ts';

/** What CloudWatch Logs accepts, in days. */
const RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653] as const;

const Recipient = z.union([
  z.literal('nobody'),
  z
    .email()
    .refine((address) => !/@([^@]+\.)?example(\.[a-z]+)?$/.test(address), 'an example, not an address'),
]);

/** Batches in hand at the same time, for one queue; Lambda allows 2 to 1,000. */
const Concurrency = z.int().min(2).max(1_000);

/** One entry of `stages` in cdk.json; every field says what it is for in infra/README.md. */
const StageSettings = z.strictObject({
  /** Contact name of a flow to e-mail address; `nobody` = alarms show on the dashboard and page no one. */
  recipients: z.record(z.string(), Recipient),
  logRetentionDays: z
    .int()
    .refine((days) => RETENTIONS.some((each) => each === days), `must be one of ${RETENTIONS.join(', ')}`)
    .default(30),
  /** `nat`: all calls to vendors leave from one fixed address, for vendors that allow-list. */
  egress: z.enum(['none', 'nat']).default('none'),
  /** `<vendor>/<account>` whose secret exists already; every other account's is created, empty. */
  existingSecrets: z.array(z.string()).default([]),
  /** The state table `intertie-<stage>-state` exists already, left by a stage that was destroyed. */
  existingTable: z.boolean().default(false),
  /** Only behind an own domain. */
  publicUrl: z.url({ protocol: /^https$/ }).optional(),
  concurrency: z
    .strictObject({
      urgent: Concurrency.default(5),
      live: Concurrency.default(10),
      bulk: Concurrency.default(5),
      /** Of the function behind a webhook; kept free for it, and at most this. */
      webhook: z.int().min(1).max(1_000).default(10),
      /** Of the function behind a service's address, in the same way. */
      api: z.int().min(1).max(1_000).default(20),
    })
    .prefault({}),
  alarms: z
    .strictObject({
      /** Failed invocations of one function within five minutes that page. */
      errors: z.int().min(1).default(3),
    })
    .prefault({}),
});

export interface Stage extends z.output<typeof StageSettings> {
  /** e.g. `prod`; part of every resource's name. */
  name: string;
}

/** Something in cdk.json or `-c` that a person must mend; the message is one line. */
export class StageProblem extends Error {}

/** A flow or a service, as far as a stage's settings are about it. */
export type Deployed = Pick<Flow, 'name' | 'whoIsPaged' | 'accounts'>;

/** The only reader of CDK context. Throws a StageProblem that names the field and the fix. */
export function readStage(context: (key: string) => unknown, flows: readonly Deployed[]): Stage {
  const name = stageName(context('stage'));
  const stages = z.record(z.string(), z.unknown()).safeParse(context('stages'));
  if (!stages.success)
    throw new StageProblem('context "stages" is missing: cdk.json lists the settings of each stage there');
  const settings = Object.hasOwn(stages.data, name) ? stages.data[name] : undefined;
  if (settings === undefined) {
    const known = Object.keys(stages.data).join(', ');
    throw new StageProblem(
      `stage "${name}" has no settings: add "${name}" to "stages" in cdk.json, or deploy one of: ${known}`,
    );
  }
  const parsed = StageSettings.safeParse(settings);
  if (!parsed.success) throw new StageProblem(firstIssue(name, parsed.error));
  const stage = { name, ...parsed.data };
  checkRecipients(stage, flows);
  checkSecrets(stage, accountsOf(flows));
  return stage;
}

/** Every account of these flows, once. */
export function accountsOf(flows: readonly { accounts: readonly AccountRef[] }[]): string[] {
  return [...new Set(flows.flatMap((flow) => flow.accounts.map(accountKey)))].sort();
}

function stageName(value: unknown): string {
  const parsed = z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/)
    .safeParse(value);
  if (parsed.success) return parsed.data;
  throw new StageProblem(
    'context "stage" must be lower-case letters, digits and hyphens, at most 20: pass it, as in -c stage=prod',
  );
}

function firstIssue(stage: string, error: z.ZodError): string {
  const [issue] = error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = ['stages', stage, ...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join(
    '.',
  );
  const said =
    unknown === undefined ? issue?.message : `unknown; known here are those of infra/README.md, "Stages"`;
  return `${path}: ${said}; correct it in cdk.json`;
}

function checkRecipients(stage: Stage, flows: readonly Deployed[]): void {
  for (const flow of flows) {
    const missing = flow.whoIsPaged.page.find((contact) => !Object.hasOwn(stage.recipients, contact));
    if (missing === undefined) continue;
    throw new StageProblem(
      `stages.${stage.name}.recipients.${missing}: missing, and "${flow.name}" pages it; give an e-mail address in cdk.json, or "nobody"`,
    );
  }
  const contacts = new Set(flows.flatMap((flow) => flow.whoIsPaged.page));
  const stray = Object.keys(stage.recipients).find((contact) => !contacts.has(contact));
  if (stray !== undefined) {
    throw new StageProblem(
      `stages.${stage.name}.recipients.${stray}: no flow pages it; known are ${[...contacts].join(', ')}; correct it in cdk.json`,
    );
  }
}

function checkSecrets({ name, existingSecrets }: Stage, accounts: readonly string[]): void {
  const stray = existingSecrets.find((account) => !accounts.includes(account));
  if (stray === undefined) return;
  throw new StageProblem(
    `stages.${name}.existingSecrets: no flow uses the account "${stray}"; known are ${accounts.join(', ')}; correct it in cdk.json`,
  );
}
