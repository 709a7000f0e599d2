import type { FiledDocuments } from './filing.ts';
import { SKEW, WORKER_TIMEOUT } from './flow.ts';
import type { Http, Millis, Ports } from './ports.ts';
import type { AccountRef, Session } from './session.ts';
import type { WebhookRequest } from './webhook.ts';

/**
 * What others call and wait for, beside the flows that nobody waits for: an API over vendor accounts. A host gives it
 * an address, a queue with dead letters, timers and alarms; what it does there is its own.
 */
export interface ServiceDefinition {
  /** Kebab-case; part of queue names and URLs. No flow has the same name. */
  readonly name: string;
  readonly title: string;
  readonly moves: { readonly what: string; readonly from: string; readonly to: string };
  readonly howOften: {
    /** What callers and vendors push to it. */
    readonly called: string;
    readonly timers: readonly ServiceTimer[];
  };
  readonly whenItBreaks: {
    /** What the business suffers while it is broken: one sentence, in every alarm. */
    readonly impact: string;
    /** What lies in its dead-letter queue and what that means. */
    readonly parks: string;
  };
  readonly whoIsPaged: {
    readonly owner: string;
    /** Contact names; each stage maps them to addresses. */
    readonly page: readonly [string, ...string[]];
  };
  readonly whereToLook: { readonly runbook: string };
  readonly expects: {
    /** Page when a message has waited for this long after it was due. */
    readonly oldestMinutes: number;
  };
  /** What it measures of itself, and when that pages. */
  readonly gauges: readonly Gauge[];
  readonly accounts: readonly AccountRef[];
  /** Webhook sources by the last part of their path, `/hooks/<service>/<source>`, and whose they are. */
  readonly hooks: Readonly<Record<string, AccountRef>>;
  /** Asks nothing of its ports yet. */
  open(ports: ServicePorts): ServiceRun;
}

export interface ServiceTimer {
  /** Unique within the service. */
  readonly name: string;
  readonly when: { readonly everyMinutes: number } | { readonly dailyAt: string; readonly timeZone: string };
}

/** A number that the service tells by `ports.meter.gauge(service, name, value)` at least every 5 minutes. */
export interface Gauge {
  /** CamelCase: its name in CloudWatch, e.g. `PaymentsUnknown`. */
  readonly name: string;
  /** Pages above this. */
  readonly above: number;
  /** What has happened then, for the first line of the page. */
  readonly says: string;
  /** What to run first, without `npm run intertie --`. */
  readonly first: string;
  /** Its silence for 15 minutes pages too. */
  readonly silencePages?: boolean;
}

/** Work to be done on one record of the service. */
export interface Errand {
  /** Kind of record, e.g. `payment`. */
  readonly collection: string;
  readonly id: string;
}

/** One piece of work of the service; its host ends it at `deadline`. */
export interface ServiceWork {
  deadline: Millis;
  signal: AbortSignal;
  /** For work that nobody waits for; the host lets it finish before the worker rests. Errors are ignored. */
  background(task: Promise<unknown>): void;
}

/** What a host lends a service. */
export interface ServicePorts extends Pick<Ports, 'clock' | 'random' | 'secrets' | 'http' | 'meter'> {
  documents: FiledDocuments;
  /** Puts an errand on the service's queue for that moment (any time ahead); durable when it resolves. At least once. */
  post(errand: Errand, at: Millis): Promise<void>;
  /** Hands an event to the service's own event queue, for whoever reads it there; durable when it resolves. */
  publish(event: unknown): Promise<void>;
  /** For addresses that outsiders gave us: https only, public addresses only, no redirects, small answers. */
  publicHttp: Http;
  /**
   * Opens an account for one piece of work. Past `sendBefore` (checked directly before the first byte) nothing is sent
   * any more: a Fault `unavailable`, as of a request of which no byte left.
   */
  session(account: AccountRef, work: ServiceWork, bounds?: { sendBefore: Millis }): Session;
  /** One JSON line of what happened; no personal data. */
  log(line: Readonly<Record<string, unknown>>): void;
  /** Of the address at which callers and vendors reach it, without a slash at the end. */
  publicUrl(): string;
}

/** A service at work. */
export interface ServiceRun {
  /** Its API. The path has no prefix of the host's. */
  answer(request: Request, work: ServiceWork): Promise<Response>;
  /** A vendor's webhook: 2xx only once what it hints at is durably queued. */
  receive(
    source: string,
    request: WebhookRequest,
    work: ServiceWork,
  ): Promise<{ status: number; body: string }>;
  /** An errand that is due. Throwing leaves its message on the queue. */
  work(errand: Errand, how: ServiceWork & { dueAt: Millis }): Promise<void>;
  tick(timer: string, work: ServiceWork): Promise<void>;
  /** What operators ask or tell, from the console and the command line; `input` is checked by the service. */
  operate(command: string, input: unknown, work: ServiceWork): Promise<unknown>;
}

/** Thrown by `operate`: what an operator asked for cannot be done. The message names the field and the cause. */
export class CannotDo extends Error {
  /** The input does not fit, there is no such thing, or it is not in a state for this. */
  readonly kind: 'input' | 'missing' | 'conflict';
  /** What to do now. */
  readonly next: string;

  constructor(kind: CannotDo['kind'], message: string, next: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CannotDo';
    this.kind = kind;
    this.next = next;
  }
}

/** A received message is invisible for this long: longer than its worker can live. */
export const SERVICE_VISIBILITY: Millis = 2 * WORKER_TIMEOUT + 2 * SKEW;

/** Checks what types cannot say; a mistake here stops start and synth with the field's name. */
export function defineService(definition: ServiceDefinition): ServiceDefinition {
  const problem = problemOf(definition);
  if (problem !== undefined) throw new Error(`service "${definition.name}": ${problem}`);
  return definition;
}

function problemOf({ name, howOften, gauges, expects }: ServiceDefinition): string | undefined {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(name)) return 'name: lower-case letters, digits and hyphens';
  const timers = howOften.timers.map((timer) => timer.name);
  if (new Set(timers).size < timers.length) return 'howOften.timers: two have the same name';
  const gauge = gauges.find((each) => !/^[A-Z][A-Za-z0-9]*$/.test(each.name));
  if (gauge) return `gauges: "${gauge.name}" is not a CamelCase name`;
  if (!(expects.oldestMinutes >= 1)) return 'expects.oldestMinutes: at least 1';
  return undefined;
}
