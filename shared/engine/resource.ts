import type { Fault } from './fault.ts';
import type { Fields } from './fields.ts';
import type { History } from './history.ts';
import type { Millis, Page } from './ports.ts';
import type { AccountRef, Session } from './session.ts';

/** What a read of one record by id showed. */
export type Read<R> =
  | {
      state: 'present';
      record: R;
      /** Of a target's fields, where it was asked for and the vendor tells it. */
      history?: History;
    }
  /** Deleted at the vendor: it said 404 or 410 for this one record. */
  | {
      state: 'gone';
      /** The person was erased on request, where the vendor tells that from a deletion. */
      erased?: boolean;
    }
  /** Merged into another record of the same kind. */
  | { state: 'merged'; into: string }
  /** The record itself does not fit our schema; the rest of the reply does. */
  | { state: 'unreadable'; fault: Fault };

export interface ScanWindow {
  /** Both our clock; the source is asked for what changed in [from, to]. */
  from: Millis;
  to: Millis;
  /** Opaque, from the previous page. */
  page?: string;
}

export interface Change {
  id: string;
  /** Names this change and no other, so that an overlapping scan does not send it twice. */
  changeId: string;
  /** It goes by the flow's urgent lane, if it has one. */
  urgent?: boolean;
}

/** One kind of record that a flow reads. */
export interface Source<R> {
  readonly account: AccountRef;
  /** The vendor's name of it, in the plural, for people: `Tessitura constituents`. */
  readonly title: string;
  /** Records per `read`. */
  readonly batchSize: number;
  /** How long after a change a read by id may still show the old state. */
  readonly readLag: Millis;
  /** How far a scan looks back behind its cursor: the longest time from a change's stamp to its visibility. */
  readonly overlap: Millis;
  /** Estimated calls that one `read` costs, for the budget asked before the claim. */
  readonly callsPerRead: number;
  /** In bulk. A record that is missing from the reply is missing from the map: unseen, not gone. */
  read(session: Session, ids: readonly string[]): Promise<ReadonlyMap<string, Read<R>>>;
  /** One record, and the only word that counts on whether it is gone. */
  readOne(session: Session, id: string): Promise<Read<R>>;
  /** What changed in a closed window, page by page. */
  scan(session: Session, window: ScanWindow): Promise<Page<Change>>;
  /** Every id there is, page by page, for backfill and audit; `total` if the vendor tells. */
  list(session: Session, page?: string): Promise<Page<string> & { total?: number }>;
}

/** A record found at the target by our reference or by the match rule. */
export interface Found {
  targetId: string;
  /** The reference it carries, if it carries one. */
  ref?: string;
  by: 'reference' | 'match';
}

/** `ref` is the record's id at the source, kept at the target as our foreign key. */
export interface Write {
  ref: string;
  kind: 'create' | 'update' | 'remove' | 'merge';
  targetId?: string;
  /** Of a merge: the record that `targetId` goes into. It may be given a new id by that. */
  into?: string;
  /** An update that adopts a record found by match: it must be given our reference as well. */
  adopts?: boolean;
  /** For an update the changed fields where we know them, else all of ours. */
  fields: Fields;
}

export type WriteResult =
  | { ok: true; targetId: string /** The vendor says that it made a new record. */; created: boolean }
  /** The record was removed or merged away at the target: link it anew. */
  | { ok: false; lost: true }
  | { ok: false; lost?: false; fault: Fault };

/** One kind of record that a flow writes. */
export interface Target {
  readonly account: AccountRef;
  readonly title: string;
  /** Records per `write` and `read`. */
  readonly batchSize: number;
  /** How long after a write a read or a lookup may still show the old state. */
  readonly readLag: Millis;
  /** The longest time the vendor may still apply a write that we gave up on, and where that figure is from. */
  readonly lateness: Millis;
  /**
   * `before-create`: nothing at the vendor prevents a second record, so we look first.
   * `on-conflict`: the create is an upsert by our reference and the vendor refuses a second record with the
   * same match value, so we look only after it did.
   */
  readonly lookup: 'before-create' | 'on-conflict';
  /** It tells who wrote what (`read` with `tells`). */
  readonly tells?: boolean;
  /**
   * Current values of `names` by target id, with the history of `tells` where the vendor has one; as in
   * `Source.read`, a missing one is unseen.
   */
  read(
    session: Session,
    targetIds: readonly string[],
    names: readonly string[],
    tells?: readonly string[],
  ): Promise<ReadonlyMap<string, Read<Fields>>>;
  readOne(
    session: Session,
    targetId: string,
    names: readonly string[],
    tells?: readonly string[],
  ): Promise<Read<Fields>>;
  /** All candidates for each wanted record: by reference, else by the match rule. */
  find(
    session: Session,
    wanted: readonly { ref: string; fields: Fields }[],
  ): Promise<ReadonlyMap<string, readonly Found[]>>;
  /**
   * One result per `ref`; a missing one has an unknown outcome. A refusal of the whole call that names no
   * record is thrown as a `rejected` fault: the engine bisects.
   */
  write(session: Session, writes: readonly Write[]): Promise<ReadonlyMap<string, WriteResult>>;
  /** Every record that carries our reference, for the audit. */
  list(session: Session, page?: string): Promise<Page<{ targetId: string; ref: string }>>;
  /**
   * Which of our records these are: their reference, and the values that match rules use. Every id gets an answer.
   * Only for flows that go both ways, where the target rings with its own ids.
   */
  identify?(session: Session, targetIds: readonly string[]): Promise<ReadonlyMap<string, Read<Identity>>>;
  /** What changed at the target in a closed window, by target id: the way back for an account without webhooks. */
  scan?(session: Session, window: ScanWindow): Promise<Page<Change>>;
  /** Erases a person for good, by the vendor's own procedure for privacy requests. */
  erase?(session: Session, targetId: string): Promise<SourceResult>;
  /** How far such a scan looks back behind its cursor; as `Source.overlap`. */
  readonly overlap?: Millis;
}

/** By what a record of the target is recognised. */
export interface Identity {
  /** Our reference, if it carries one. */
  ref?: string;
  /** Whatever `SourceWriter.match` needs. */
  fields: Fields;
}

/** A change to be made at the source, in its connector's own terms `E`. */
export interface SourceEdit<R, E> {
  id: string;
  /** As it was read: it carries the versions that the vendor compares. */
  record: R;
  edit: E;
}

/** Whether the source has taken a change. */
export type SourceResult = { ok: true } | { ok: false; fault: Fault };

/** The writing half of a source, for flows that go both ways. */
export interface SourceWriter<R, E> {
  /** Records per `write`. */
  readonly batchSize: number;
  /** As `Target.lateness`. */
  readonly lateness: Millis;
  /**
   * One result per id; a missing one has an unknown outcome. A vendor that compares versions refuses a record
   * that moved since it was read: a `conflict` fault, after which both sides are read again.
   */
  write(session: Session, edits: readonly SourceEdit<R, E>[]): Promise<ReadonlyMap<string, SourceResult>>;
  /** Asks the vendor to erase a person; it may be carried out later, and refused while business is open. */
  erase?(session: Session, id: string): Promise<SourceResult>;
  /** Ids of the source's records that may be the same one as a target's record without our reference, by target id. */
  match(
    session: Session,
    wanted: readonly { targetId: string; fields: Fields }[],
  ): Promise<ReadonlyMap<string, readonly string[]>>;
}
