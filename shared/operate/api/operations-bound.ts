import { auditReport, startAudit } from '../../engine/audit.ts';
import { backfillProgress, startBackfill } from '../../engine/backfill.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Flow } from '../../engine/flow.ts';
import { approve, discard, release, releaseAccount, replay } from '../../engine/operate.ts';
import type { ScanReport } from '../../engine/scan.ts';
import { decide } from './decide.ts';
import {
  confirmedOrRefused,
  findingsAnswer,
  type LookingOptions,
  listingAnswer,
  planAnswer,
} from './looking.ts';
import type { Operations, ScanAnswer } from './operations.ts';
import { Problem } from './problem.ts';

export interface Bindings extends LookingOptions {
  /** Runs the scan of one collection, or joins the one that runs. */
  scan(flow: Flow, collection: string): Promise<ScanReport | undefined>;
}

/** The operator's actions on a running engine. */
export function bindOperations(bindings: Bindings): Operations {
  const { engine, scan } = bindings;
  const find = (name: string) => findFlow(engine, name);
  const each = async <T>(name: string, run: (flow: Flow, collection: string) => Promise<T>): Promise<T[]> => {
    const flow = find(name);
    const results: T[] = [];
    for (const collection of flow.collections) results.push(await run(flow, collection.name));
    return results;
  };
  return {
    scan: async (name) => sumScans(await each(name, scan)),
    async backfill(name, { confirmed }) {
      await confirmedOrRefused(engine, find(name), confirmed);
      await each(name, (flow, collection) => startBackfill(engine, flow, collection));
    },
    audit: async (name) =>
      void (await each(name, (flow, collection) => startAudit(engine, flow, collection))),
    ...steering(engine, find),
    replay: (name, which) => replay(engine, find(name), which),
    discard: (name, ref, reason) => discard(engine, find(name), ref, reason),
    listing: async (name, of) => listingAnswer(bindings, find(name), of),
    plan: async (name, asked) => planAnswer(bindings, find(name), asked),
    match: async (name, records) => findingsAnswer(bindings, find(name), records),
    decide: (name, ref, choice) => decide(engine, find(name), ref, choice),
    auditReport: async (name) =>
      (
        await each(name, async (flow, collection) =>
          withName(collection, await auditReport(engine, flow, collection)),
        )
      ).flat(),
    backfillReport: async (name) =>
      (
        await each(name, async (flow, collection) =>
          withName(collection, await backfillProgress(engine, flow, collection)),
        )
      ).flat(),
  };
}

type Steering = Pick<Operations, 'pause' | 'resume' | 'approve' | 'release' | 'releaseAccount'>;

function steering(engine: Engine, find: (name: string) => Flow): Steering {
  return {
    async pause(name, { reason, minutes }) {
      const until = minutes === undefined ? undefined : engine.ports.clock.now() + minutes * 60_000;
      await engine.gate(find(name)).pause(reason, until);
    },
    async resume(name) {
      const resumed = await engine.gate(find(name)).resume();
      if (!resumed)
        throw new Problem(409, `flow ${name} is not paused`, 'the status says what keeps it from moving');
    },
    async approve(name) {
      const approved = await approve(engine, find(name));
      if (!approved)
        throw new Problem(
          409,
          `flow ${name} is not held for a mass change`,
          'a hold for another reason ends with release',
        );
    },
    async release(name) {
      const released = await release(engine, find(name));
      if (!released) throw new Problem(409, `flow ${name} is not held`, 'a pause ends with resume');
    },
    async releaseAccount(account) {
      const released = await releaseAccount(engine, account);
      if (released === undefined)
        throw new Problem(404, 'no such account', 'GET /api/status lists those that flows use');
      if (!released)
        throw new Problem(409, `account ${account} is not held`, 'the status says what keeps it from moving');
    },
  };
}

export function findFlow(engine: Engine, name: string): Flow {
  const flow = engine.flows.find((each) => each.name === name);
  if (!flow) throw new Problem(404, 'no such flow', 'GET /api/status lists them');
  return flow;
}

function withName<T extends object>(
  collection: string,
  report: T | undefined,
): (T & { collection: string })[] {
  return report === undefined ? [] : [{ ...report, collection }];
}

function sumScans(reports: readonly (ScanReport | undefined)[]): ScanAnswer {
  const skipped = reports.find((report) => report?.skipped !== undefined)?.skipped;
  return {
    sent: reports.reduce((sum, report) => sum + (report?.sent ?? 0), 0),
    finished: reports.every((report) => report?.finished === true),
    ...(skipped !== undefined && { skipped }),
  };
}
