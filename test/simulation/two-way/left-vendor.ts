import * as z from 'zod';
import type { Reply } from '../vendor.ts';
import type { World } from '../world.ts';
import type { ValueMaker } from './pair-fields.ts';
import { logsOf, PairVendor, type Snapshot, ValuesSchema } from './pair-vendor.ts';

const WriteSchema = z.object({
  writes: z.array(z.object({ id: z.string(), version: z.string(), fields: ValuesSchema })),
});
const MatchSchema = z.object({ wanted: z.array(z.object({ targetId: z.string(), email: z.string() })) });
const BEFORE = 3_600_000;

/** The left side: it refuses a write over a version that is no longer the newest. */
export class LeftVendor extends PairVendor {
  /** Records of which `nick` may only be changed by a person. */
  readonly guarded = new Set<string>();
  readonly initial = new Map<string, Snapshot>();
  /** Whom we have asked to be erased; that may be carried out later. */
  readonly asked = new Set<string>();
  readonly #values: ValueMaker;

  constructor(world: World, values: ValueMaker, guarded: number) {
    super(world, 'source');
    this.#values = values;
    const logged = world.dice.chance(0.7);
    for (let at = 0; at < world.weights.records; at += 1) {
      const id = `r${at}`;
      const record = this.begun(values.first(`p${at}@example.org`), 'other', world.now - BEFORE);
      this.initial.set(id, record);
      this.store(id, { ...record, ...(logged ? {} : { logs: logsOf(() => []) }), state: 'present' });
      if (world.dice.chance(guarded)) this.guarded.add(id);
    }
  }

  end(id: string): void {
    const before = this.present(id);
    if (!before) return;
    this.world.tell(this.name, () => `DELETES ${id}`);
    this.store(id, { ...before, state: 'gone' });
  }

  /** Left ids that others were merged into. */
  readonly survivors = new Set<string>();

  /** The winner keeps its values; the loser's id tells where it went. */
  merge(winner: string, loser: string): void {
    const was = this.present(loser);
    if (!was || !this.present(winner)) return;
    this.world.tell(this.name, () => `MERGES ${loser} into ${winner}`);
    this.world.tally('merges at the left side');
    this.survivors.add(winner);
    this.store(loser, { state: 'merged', into: winner, was });
  }

  /** Somebody is erased on request. */
  erase(id: string): void {
    const before = this.present(id);
    if (!before) return;
    this.world.tell(this.name, () => `ERASES ${id}`);
    this.world.tally('erased at the left side');
    this.store(id, { ...before, state: 'gone', erased: true });
  }

  /** Somebody who was erased comes back, as a new record. */
  comeBack(id: string): void {
    const state = this.records.get(id)?.now();
    const anew = `${id}b`;
    if (state?.state !== 'gone' || this.records.has(anew)) return;
    const record = this.begun(this.#values.first(String(state.fields.email)), 'other');
    this.world.tally('came back');
    this.initial.set(anew, record);
    this.store(anew, { ...record, state: 'present' });
  }

  #eraseForUs(id: string): Reply {
    this.asked.add(id);
    if (!this.mayErase(id)) this.world.violated('nobody is erased unasked', `${id} at the left side`);
    const later = this.world.dice.chance(0.5) ? 0 : this.world.dice.between(0, 600_000);
    this.world.after(later, () => this.erase(id));
    return { status: 200, json: { erased: true } };
  }

  protected listed(id: string): unknown {
    return id;
  }

  protected special(operation: string, body: unknown): Reply {
    switch (operation) {
      case 'write':
        return this.#write(WriteSchema.parse(body).writes);
      case 'erase':
        return this.#eraseForUs(z.object({ id: z.string() }).parse(body).id);
      case 'match':
        return {
          status: 200,
          json: { found: MatchSchema.parse(body).wanted.map((each) => this.#match(each)) },
        };
      default:
        return { status: 404, json: {} };
    }
  }

  #match({ targetId, email }: { targetId: string; email: string }): unknown {
    const ids = [...this.records.keys()].filter((id) => {
      const state = this.seen(id);
      return state?.state === 'present' && state.fields.email === email;
    });
    return { targetId, ids };
  }

  #write(writes: z.infer<typeof WriteSchema>['writes']): Reply {
    const { dice, weights } = this.world;
    this.world.counts.writes += writes.length;
    this.world.tally('writes back', writes.length);
    const results = writes.map((write) => ({ id: write.id, problem: this.#apply(write) }));
    return { status: 200, json: { results: results.filter(() => !dice.chance(weights.partial)) } };
  }

  #apply({ id, version, fields }: z.infer<typeof WriteSchema>['writes'][number]): string | undefined {
    const before: Snapshot | undefined = this.present(id);
    if (!before) return 'gone';
    if (String(before.version) !== version) {
      this.world.tally('versions refused');
      return 'conflict';
    }
    const after = this.changed(before, fields, 'us');
    this.countOurs(id, before, after);
    this.store(id, { ...after, state: 'present' });
    return undefined;
  }
}
