import type { ParkedAnswer, RecordAnswer, SandboxAnswer, Status } from '../answers.ts';
import type { ItemsAnswer } from '../answers-pair.ts';
import type { RecordRef } from '../record-ref.ts';

/** All the console reads: a host passes its own way of answering. Undefined = there is no such thing. */
export interface OperatorView {
  status(): Promise<Status>;
  record(flow: string, ref: RecordRef): Promise<RecordAnswer | undefined>;
  parked(flow: string, after?: string): Promise<ParkedAnswer | undefined>;
  /** What only a person can decide. */
  items(flow: string): Promise<ItemsAnswer>;
  /** Empty where a host has no sandboxes. */
  sandboxes(): Promise<readonly SandboxAnswer[]>;
}
