import type * as z from 'zod';
import { DoneSchema, FlowAuditSchema, type FlowBackfill, FlowBackfillSchema } from './answers.ts';
import { count } from './format.ts';
import { auditLines } from './lines.ts';
import { progress } from './progress.ts';
import { flowCommand, flowPath, print, type Register } from './register.ts';

/** Between two looks at something that runs on the host, in milliseconds. */
const LOOK_EVERY = 500;

interface Options {
  json?: boolean;
  wait?: boolean;
}

/** The commands that walk every record, and wait for the end. */
export function proveCommands(register: Register): void {
  flowCommand(register, 'backfill', 'bring every record over, from the beginning')
    .option('--no-wait', 'only start it')
    .option('--yes', 'what `match` reported is right: pair the records of both systems')
    .action(async (flow: string, { json, wait, yes }: Options & { yes?: boolean }) => {
      const body = yes === true ? { yes } : {};
      const started = await register.client().post(`${flowPath(flow)}/backfill`, DoneSchema, body);
      if (!wait) return print(register, json, { raw: started.raw, lines: ['started; see status'] });
      const bar = progress(register, 'backfill');
      const end = await until(
        register,
        { path: `${flowPath(flow)}/backfill`, look: FlowBackfillSchema },
        (value) => {
          bar.at(sum(value, 'sent'), sum(value, 'total'));
          return value.collections.every((each) => each.finishedAt !== undefined);
        },
      );
      bar.end();
      print(register, json, {
        raw: end.raw,
        lines: [`backfill finished: ${count(sum(end.value, 'sent'))} records sent`],
      });
    });
  flowCommand(register, 'audit', 'compare both sides record by record; exit code 1 when some differ')
    .option('--last', 'show the last report and start none')
    .action(async (flow: string, { json, last }: Options & { last?: boolean }) => {
      if (last !== true) await register.client().post(`${flowPath(flow)}/audit`, DoneSchema);
      const bar = progress(register, 'audit');
      const end = await until(
        register,
        { path: `${flowPath(flow)}/audit`, look: FlowAuditSchema },
        (value) => {
          bar.at(value.agree + value.differ + value.explained, 0);
          return value.finished || last === true;
        },
      );
      bar.end();
      if (end.value.differ > 0) register.exitWith(1);
      print(register, json, { raw: end.raw, lines: auditLines(end.value) });
    });
}

async function until<T>(
  register: Register,
  ask: { path: string; look: z.ZodType<T> },
  over: (value: T) => boolean,
): Promise<{ raw: unknown; value: T }> {
  for (;;) {
    const answer = await register.client().get(ask.path, ask.look);
    if (over(answer.value)) return answer;
    await register.surroundings.sleep(LOOK_EVERY);
  }
}

function sum(backfill: FlowBackfill, what: 'sent' | 'total'): number {
  return backfill.collections.reduce((total, each) => total + (each[what] ?? 0), 0);
}
