import { dependents, isUntold } from './compare.ts';
import { asFault, type Fault, vendorCall } from './fault.ts';
import { inHalves } from './halves.ts';
import type { Ending, Job } from './job.ts';
import type { Read, Source } from './resource.ts';
import type { Session } from './session.ts';
import { concernedBy, type Want, wanted } from './want.ts';

/** What should be true of each record, or how reading it failed. */
export interface Looked {
  wants: { job: Job; want: Want }[];
  failed: Ending[];
}

/** Reads the source in bulk, what the reply left out singly, and maps. Only a single read may say that a record is gone. */
export async function look(session: Session, jobs: readonly Job[]): Promise<Looked> {
  const looked: Looked = { wants: [], failed: [] };
  const source = jobs[0]?.item.collection.source;
  if (!source) return looked;
  for (const job of jobs) job.readAt = session.now();
  const reads = new Map<Job, Read<unknown>>();
  const fail = (job: Job, fault: Fault): void => {
    const concerned = concernedBy(job.item.collection, reads.get(job), session.now());
    const ring = isUntold(job) ? dependents(job, { affects: concerned }) : [];
    looked.failed.push({ job, kind: 'failed', fault, doubt: 'none', ring, affects: concerned });
  };
  await inHalves(jobs, (part) => readBulk(session, source, part, reads), fail);
  const failed = new Set(looked.failed.map((ending) => ending.job));
  for (const job of jobs) {
    if (failed.has(job)) continue;
    try {
      const read = reads.get(job) ?? (await readSingly(session, source, job));
      reads.set(job, read);
      if (read.state === 'present' && job.item.collection.back) job.record = read.record;
      looked.wants.push({ job, want: wanted(job.item.collection, read, session.now()) });
    } catch (thrown) {
      fail(job, asFault(thrown, `read ${source.title}`));
    }
  }
  return looked;
}

async function readBulk(
  session: Session,
  source: Source<unknown>,
  jobs: readonly Job[],
  into: Map<Job, Read<unknown>>,
): Promise<void> {
  const ids = jobs.map((job) => job.item.key.id);
  const found = await vendorCall(`read ${source.title}`, () => source.read(session, ids));
  for (const job of jobs) {
    const read = found.get(job.item.key.id);
    if (read?.state === 'present' || read?.state === 'unreadable') into.set(job, read);
  }
}

async function readSingly(session: Session, source: Source<unknown>, job: Job): Promise<Read<unknown>> {
  job.readAt = session.now();
  const read = await source.readOne(session, job.item.key.id);
  // Only where its record at the target is to follow it does it matter where that is.
  const follows = job.item.collection.whenMerged === 'merge';
  return follows && read.state === 'merged' ? survivorOf(session, source, read) : read;
}

/** Longer than any chain of merges that people make. */
const MOST_MERGES = 20;

/** Where a chain of merges ends. Whoever went into a record that is gone by now is gone with it. */
async function survivorOf(
  session: Session,
  source: Source<unknown>,
  first: Extract<Read<unknown>, { state: 'merged' }>,
): Promise<Read<unknown>> {
  let merged = first;
  for (let step = 0; step < MOST_MERGES; step += 1) {
    const next = await source.readOne(session, merged.into);
    if (next.state === 'gone') return next;
    if (next.state !== 'merged') break;
    merged = next;
  }
  return merged;
}
