import type { Millis } from './ports.ts';
import type { ServiceDefinition, ServicePorts } from './service.ts';

/** A service at work in virtual time, with the sandboxes of its vendors: hours pass as fast as the work is done. */
export interface DrillStage {
  now(): Millis;
  /** What the service is lent. */
  readonly ports: ServicePorts;
  /** Calls the service's API. */
  ask(request: Request): Promise<Response>;
  /** Does something at that moment. */
  at(moment: Millis, act: () => Promise<unknown>): void;
  /** Lets time pass until then; whatever is due on the way is done. */
  pass(until: Millis): Promise<void>;
  /** Messages on the service's queue, those for later too. */
  queued(): Promise<number>;
  /** Messages that failed for good. */
  letters(): Promise<number>;
  vendor(name: string): DrillVendor;
}

/** One sandbox, as a drill sees it. */
export interface DrillVendor {
  fault(name: string, on: boolean): void;
  /** What the vendor has stored. */
  peek(record: string, id: string): Readonly<Record<string, unknown>> | undefined;
  /** How much of a kind it has stored. */
  stored(kind: string): number;
  /** Of a payment provider: instruments that pay, and that are declined. */
  readonly instruments: { readonly good: string; readonly declined: string };
}

/** What a drill found; `wrong` says in words which promise was not kept, and is empty when all were. */
export interface DrillReport {
  readonly title: string;
  readonly rows: readonly (readonly [what: string, figure: string])[];
  readonly wrong: readonly string[];
}

/** What an operator asked for. */
export interface DrillAsked {
  /** Whose outage it is. */
  readonly provider: string;
  readonly minutes: number;
  /** Is there another provider to go to? */
  readonly second: boolean;
}

/** A rehearsal of the worst day of a service. */
export interface ServiceDrill {
  readonly service: string;
  run(asked: DrillAsked, open: (definition: ServiceDefinition) => Promise<DrillStage>): Promise<DrillReport>;
}
