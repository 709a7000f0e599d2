import * as z from 'zod';
import type { FieldValue } from '../../../shared/engine/fields.ts';
import type { Reply } from '../vendor.ts';
import type { World } from '../world.ts';
import { type Entry, FIELDS, type FieldName, type Values } from './pair-fields.ts';
import { logsOf, PairVendor, type RecordState, type Snapshot, ValuesSchema } from './pair-vendor.ts';

const WriteSchema = z.object({
  writes: z.array(
    z.object({
      ref: z.string(),
      kind: z.enum(['create', 'update', 'remove', 'merge']),
      targetId: z.string().optional(),
      into: z.string().optional(),
      adopts: z.boolean().optional(),
      fields: ValuesSchema,
    }),
  ),
});
type Write = z.infer<typeof WriteSchema>['writes'][number];
const FindSchema = z.object({ wanted: z.array(z.object({ ref: z.string(), email: z.string().nullable() })) });
const IdsSchema = z.object({ ids: z.array(z.string()) });

/** What was done to a record at the right side that a later reading cannot show. */
export interface RightEvents {
  /** Left ids whose record here a person deleted. */
  deleted: Set<string>;
  restored: Set<string>;
  /** Left ids whose record here was merged with that of another left id. */
  joined: Set<string>;
  /** Left ids whose record here was merged with another one. */
  merged: Set<string>;
  /** Left ids whose record here is not the first: what the one before it had been told is gone with it. */
  remade: Set<string>;
}

/** The right side: the last write holds, records are merged, deleted and restored. */
export class RightVendor extends PairVendor {
  /** No two records have the same e-mail. */
  readonly unique: boolean;
  readonly events: RightEvents = {
    deleted: new Set(),
    restored: new Set(),
    joined: new Set(),
    merged: new Set(),
    remade: new Set(),
  };
  /** Merges, deletions, restorations and records that people made. */
  upheavals = 0;
  /** A read of an id that was merged away tells the next record of the chain, or the last. */
  readonly #tellsLast: boolean;
  /** Does our link lead to this record? */
  isKnown: (ref: string, id: string) => boolean = () => true;
  /** Asked before a record is made: is it one that must stay deleted? */
  onCreate: (ref: string, email: FieldValue) => void = () => undefined;
  /** Its webhook says that somebody was erased. */
  rungErased: (id: string) => void = () => undefined;

  constructor(world: World) {
    super(world, 'target');
    this.unique = world.dice.chance(0.5);
    this.#tellsLast = world.dice.chance(0.5);
  }

  alive(): [string, Snapshot][] {
    return [...this.records].flatMap(([id, history]) => {
      const state = history.now();
      return state.state === 'present' ? [[id, state]] : [];
    });
  }

  byRef(ref: string): [string, Snapshot][] {
    return this.alive().filter(([, { ref: its }]) => its === ref);
  }

  /** Records that people deleted and have not restored. */
  readonly bin = new Set<string>();

  /** Where the chain of merges ends. */
  last(id: string): string {
    const state = this.records.get(id)?.now();
    return state?.state === 'merged' ? this.last(state.into) : id;
  }

  /** Is it unknown by what this person was recognised here, because the record was in the bin or is that of two? */
  isUnlike(ref: string): boolean {
    return this.unseen.has(ref) || this.events.merged.has(ref);
  }

  /** Whose record it is or was, by our reference. */
  refOf(id: string): string | undefined {
    const state = this.records.get(id)?.now();
    return state?.state === 'merged' ? state.was.ref : state?.ref;
  }

  /** People make a record of their own. */
  plant(values: Values): string {
    this.upheavals += 1;
    const id = this.#newId();
    this.world.tell(this.name, () => `PEOPLE MAKE ${id} ${JSON.stringify(values)}`);
    this.store(id, { ...this.begun(values, 'other'), state: 'present' });
    return id;
  }

  delete(id: string): void {
    this.upheavals += 1;
    const before = this.present(id);
    if (!before) return;
    if (before.ref !== undefined) this.events.deleted.add(before.ref);
    this.world.tell(this.name, () => `PEOPLE DELETE ${id} (${before.ref})`);
    this.world.tally('deletes');
    this.bin.add(id);
    this.store(id, { ...before, state: 'gone' });
  }

  /** Records of people who were erased here on request. */
  readonly erased = new Set<string>();
  /** Left ids whose record was deleted or had just been restored when we erased it: nobody could read whose it was. */
  readonly unseen = new Set<string>();

  /** The webhook tells that it was an erasure; no later reading does. */
  erase(id: string): void {
    const before = this.present(id);
    if (!before) return;
    this.upheavals += 1;
    this.world.tell(this.name, () => `PEOPLE ERASE ${id} (${before.ref})`);
    this.world.tally('erased at the right side');
    this.erased.add(id);
    this.store(id, { ...before, state: 'gone' });
    this.rungErased(id);
  }

  #eraseForUs(asked: string): Reply {
    const id = this.last(asked);
    const before = this.present(id);
    if (before && !this.mayErase(before.ref ?? id))
      this.world.violated('nobody is erased unasked', `${id} (${before.ref}) at the right side`);
    this.erased.add(id);
    this.bin.delete(id);
    const { now, weights } = this.world;
    const isFresh = now - (this.records.get(id)?.changedAt ?? 0) <= weights.readLag + 1_000;
    if (!before || isFresh) this.unseen.add(this.refOf(id) ?? '');
    if (before) this.store(id, { ...before, state: 'gone' });
    return { status: 200, json: { erased: true } };
  }

  restore(id: string): void {
    this.upheavals += 1;
    const state = this.records.get(id)?.now();
    // Nobody brings back a second record of somebody who has been given a new one meanwhile.
    if (state?.state !== 'gone' || (state.ref !== undefined && this.byRef(state.ref).length > 0)) return;
    // Nor one that we never came to know of: nobody can tell it from a stranger's, and it is being made again.
    if (state.ref !== undefined && !this.isKnown(state.ref, id)) return;
    if (!this.bin.delete(id)) return;
    if (state.ref !== undefined) this.events.restored.add(state.ref);
    this.world.tally('restores');
    this.world.tell(this.name, () => `PEOPLE RESTORE ${id} (${state.ref})`);
    this.store(id, { ...state, state: 'present' });
  }

  /** The winner's values hold where it has one; the record that is left has a new id, or the winner's. */
  merge(winner: string, loser: string): void {
    this.upheavals += 1;
    const [ours, theirs] = [this.present(winner), this.present(loser)];
    if (!ours || !theirs) return;
    const owners = new Set([ours, theirs].map(ownerOf));
    for (const owner of owners) this.events.merged.add(owner);
    if (owners.size > 1) for (const owner of owners) this.events.joined.add(owner);
    const into = this.world.dice.chance(0.6) ? this.#newId() : winner;
    const one = this.#joined(ours, theirs);
    this.world.tell(
      this.name,
      () =>
        `PEOPLE MERGE ${loser} (${theirs.ref}) into ${winner} (${ours.ref}) = ${into} ${JSON.stringify(one.fields)}`,
    );
    this.world.tally('merges');
    this.store(loser, { state: 'merged', into, was: theirs });
    if (into !== winner) this.store(winner, { state: 'merged', into, was: ours });
    this.store(into, { ...one, state: 'present' });
  }

  #mergeForUs(loser: string, winner: string): Record<string, unknown> {
    const [was, into] = [this.present(loser), this.present(winner)];
    if (!was || !into) return { lost: true };
    this.merge(winner, loser);
    return { targetId: this.last(winner), created: false };
  }

  #joined(winner: Snapshot, loser: Snapshot): Snapshot {
    const value = (field: FieldName): FieldValue => winner.fields[field] ?? loser.fields[field];
    const fields: Values = { ...winner.fields };
    for (const field of FIELDS) fields[field] = value(field);
    const logs = logsOf((field): readonly Entry[] => {
      const both = [...winner.logs[field], ...loser.logs[field]].sort((a, b) => a.at - b.at);
      const told = both.at(-1)?.value ?? null;
      return told === fields[field] ? both : [...both, this.entry(fields[field], 'other')];
    });
    const ref = winner.ref ?? loser.ref;
    return { fields, logs, version: 1, ...(ref === undefined ? {} : { ref }) };
  }

  #newId(): string {
    return `t${this.records.size}`;
  }

  protected listed(targetId: string, { ref }: Snapshot): unknown {
    return ref === undefined ? undefined : { targetId, ref };
  }

  protected override shown(id: string, state: RecordState | undefined): unknown {
    if (state?.state !== 'merged') return super.shown(id, state);
    return { id, state: 'merged', into: this.#tellsLast ? this.last(state.into) : state.into };
  }

  protected special(operation: string, body: unknown): Reply {
    switch (operation) {
      case 'write':
        return this.#write(WriteSchema.parse(body).writes);
      case 'erase':
        return this.#eraseForUs(z.object({ id: z.string() }).parse(body).id);
      case 'identify':
        return {
          status: 200,
          json: { records: IdsSchema.parse(body).ids.map((id) => this.shown(id, this.seen(id))) },
        };
      case 'find':
        return {
          status: 200,
          json: { found: FindSchema.parse(body).wanted.map((each) => this.#find(each)) },
        };
      default:
        return { status: 404, json: {} };
    }
  }

  #find({ ref, email }: { ref: string; email: string | null }): unknown {
    const seen = [...this.records.keys()].flatMap((targetId) => {
      const state = this.seen(targetId);
      return state?.state === 'present' ? [{ targetId, ref: state.ref, email: state.fields.email }] : [];
    });
    const byRef = seen.filter((each) => each.ref === ref);
    if (byRef.length > 0)
      return { ref, candidates: byRef.map(({ targetId }) => ({ targetId, ref, by: 'reference' })) };
    const byMatch = seen.filter((each) => each.email === email);
    return {
      ref,
      candidates: byMatch.map((each) => ({ targetId: each.targetId, ref: each.ref, by: 'match' })),
    };
  }

  #write(writes: readonly Write[]): Reply {
    const { dice, weights, counts } = this.world;
    counts.writes += writes.length;
    const results = writes.map((write) => ({ ref: write.ref, ...this.#apply(write) }));
    return { status: 200, json: { results: results.filter(() => !dice.chance(weights.partial)) } };
  }

  #apply(write: Write): Record<string, unknown> {
    if (write.kind === 'create') return this.#create(write);
    const id = write.targetId ?? '';
    const before = this.present(id);
    if (!before) return { lost: true };
    if (write.kind === 'merge') return this.#mergeForUs(id, write.into ?? '');
    if (write.kind === 'remove') {
      this.store(id, { ...before, state: 'gone' });
      return { targetId: id, created: false };
    }
    if (write.adopts) this.#noteRemade(write.ref, id);
    const after = this.changed(before, write.fields, 'us');
    this.countOurs(write.ref, before, after);
    this.store(id, { ...after, ...(write.adopts ? { ref: write.ref } : {}), state: 'present' });
    return { targetId: id, created: false };
  }

  #noteRemade(ref: string, id: string | undefined): void {
    const others = [...this.records].filter(([other, history]) => {
      const state = history.now();
      return (
        other !== id &&
        ownerOf(state.state === 'merged' ? state.was : state) === ref &&
        this.last(other) !== id
      );
    });
    if (others.length > 0) this.events.remade.add(ref);
  }

  #create(write: Write): Record<string, unknown> {
    const email = write.fields.email ?? null;
    if (this.unique && this.alive().some(([, { fields }]) => fields.email === email))
      return { problem: 'conflict' };
    const { now, weights } = this.world;
    // People may have merged it into a new record so shortly before that no lookup could show that one.
    const [same] = this.byRef(write.ref).filter(
      ([id]) => now - (this.records.get(id)?.changedAt ?? 0) > weights.readLag + 1_000,
    );
    if (same)
      this.world.violated(
        'creates once',
        `${write.ref} was created again while ${same[0]} carries its reference`,
      );
    this.onCreate(write.ref, email);
    this.#noteRemade(write.ref, undefined);
    const values = { ...EMPTY };
    for (const field of FIELDS) values[field] = write.fields[field] ?? null;
    const record = { ...this.begun(values, 'us'), ref: write.ref };
    this.countOurs(write.ref, undefined, record);
    const targetId = this.#newId();
    this.store(targetId, { ...record, state: 'present' });
    this.world.counts.creates += 1;
    return { targetId, created: true };
  }
}

/** The left id whose record it is, by our reference or by its e-mail. */
function ownerOf({ ref, fields }: Snapshot): string {
  return ref ?? String(fields.email).replace(/^p(\d+)@.*/, 'r$1');
}

const EMPTY: Values = {
  name: null,
  nick: null,
  phone: null,
  tags: null,
  score: null,
  consent: null,
  city: null,
  memo: null,
  badge: null,
  title: null,
  email: null,
};
