import { auditReport, continueAudit, startAudit } from '../../engine/audit.ts';
import { backfillProgress, continueBackfill, startBackfill } from '../../engine/backfill.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Flow } from '../../engine/flow.ts';
import { keepDeadLetters } from '../../engine/keeper.ts';
import { needsConfirmation } from '../../engine/match.ts';
import { ringRechecks } from '../../engine/recheck.ts';
import { scan } from '../../engine/scan.ts';
import type { AccountRef } from '../../engine/session.ts';
import type { Invoke } from '../../operate/api/record-answer.ts';
import type { Job } from './timers.ts';

/** Everything that time starts, from the flow definitions alone. */
export function flowJobs(engine: Engine, invoke: Invoke): Job[] {
  return engine.flows.flatMap((flow) => [
    ...flow.collections.flatMap(({ name }) => collectionJobs(engine, flow, name, invoke)),
    { name: `recheck ${flow.name}`, when: { everySeconds: 60 }, run: () => ringRechecks(engine, flow) },
    { name: `keeper ${flow.name}`, when: { everySeconds: 60 }, run: () => keepDeadLetters(engine, flow) },
  ]);
}

function collectionJobs(engine: Engine, flow: Flow, collection: string, invoke: Invoke): Job[] {
  const of = `${flow.name}/${collection}`;
  const { scanEveryMinutes, audit } = flow.howOften;
  return [
    {
      name: scanJob(flow.name, collection),
      when: { everySeconds: scanEveryMinutes * 60 },
      run: () => invoke((work) => scan(engine, flow, collection, work)),
    },
    {
      name: `backfill ${of}`,
      when: { everySeconds: 1 },
      run: () => goOnBackfill(engine, flow, collection, invoke),
    },
    {
      name: `audit ${of}`,
      when: { everySeconds: 1 },
      run: () => goOnAudit(engine, flow, collection, invoke),
    },
    { name: `daily audit ${of}`, when: audit, run: () => startAudit(engine, flow, collection) },
  ];
}

/** A scan asked for by a person is the same job as the timed one. */
export function scanJob(flow: string, collection: string): string {
  return `scan ${flow}/${collection}`;
}

/**
 * A collection that has never been brought over is brought over now. Where that would pair the records of two real
 * systems it waits for a person instead, who has looked at what it would find; `isSandbox` says that nobody is asked.
 */
export async function beginBackfills(
  engine: Engine,
  isSandbox: (account: AccountRef) => boolean,
): Promise<void> {
  for (const flow of engine.flows) {
    for (const collection of flow.collections) {
      const { name, source, target } = collection;
      if (await backfillProgress(engine, flow, name)) continue;
      const confirmed = isSandbox(source.account) && isSandbox(target.account);
      if (confirmed || !(await needsConfirmation(engine, flow, collection)))
        await startBackfill(engine, flow, name);
    }
  }
}

async function goOnBackfill(engine: Engine, flow: Flow, collection: string, invoke: Invoke): Promise<void> {
  const progress = await backfillProgress(engine, flow, collection);
  if (progress && progress.finishedAt === undefined) {
    await invoke((work) => continueBackfill(engine, flow, collection, work));
  }
}

async function goOnAudit(engine: Engine, flow: Flow, collection: string, invoke: Invoke): Promise<void> {
  const report = await auditReport(engine, flow, collection);
  if (report && report.finishedAt === undefined) {
    await invoke((work) => continueAudit(engine, flow, collection, work));
  }
}
