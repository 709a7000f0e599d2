import * as z from 'zod';
import { amend } from './documents.ts';
import type { Flow } from './flow.ts';
import type { Ports } from './ports.ts';

/** The last so many outcomes are looked at. */
const LOOK_BACK = 100;
/** So many different records, and such a share of all, failing in the same way: it is not the records. */
const RECORDS = 10;
const SHARE = 0.2;

/** One record that could not be delivered, and how it failed. */
export interface Failure {
  id: string;
  fingerprint: string;
  message: string;
}

const WatchSchema = z.object({
  version: z.literal(1),
  /** Newest last: runs of successes as a number, failures as they were. */
  recent: z.array(z.union([z.number(), z.object({ id: z.string(), fingerprint: z.string() })])),
});
type Watch = z.infer<typeof WatchSchema>;

const nothingSeen: Watch = { version: 1, recent: [] };

/** Folds in a batch's outcomes and drops what is older than the look-back. Pure. */
export function remember(watch: Watch, successes: number, failures: readonly Failure[]): Watch {
  const added = [...watch.recent, successes, ...failures.map(({ id, fingerprint }) => ({ id, fingerprint }))];
  let room = LOOK_BACK;
  const recent: Watch['recent'] = [];
  for (const entry of added.reverse()) {
    if (room <= 0) break;
    const size = typeof entry === 'number' ? Math.min(entry, room) : 1;
    if (size > 0) recent.push(typeof entry === 'number' ? size : entry);
    room -= size;
  }
  return { version: 1, recent: recent.reverse() };
}

/** The fingerprints that have become patterns. Pure. */
export function patterns(watch: Watch): string[] {
  const records = new Map<string, Set<string>>();
  let total = 0;
  for (const entry of watch.recent) {
    if (typeof entry === 'number') total += entry;
    else {
      total += 1;
      records.set(entry.fingerprint, (records.get(entry.fingerprint) ?? new Set()).add(entry.id));
    }
  }
  const many = [...records].filter(([, ids]) => ids.size >= RECORDS && ids.size >= SHARE * total);
  return many.map(([fingerprint]) => fingerprint);
}

/** Notices when many different records fail in the same way: then the flow is held instead of parking them all. */
export class ContractWatch {
  readonly #flow: Flow;
  readonly #ports: Ports;
  /** Successes since the last failure was written down; a worker without failures costs nothing. */
  #successes = 0;

  constructor(flow: Flow, ports: Ports) {
    this.#flow = flow;
    this.#ports = ports;
  }

  /** The failure that has become a pattern, if one has. */
  async tell(successes: number, failures: readonly Failure[]): Promise<Failure | undefined> {
    this.#successes += successes;
    if (failures.length === 0) return undefined;
    const since = this.#successes;
    this.#successes = 0;
    const stored = await amend(this.#ports, `watch/${this.#flow.name}`, WatchSchema, (watch) =>
      remember(watch ?? nothingSeen, since, failures),
    );
    const found = stored ? patterns(stored) : [];
    return failures.find((each) => found.includes(each.fingerprint));
  }

  /** After a hold has ended, what was before it no longer counts. */
  async forget(): Promise<void> {
    await amend(this.#ports, `watch/${this.#flow.name}`, WatchSchema, () => nothingSeen);
  }
}
