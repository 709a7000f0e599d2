import * as z from 'zod';
import { auditReport, continueAudit, startAudit } from '../../../engine/audit.ts';
import type { Flow } from '../../../engine/flow.ts';
import type { LambdaContext } from '../invocation.ts';
import { openLoggedHost } from './open.ts';
import { type OpenHost, workerOf } from './worker.ts';

const ErrandSchema = z.object({ errand: z.enum(['start-audit', 'continue-audit']) });

/** Timed: begins the daily audit, and goes on with one that is under way for as long as a worker may live. */
export function auditHandler(
  flow: Flow,
  open: OpenHost = openLoggedHost,
): (event: unknown, context: LambdaContext) => Promise<void> {
  const run = workerOf(flow, open);
  return (event, context) => {
    const { errand } = ErrandSchema.parse(event);
    return run(context, async ({ engine }, work) => {
      for (const { name } of flow.collections) {
        if (errand === 'start-audit') await startAudit(engine, flow, name);
        const report = await auditReport(engine, flow, name);
        if (report && report.finishedAt === undefined) await continueAudit(engine, flow, name, work);
      }
    });
  };
}
