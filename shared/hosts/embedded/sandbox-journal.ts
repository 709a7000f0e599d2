import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import * as z from 'zod';
import type { Sandbox } from '../../connectors/sandbox.ts';
import { applyControl, type ControlCommand, ControlSchema } from './sandbox-control.ts';

const HeaderSchema = z.strictObject({ vendor: z.string(), seed: z.number(), size: z.number() });
export type JournalHeader = z.infer<typeof HeaderSchema>;

const LineSchema = z.union([
  z.strictObject({ at: z.number(), control: ControlSchema }),
  z.strictObject({
    at: z.number(),
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    /** 0 = the connection broke. */
    status: z.number().int(),
  }),
]);
export type JournalLine = z.infer<typeof LineSchema>;
export type JournaledCall = Extract<JournalLine, { status: number }>;

/** A fault may refuse the same call a few times before it lets it through, as it did the first time. */
const REPEATS = 5;

export interface Journal {
  /** What happened before this start, oldest first. */
  readonly past: readonly JournalLine[];
  /** Written when it returns: a killed process loses nothing of it. */
  append(line: JournalLine): void;
  close(): void;
}

/** Throws one line when the file was begun with another seed or size: the ids in it would mean other records. */
export function openJournal(path: string, header: JournalHeader): Journal {
  const [first, ...lines] = existsSync(path) ? completeLines(path) : [];
  if (first !== undefined) checkHeader(path, HeaderSchema.parse(JSON.parse(first)), header);
  const file = openSync(path, 'a', 0o600);
  if (first === undefined) writeSync(file, `${JSON.stringify(header)}\n`);
  return {
    past: lines.map((line) => LineSchema.parse(JSON.parse(line))),
    append: (line) => void writeSync(file, `${JSON.stringify(line)}\n`),
    close: () => closeSync(file),
  };
}

/** Brings a fresh sandbox to where the journal ended. `setNow` is the clock that it reads. */
export async function replayJournal(
  sandbox: Sandbox,
  past: readonly JournalLine[],
  setNow: (at: number) => void,
): Promise<void> {
  for (const line of past) {
    setNow(line.at);
    if ('control' in line) repeatControl(sandbox, line.control);
    else await repeatCall(sandbox, line);
  }
}

/** A command that was refused half-way then is refused at the same place now. */
function repeatControl(sandbox: Sandbox, command: ControlCommand): void {
  try {
    applyControl(sandbox, command);
  } catch {
    // Told to whoever sent it, when they sent it.
  }
}

async function repeatCall(sandbox: Sandbox, call: JournaledCall): Promise<void> {
  for (let times = 0; times < REPEATS; times += 1) {
    const { status } = await callSandbox(sandbox, call);
    if (status === call.status || call.status === 0) return;
  }
  throw new Error(
    `the sandbox no longer answers ${call.method} ${call.path} as it did; move its journal away to start it anew`,
  );
}

async function callSandbox(sandbox: Sandbox, call: JournaledCall): Promise<{ status: number }> {
  try {
    const { method, headers, body } = call;
    const init = { method, headers, ...(body !== '' && { body }) };
    // Nobody is at the other end: something to break for a fault that loses the reply.
    const incoming = new IncomingMessage(new Socket());
    return await sandbox.app.request(call.path, init, { incoming });
  } catch {
    return { status: 0 };
  }
}

function checkHeader(path: string, was: JournalHeader, is: JournalHeader): void {
  if (was.seed === is.seed && was.size === is.size && was.vendor === is.vendor) return;
  throw new Error(
    `${path} was begun with --patrons ${was.size} --seed ${was.seed}: start with these again, or give another --data directory`,
  );
}

/** A process that was killed may have left half a line at the end: nobody was answered for it, so it goes. */
function completeLines(path: string): string[] {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(path, end);
  return bytes
    .toString('utf8', 0, end)
    .split('\n')
    .filter((line) => line !== '');
}
