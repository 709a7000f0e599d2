import * as z from 'zod';
import { History, type Reply, Vendor } from './vendor.ts';
import type { World } from './world.ts';

const ValueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const FieldsSchema = z.record(z.string(), ValueSchema);
type Values = z.infer<typeof FieldsSchema>;

export interface TargetRecord {
  ref: string | undefined;
  fields: Values;
}

const WriteSchema = z.object({
  writes: z.array(
    z.object({
      ref: z.string(),
      kind: z.enum(['create', 'update', 'remove']),
      targetId: z.string().optional(),
      fields: FieldsSchema,
    }),
  ),
});
const FindSchema = z.object({ wanted: z.array(z.object({ ref: z.string(), email: ValueSchema })) });
const ReadSchema = z.object({ ids: z.array(z.string()) });
type Write = z.infer<typeof WriteSchema>['writes'][number];
const PagedSchema = z.object({ page: z.string().optional() });
const PAGE = 4;

/** The system that is kept in step. A plain create makes a new record every time: nothing here deduplicates. */
export class TargetVendor extends Vendor {
  readonly records = new Map<string, History<TargetRecord | undefined>>();
  /** References of records that people touched here. */
  readonly touched = new Set<string>();
  readonly upsert: boolean;

  constructor(world: World, upsert: boolean) {
    super(world, 'target');
    this.upsert = upsert;
  }

  alive(): [string, TargetRecord][] {
    return [...this.records].flatMap(([id, history]) => {
      const record = history.now();
      return record ? [[id, record]] : [];
    });
  }

  byRef(ref: string): [string, TargetRecord][] {
    return this.alive().filter(([, record]) => record.ref === ref);
  }

  /** A record that was here before the first backfill. */
  plant(email: string): void {
    this.#make({ ref: undefined, fields: { email, a: 0 } });
  }

  /** As a person at the vendor would. */
  edit(id: string, record: TargetRecord | undefined): void {
    const history = this.records.get(id);
    const ref = history?.now()?.ref;
    if (ref !== undefined) this.touched.add(ref);
    history?.set(this.world.now, record);
    this.world.tell(
      'target',
      () => `OUTSIDE ${record ? `EDIT ${id} := ${JSON.stringify(record)}` : `DELETES ${id} (${ref})`}`,
    );
  }

  operate(operation: string, body: unknown): Reply {
    switch (operation) {
      case 'write':
        return this.#write(WriteSchema.parse(body).writes);
      case 'read':
        return { status: 200, json: { records: this.#reads(ReadSchema.parse(body).ids, true) } };
      case 'readOne':
        return { status: 200, json: { records: this.#reads(ReadSchema.parse(body).ids, false) } };
      case 'find':
        return {
          status: 200,
          json: { found: FindSchema.parse(body).wanted.map((each) => this.#find(each.ref, each.email)) },
        };
      case 'list':
        return this.#list(Number(PagedSchema.parse(body).page ?? 0));
      default:
        return { status: 404, json: {} };
    }
  }

  #lagged(): number {
    return this.world.now - this.world.dice.between(0, this.world.weights.readLag);
  }

  #reads(ids: readonly string[], bulk: boolean): unknown[] {
    return ids.flatMap((id) => {
      const history = this.records.get(id);
      const seen = history?.before(this.#lagged());
      if (bulk && (!seen || this.world.dice.chance(this.world.weights.partial))) return [];
      return [{ id, ...(seen ? { state: 'present', fields: seen.fields } : { state: 'gone' }) }];
    });
  }

  #find(ref: string, email: z.infer<typeof ValueSchema>): unknown {
    const moment = this.#lagged();
    const seen = [...this.records].flatMap(([targetId, history]) => {
      const record = history.before(moment);
      return record ? [{ targetId, ref: record.ref, email: record.fields.email }] : [];
    });
    const byRef = seen
      .filter((each) => each.ref === ref)
      .map(({ targetId }) => ({ targetId, ref, by: 'reference' }));
    if (byRef.length > 0) return { ref, candidates: byRef };
    const byMatch = seen.filter((each) => each.email === email);
    return {
      ref,
      candidates: byMatch.map((each) => ({
        targetId: each.targetId,
        ...(each.ref ? { ref: each.ref } : {}),
        by: 'match',
      })),
    };
  }

  #write(writes: readonly Write[]): Reply {
    this.world.counts.writes += writes.length;
    if (writes.some((write) => write.fields.refuse === 'batch')) return { status: 422, json: {} };
    const results = writes.map((write) => ({ ref: write.ref, ...this.#apply(write) }));
    const { dice, weights } = this.world;
    return { status: 200, json: { results: results.filter(() => !dice.chance(weights.partial)) } };
  }

  #apply(write: Write): Record<string, unknown> {
    if (write.fields.refuse === 'vendor') return { problem: 'refused' };
    if (write.kind === 'create') return this.#create(write);
    const history = this.records.get(write.targetId ?? '');
    const current = history?.now();
    if (!history || !current) return { lost: true };
    const fields = { ...current.fields, ...write.fields };
    history.set(this.world.now, write.kind === 'remove' ? undefined : { ref: write.ref, fields });
    return { targetId: write.targetId, created: false };
  }

  #create(write: Write): Record<string, unknown> {
    const { parent } = write.fields;
    const [same] = this.byRef(write.ref);
    if (this.upsert && same) return this.#apply({ ...write, kind: 'update', targetId: same[0] });
    if (typeof parent === 'string' && this.byRef(parent).length === 0)
      return { problem: 'waiting', for: parent };
    if (this.upsert) {
      if (this.alive().some(([, record]) => record.fields.email === write.fields.email))
        return { problem: 'conflict' };
    }
    if (same)
      this.world.violated(
        'creates once',
        `${write.ref} was created again while ${same[0]} carries its reference`,
      );
    const targetId = this.#make({ ref: write.ref, fields: write.fields });
    this.world.counts.creates += 1;
    return { targetId, created: true };
  }

  #make(record: TargetRecord): string {
    const id = `t${this.records.size}`;
    const history = new History<TargetRecord | undefined>(this.world.now, record);
    this.records.set(id, history);
    return id;
  }

  #list(start: number): Reply {
    const moment = this.#lagged();
    const all = [...this.records];
    const items = all.slice(start, start + PAGE).flatMap(([targetId, history]) => {
      const ref = history.before(moment)?.ref;
      return ref === undefined ? [] : [{ targetId, ref }];
    });
    return {
      status: 200,
      json: { items, ...(start + PAGE < all.length ? { next: String(start + PAGE) } : {}) },
    };
  }
}
