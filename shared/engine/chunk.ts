import type { Account, Permit } from './account.ts';
import { deliver } from './deliver.ts';
import { workerDied } from './failed.ts';
import { Fault, type FaultKind } from './fault.ts';
import type { Collection } from './flow.ts';
import type { Item } from './intake.ts';
import { claim, type Ending, type Job, MAX_TAKEOVERS } from './job.ts';
import { look } from './look.ts';
import type { Millis, Settlement } from './ports.ts';
import { contention, putOff } from './put-off.ts';
import { finish, type Run, sendAgain } from './run.ts';
import type { AccountRef } from './session.ts';
import { openSession } from './session-open.ts';

/** A batch is not begun with less than this left: reading, writing and settling take their time. */
const ENOUGH: Millis = 20_000;

/** After these nobody knows that the vendor is well. */
const UNREACHED: ReadonlySet<FaultKind> = new Set([
  'unavailable',
  'unknown-outcome',
  'rate-limited',
  'auth-expired',
]);

/** One vendor batch from the budget to the settle; resolves with how its records ended. */
export async function chunk(run: Run, items: readonly Item[]): Promise<Ending[]> {
  const collection = items[0]?.collection;
  if (!collection) return [];
  if (run.work.deadline - run.engine.ports.clock.now() < ENOUGH) {
    for (const item of items) sendAgain(run, item, 0);
    return [];
  }
  const entered = await enter(run, collection);
  if ('why' in entered) {
    await putOff(run, items, entered);
    return [];
  }
  try {
    return await claimed(run, items, entered);
  } finally {
    for (const { account, permit } of entered.permits) await account.leave(permit);
  }
}

interface Entered {
  permits: { account: Account; permit: Permit }[];
}

/** Budget first, then the claim: a record is not locked for a call that may not be made. */
async function enter(run: Run, collection: Collection): Promise<Entered | { until: Millis; why: string }> {
  const refs = [collection.source.account, collection.target.account];
  const permits: Entered['permits'] = [];
  for (const account of new Set(refs.map((ref) => run.engine.account(ref)))) {
    const answer = await account.enter(run.lane, run.work.deadline);
    if ('why' in answer) {
      for (const entered of permits) await entered.account.leave(entered.permit);
      return { until: answer.until, why: `account ${account.key} is not to be called now (${answer.why})` };
    }
    permits.push({ account, permit: answer });
  }
  return { permits };
}

async function claimed(run: Run, items: readonly Item[], entered: Entered): Promise<Ending[]> {
  const { jobs, held } = await claim(run.engine.ports, items);
  const now = run.engine.ports.clock.now();
  for (const { item, heldUntil } of held) sendAgain(run, item, contention(run, item, heldUntil - now));
  const endings: Ending[] = [];
  try {
    const all = parts(jobs);
    for (const part of all) {
      const ended = await process(run, part, { ...entered, last: part === all.at(-1) });
      await finish(run, ended);
      endings.push(...ended);
    }
  } catch (thrown) {
    await confess(run, jobs, endings);
    throw thrown;
  }
  return endings;
}

/** What killed too many workers is parked unseen; what may have killed one goes alone, after the others. */
function parts(jobs: readonly Job[]): Job[][] {
  const clean = jobs.filter((job) => job.takeovers === 0);
  const alone = jobs.filter((job) => job.takeovers > 0).sort((a, b) => a.takeovers - b.takeovers);
  return [clean, ...alone.map((job) => [job])].filter((part) => part.length > 0);
}

/** A worker whose storage failed is alive and says so: its leases must not count as deaths. */
async function confess(run: Run, jobs: readonly Job[], endings: readonly Ending[]): Promise<void> {
  const ended = new Set(endings.map((ending) => ending.job));
  const open = jobs.filter((job) => !ended.has(job));
  const reports = open.map(
    (job): Settlement => ({
      key: job.item.key,
      token: job.token,
      body: undefined,
      lease: 'report',
      rung: [],
    }),
  );
  await run.engine.ports.links.settle(reports).catch(() => undefined);
}

/** Read, map, write: everything that talks to a vendor. */
async function process(
  run: Run,
  jobs: readonly Job[],
  entered: Entered & { last: boolean },
): Promise<Ending[]> {
  const collection = jobs[0]?.item.collection;
  if (!collection) return [];
  const { source, target, back } = collection;
  const poisonous = jobs.filter((job) => job.takeovers > MAX_TAKEOVERS);
  if (poisonous.length > 0)
    return poisonous.map((job) => ({
      job,
      kind: 'failed',
      fault: workerDied(job),
      doubt: 'landed',
      ring: [],
      affects: [],
    }));
  try {
    const looked = await look(sessionFor(run, source.account, entered), jobs);
    await told(run, source.account, { endings: looked.failed, of: jobs.length });
    if (entered.last && !back) await leaveSource(run, collection, entered);
    const sessions = {
      source: back && sessionFor(run, source.account, entered),
      target: sessionFor(run, target.account, entered),
    };
    const delivered = await deliver(run.engine, run.flow, sessions, looked.wants);
    await told(run, target.account, { endings: delivered, of: delivered.length });
    return [...looked.failed, ...delivered];
  } catch (thrown) {
    // Anything but a fault is storage, or a defect of the engine: the messages stay, and so do the leases.
    if (!(thrown instanceof Fault)) throw thrown;
    const endings = jobs.map(
      (job): Ending => ({ job, kind: 'failed', fault: thrown, doubt: 'none', ring: [], affects: [] }),
    );
    await told(run, faultAccount(collection, thrown), { endings, of: jobs.length });
    return endings;
  }
}

/** A place at the source is for reading; others may read while this batch is written. */
async function leaveSource(run: Run, { source, target }: Collection, entered: Entered): Promise<void> {
  const account = run.engine.account(source.account);
  if (account === run.engine.account(target.account)) return;
  const permit = entered.permits.find((each) => each.account === account)?.permit;
  if (permit) await account.leave(permit);
}

function faultAccount({ source, target }: Collection, fault: Fault): AccountRef {
  return fault.vendor === target.account.vendor && fault.vendor !== source.account.vendor
    ? target.account
    : source.account;
}

/** What the endings say about the account as a whole: once per kind of fault, not once per record. */
async function told(
  run: Run,
  ref: AccountRef,
  { endings, of }: { endings: readonly Ending[]; of: number },
): Promise<void> {
  const account = run.engine.account(ref);
  const faults = new Map<string, Fault>();
  for (const ending of endings) if (ending.kind === 'failed') faults.set(ending.fault.kind, ending.fault);
  for (const fault of faults.values()) {
    await account.learnFault(fault);
    if (fault.kind === 'contract-changed') await run.engine.gate(run.flow).hold('contract', fault.message);
  }
  const silent = endings.filter((ending) => ending.kind === 'failed' && UNREACHED.has(ending.fault.kind));
  if (of > silent.length) await account.succeeded();
}

function sessionFor(run: Run, ref: AccountRef, entered: Entered): ReturnType<typeof openSession> {
  const account = run.engine.account(ref);
  const permit = entered.permits.find((each) => each.account === account)?.permit;
  if (!permit) throw new Error(`no permit for account ${account.key}`);
  return openSession(run.engine, account, permit, run.work);
}
