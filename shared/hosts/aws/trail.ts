import type { Trail } from '../../engine/ports.ts';
import type { TrailEntry } from '../../engine/trail.ts';
import type { LineLogger } from './host.ts';

/** A line is paid for by its bytes, a million times: what is longer is cut, names of fields first. */
export const MOST_BYTES = 400;

/** All that may reach a log, in this order; what an entry should one day hold stays out until it is named here. */
const WHITELIST = [
  'at',
  'flow',
  'collection',
  'id',
  'outcome',
  'cause',
  'attempt',
  'trace',
  'targetId',
  'reason',
  'fields',
] as const satisfies readonly (keyof TrailEntry)[];

/** Never throws: a record is delivered whether or not its line was written. */
export function trail(logger: LineLogger): Trail {
  return {
    write: (entries) => {
      for (const entry of entries) {
        try {
          logger.info('outcome', lineOf(entry));
        } catch {
          // Nothing to be done, and nobody to tell.
        }
      }
    },
  };
}

/** Names of fields and the words of faults, never values. */
export function lineOf(entry: TrailEntry): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  for (const name of WHITELIST) if (entry[name] !== undefined) line[name] = entry[name];
  const { fields = [], reason = '' } = entry;
  for (let kept = fields.length - 1; size(line) > MOST_BYTES && kept >= 0; kept -= 1)
    line.fields = [...fields.slice(0, kept), `and ${fields.length - kept} more`];
  const over = size(line) - MOST_BYTES;
  if (over > 0 && reason.length > over + 1) line.reason = `${reason.slice(0, reason.length - over - 1)}…`;
  return line;
}

function size(line: Record<string, unknown>): number {
  return Buffer.byteLength(JSON.stringify({ log: 'outcome', ...line })) + 1;
}
