import type { Data, SourceState } from './records.ts';
import type { SourceVendor } from './source-vendor.ts';
import type { TargetVendor } from './target-vendor.ts';
import type { World } from './world.ts';

/** What people do at both systems while the faults are on. `rung` tells that the source announces a change. */
export class People {
  readonly #world: World;
  readonly #source: SourceVendor;
  readonly #target: TargetVendor;
  readonly #rung: (id: string) => void;

  constructor(world: World, source: SourceVendor, target: TargetVendor, rung: (id: string) => void) {
    this.#world = world;
    this.#source = source;
    this.#target = target;
    this.#rung = rung;
  }

  /** Links records with each other, and puts some at the target already. */
  settleIn(): void {
    const { dice, weights } = this.#world;
    const ids = [...this.#source.records.keys()];
    for (const id of ids) {
      const data = this.#present(id);
      if (!data) continue;
      if (dice.chance(weights.existing)) this.#target.plant(data.email);
      const sponsor = dice.pick(ids);
      if (sponsor === id || !dice.chance(weights.sponsored)) continue;
      const patron = this.#present(sponsor);
      if (!patron) continue;
      data.sponsor = sponsor;
      patron.dependents.push(id);
    }
  }

  /** Spreads the seed's edits over the time of the faults; bursts on one record are common. */
  plan(): void {
    const { dice, weights } = this.#world;
    const ids = [...this.#source.records.keys()];
    for (let left = weights.edits; left > 0; ) {
      const burst = dice.chance(0.3) ? dice.between(2, 4) : 1;
      const id = dice.pick(ids);
      let at = dice.between(0, weights.chaos);
      for (let each = 0; each < burst && left > 0; each += 1, left -= 1) {
        this.#world.after(at, () => this.#edit(id));
        at += dice.chance(0.5) ? dice.between(0, 2_000) : dice.between(0, 120_000);
      }
    }
    const outside = dice.between(0, weights.outside * 2);
    for (let each = 0; each < outside; each += 1)
      this.#world.after(dice.between(60_000, weights.chaos), () => this.#meddle());
  }

  /** Mends what people can mend: killers, refused and garbled records. */
  mend(): void {
    for (const id of this.#source.records.keys()) {
      const data = this.#present(id);
      if (!data || !(data.kills || data.bad || data.garbled) || !this.#world.dice.chance(0.5)) continue;
      const { kills: _, bad: __, garbled: ___, ...rest } = data;
      this.#change(id, { state: 'present', data: rest });
    }
  }

  #edit(id: string): void {
    const { dice, weights } = this.#world;
    const data = this.#present(id);
    if (!data) return;
    if (dice.chance(weights.gone)) {
      this.#end(id);
      return;
    }
    const next: Data = { ...data };
    if (dice.chance(weights.absent)) next.off = !data.off;
    else if (dice.chance(0.08)) next.confirmed = !data.confirmed;
    else if (dice.chance(0.7)) next.a = 1 - data.a;
    else next.b = dice.pick([0, 1, null]);
    if (dice.chance(weights.rejected / 4)) next.bad = dice.pick(['map', 'vendor', 'batch'] as const);
    this.#change(id, { state: 'present', data: next });
  }

  #end(id: string): void {
    const others = [...this.#source.records.keys()].filter((each) => each !== id);
    const merged = others.length > 0 && this.#world.dice.chance(0.3);
    this.#change(id, merged ? { state: 'merged', into: this.#world.dice.pick(others) } : { state: 'gone' });
  }

  #change(id: string, state: SourceState): void {
    this.#world.counts.edits += 1;
    this.#source.change(id, state);
    this.#rung(id);
  }

  #meddle(): void {
    const { dice, weights, counts } = this.#world;
    const alive = this.#target.alive().filter(([, record]) => record.ref !== undefined);
    if (alive.length === 0) return;
    const [id, record] = dice.pick(alive);
    counts.outsideEdits += 1;
    if (dice.chance(weights.outsideDelete)) {
      this.#target.edit(id, undefined);
      return;
    }
    this.#target.edit(id, {
      ...record,
      fields: { ...record.fields, a: dice.between(0, 1), b: dice.pick([0, 1, null]) },
    });
  }

  #present(id: string): Data | undefined {
    const state = this.#source.current(id);
    return state?.state === 'present' ? state.data : undefined;
  }
}
