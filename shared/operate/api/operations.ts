import type { Listed } from '../../engine/listing.ts';
import type { AuditAnswer, BackfillAnswer } from '../answers.ts';
import type { FindingsAnswer, ListingAnswer, PlanAnswer } from '../answers-plan.ts';
import type { RecordRef } from '../record-ref.ts';

/** Everything the API lets an operator do. The host binds it to the engine; flows are known to exist. */
export interface Operations {
  /** Scans every collection now. */
  scan(flow: string): Promise<ScanAnswer>;
  /** Starts the backfill of every collection; it goes on in the background. A 409 when a person has to confirm it. */
  backfill(flow: string, how: { confirmed: boolean }): Promise<void>;
  /** Starts an audit of every collection; it goes on in the background. */
  audit(flow: string): Promise<void>;
  pause(flow: string, why: { reason: string; minutes?: number | undefined }): Promise<void>;
  resume(flow: string): Promise<void>;
  /** Lets a held mass change through; a 409 when there is none. */
  approve(flow: string): Promise<void>;
  /** Ends a hold of ours; a 409 when there is none. */
  release(flow: string): Promise<void>;
  /** Lets a held account be called again; a 409 when it is not held. */
  releaseAccount(account: string): Promise<void>;
  replay(flow: string, which: readonly RecordRef[] | 'all'): Promise<ReplayAnswer>;
  /** False when the record is not parked. */
  discard(flow: string, ref: RecordRef, reason: string): Promise<boolean>;
  /** Carries out a person's word on a work item; resolves with the name of the system that was kept. */
  decide(flow: string, ref: RecordRef, choice: ChoiceAsked): Promise<string>;
  /** A page of the ids of records, all or those that changed since a moment; moves no cursor. */
  listing(flow: string, of: Listed): Promise<ListingAnswer>;
  /** What would be written on either side; writes nothing. */
  plan(flow: string, asked: PlanAsked): Promise<PlanAnswer>;
  /** What the first reconcile would find at the target; writes nothing. */
  match(flow: string, records: readonly RecordRef[]): Promise<FindingsAnswer>;
  /** Newest reports of all collections. */
  auditReport(flow: string): Promise<readonly (AuditAnswer & { collection: string })[]>;
  backfillReport(flow: string): Promise<readonly (BackfillAnswer & { collection: string })[]>;
}

/** `keep` is `left`, `right` or a system's name; `mark` is that of the item as it was shown. */
export interface ChoiceAsked {
  field: string;
  keep: string;
  mark?: string | undefined;
}

export interface ScanAnswer {
  sent: number;
  finished: boolean;
  /** Why a scan did not run, e.g. because one is running. */
  skipped?: string | undefined;
}

/** Records to be planned, by the definition that runs or that of another git ref. */
export interface PlanAsked {
  records: readonly RecordRef[];
  mappingFrom?: string | undefined;
}

export interface ReplayAnswer {
  sent: number;
  items: readonly { collection: string; id: string; verdict: { kind: string; why: string } }[];
}
