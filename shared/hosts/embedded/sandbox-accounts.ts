import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Flow } from '../../engine/flow.ts';
import type { Secrets } from '../../engine/ports.ts';
import type { ServiceDefinition } from '../../engine/service.ts';
import { type AccountRef, accountKey } from '../../engine/session.ts';
import { HOST, type HostOptions } from './options.ts';
import { type SandboxProcess, startSandbox } from './sandboxes.ts';

export interface SandboxSetting extends Pick<HostOptions, 'data' | 'patrons' | 'seed' | 'activity'> {
  /** Another rate limit than the vendors', for benchmarks; 0 = none. */
  rateScale?: number;
  /** Milliseconds that every call takes longer, for benchmarks. */
  latency?: number;
}

/** A flow or a service: what has accounts and takes webhooks. */
type AccountUser = Flow | ServiceDefinition;

/**
 * Starts the sandbox of every vendor whose accounts have no real secret, and points those accounts at it. An
 * account whose secret names another host than this machine is a real one and is left alone.
 */
export async function startSandboxes(
  users: readonly AccountUser[],
  secrets: Secrets,
  setting: SandboxSetting,
): Promise<SandboxProcess[]> {
  const accounts = new Map(users.flatMap((each) => each.accounts).map((ref) => [accountKey(ref), ref]));
  const ours: AccountRef[] = [];
  for (const [key, ref] of accounts) {
    const secret = await secrets.get(key);
    if (!secret || isOfSandbox(secret.value)) ours.push(ref);
  }
  const vendors = [...new Set(ours.map((ref) => ref.vendor))];
  const started = await startAll(vendors, setting);
  for (const sandbox of started) {
    const { secret } = await sandbox.state();
    for (const ref of ours.filter((each) => each.vendor === sandbox.vendor))
      await secrets.put(accountKey(ref), secret);
  }
  return started;
}

/** Lets each sandbox send its webhooks to the flow that takes them; like the app that it stands for, it has one address. */
export function aimWebhooks(
  users: readonly AccountUser[],
  sandboxes: readonly SandboxProcess[],
  publicUrl: string,
): void {
  for (const sandbox of sandboxes) {
    const path = hookOf(users, sandbox.vendor);
    if (path !== undefined) sandbox.aim(`${publicUrl}${path}`);
  }
}

function hookOf(users: readonly AccountUser[], vendor: string): string | undefined {
  for (const user of users)
    for (const [source, account] of Object.entries(hooksOf(user)))
      if (account.vendor === vendor) return `/hooks/${user.name}/${source}`;
  return undefined;
}

function hooksOf(user: AccountUser): Readonly<Record<string, AccountRef>> {
  if ('hooks' in user) return user.hooks;
  return Object.fromEntries(Object.entries(user.webhooks).map(([source, { account }]) => [source, account]));
}

/** All or none: when one cannot start, the others do not outlive the error. */
async function startAll(vendors: readonly string[], setting: SandboxSetting): Promise<SandboxProcess[]> {
  const folder = join(setting.data, 'sandboxes');
  mkdirSync(folder, { recursive: true });
  const { seed, patrons, activity, rateScale, latency } = setting;
  const results = await Promise.allSettled(
    vendors.map((vendor) =>
      startSandbox({
        vendor,
        seed,
        size: patrons,
        activity,
        journal: join(folder, `${vendor}.jsonl`),
        ...(rateScale !== undefined && { rateScale }),
        ...(latency !== undefined && { latency }),
      }),
    ),
  );
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return started;
  await Promise.all(started.map((sandbox) => sandbox.stop()));
  throw failed.reason;
}

function isOfSandbox(secret: unknown): boolean {
  return JSON.stringify(secret).includes(`http://${HOST}:`);
}
