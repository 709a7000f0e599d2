import { LANES, type Lane } from './change-event.ts';
import type { Fields } from './fields.ts';
import { firstProblem } from './flow-check.ts';
import type { Back } from './pair.ts';
import type { Millis } from './ports.ts';
import type { Source, Target } from './resource.ts';
import { type AccountRef, accountKey } from './session.ts';
import type { WebhookEndpoint } from './webhook.ts';

/** Two of our clocks differ by at most this from true time, each way. */
export const SKEW: Millis = 5_000;
/** Added wherever moments of two clocks are compared. */
export const TOLERANCE: Millis = 20_000;
/** A worker is dead at this age, whatever it was doing. */
export const WORKER_TIMEOUT: Millis = 60_000;

/** What the target should hold for one record, as a mapping sees it. */
export type Mapped =
  | {
      kind: 'present';
      fields: Fields;
      /** Ids whose own outcome depends on this record; they are told when `basis` changes. */
      affects?: readonly string[];
      /** What of this record the others depend on, as text; only its hash is kept. Absent = on all of it. */
      basis?: string;
      /** When time alone changes the outcome. */
      recheckAt?: Millis;
    }
  /** Must not be at the target; `because` is shown to people and explains it to the audit. */
  | { kind: 'absent'; because: string; affects?: readonly string[]; basis?: string; recheckAt?: Millis }
  /** Cannot be decided before another record (`collection/id`) has settled. */
  | { kind: 'waiting'; for: string; because: string; affects?: readonly string[] }
  /** This record cannot be moved until a person mends it. */
  | { kind: 'rejected'; field: string; because: string; affects?: readonly string[] };

/** What a mapping may know besides the record. */
export interface MapContext {
  now: Millis;
}

/** What to do at the target when the record ends at the source. */
export type EndPolicy =
  /** Only where it was merged into another record of the source: merge the two at the target as well. */
  | 'merge'
  /** Take it off the target. */
  | 'remove'
  /** Leave the target as it is. */
  | 'keep'
  /** Set these fields and leave the rest. */
  | { mark: Fields };

/** One kind of record, from one source to one target. Method syntax keeps flows of different records in one list. */
export interface Collection<R = unknown> {
  readonly name: string;
  readonly source: Source<R>;
  readonly target: Target;
  /** Pure; the whole truth about what the target should hold. */
  map(record: R, context: MapContext): Mapped;
  /** Fields that the flow owns at the target: what a verifying read compares. */
  readonly owns: readonly string[];
  readonly whenGone: EndPolicy;
  readonly whenMerged: EndPolicy;
  readonly whenAbsent: EndPolicy;
  /** The way back, where the target may change the source too. */
  readonly back?: Back<R>;
  /** Turns a record into the few words a person recognises it by on the console; never logged. */
  label?(record: R): string;
}

/** Ties source, target and mapping together and lets the compiler see that they fit. */
export function defineCollection<R>(collection: Collection<R>): Collection<R> {
  return collection;
}

export interface Ceiling {
  /** Share of the flow's records within 24 hours, 0 to 1. */
  share: number;
  /** Never hold below this many. */
  atLeast: number;
}

/**
 * The five questions of every integration. It does not compile unless all are answered, and everything else
 * (queues, schedules, alarms, runbook, console) is derived from these answers.
 */
export interface FlowDefinition {
  /** Kebab-case; part of queue names and URLs. */
  readonly name: string;
  readonly title: string;
  readonly moves: {
    readonly what: string;
    readonly from: string;
    readonly to: string;
    readonly direction: 'one-way' | 'two-way' | 'command';
  };
  readonly howOften: {
    /** What the source pushes to us; false = it cannot. */
    readonly webhook: string | false;
    /** What goes by a queue of its own because it cannot wait, e.g. consent; absent = nothing does. */
    readonly urgent?: string;
    /** Minutes between two scans of the source, and of the target where it flows back. */
    readonly scanEveryMinutes: number;
    readonly audit: { /** `HH:MM` */ readonly dailyAt: string; readonly timeZone: string };
  };
  readonly whenItBreaks: {
    /** What the business suffers while it is broken: one sentence, in every alarm. */
    readonly impact: string;
    /** How long a record is retried before it is parked; at most 14 days. */
    readonly retryHorizonHours: number;
    /** Counted attempts before a record is parked. */
    readonly maxAttempts: number;
    /** What is parked and what that means, for the person who reads the alarm. */
    readonly parks: string;
    readonly removals: Ceiling;
    readonly changes: Ceiling;
  };
  readonly whoIsPaged: {
    readonly owner: string;
    /** Contact names; each stage maps them to addresses. */
    readonly page: readonly [string, ...string[]];
  };
  readonly whereToLook: {
    /** Path of the runbook in this repository. */
    readonly runbook: string;
  };
  readonly expects: {
    /** Page when no scan has succeeded for this long. */
    readonly heartbeatMinutes: number;
    /** Page when a record has been unfinished for this long. */
    readonly oldestMinutes: number;
  };
  readonly collections: readonly [Collection, ...Collection[]];
  /** Webhook endpoints by the last part of their path, `/hooks/<flow>/<source>`. */
  readonly webhooks: Readonly<Record<string, WebhookEndpoint>>;
}

/** A checked definition, with what is derived from it. */
export interface Flow extends FlowDefinition {
  collection(name: string): Collection | undefined;
  readonly accounts: readonly AccountRef[];
}

/** Checks what types cannot say; a mistake here stops start and synth with the field's name. */
export function defineFlow(definition: FlowDefinition): Flow {
  const problem = firstProblem(definition, leaseDuration);
  if (problem) throw new Error(`flow "${definition.name}": ${problem}`);
  const byName = new Map(definition.collections.map((each) => [each.name, each]));
  return {
    ...definition,
    collection: (name) => byName.get(name),
    accounts: distinctAccounts(definition),
  };
}

/**
 * How long a claim lasts. When it ends, its worker is dead, whatever it sent has landed or never will, and
 * a lookup or a read shows it: only then may somebody else touch the record.
 */
export function leaseDuration(collection: Collection): Millis {
  const lateness = Math.max(collection.target.lateness, collection.back?.writer.lateness ?? 0);
  const lag = collection.back ? readLag(collection) : collection.target.readLag;
  return WORKER_TIMEOUT + lateness + lag + 2 * SKEW;
}

/** How long after it rang a record may still be read as it was. */
export function readLag({ source, target, back }: Collection): Millis {
  return back ? Math.max(source.readLag, target.readLag) : source.readLag;
}

/** A received message is invisible for this long: longer than any lease its worker may have left behind. */
export function visibilityTimeout(flow: FlowDefinition): Millis {
  const longest = Math.max(...flow.collections.map(leaseDuration));
  return Math.max(6 * WORKER_TIMEOUT, longest + 2 * SKEW);
}

/** The queues of a flow, the most urgent first. */
export function lanesOf({ howOften }: Pick<FlowDefinition, 'howOften'>): Lane[] {
  return LANES.filter((lane) => lane !== 'urgent' || howOften.urgent !== undefined);
}

function distinctAccounts({ collections, webhooks }: FlowDefinition): AccountRef[] {
  const byKey = new Map<string, AccountRef>();
  for (const { source, target } of collections) {
    for (const each of [source.account, target.account]) byKey.set(accountKey(each), each);
  }
  for (const { account } of Object.values(webhooks)) byKey.set(accountKey(account), account);
  return [...byKey.values()];
}
