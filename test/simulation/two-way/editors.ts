import type { FieldValue } from '../../../shared/engine/fields.ts';
import type { Writer } from '../../../shared/engine/history.ts';
import type { World } from '../world.ts';
import type { LeftVendor } from './left-vendor.ts';
import type { TwoWay } from './mode.ts';
import { EDITED, type FieldName, type ValueMaker } from './pair-fields.ts';
import type { RightVendor } from './right-vendor.ts';

/** Where people work. */
export interface Places {
  world: World;
  left: LeftVendor;
  right: RightVendor;
  values: ValueMaker;
  twoWay: TwoWay;
  /** A record that was deleted at the right side may come back. */
  restores: boolean;
}

/** What people do at both sides while the faults are on. */
export class Editors {
  readonly #at: Places;

  constructor(places: Places) {
    this.#at = places;
  }

  /** Some records are at the right side already, without our reference. */
  settleIn(): void {
    const { world, left, right, values } = this.#at;
    for (const id of left.presentIds()) {
      const email = String(left.present(id)?.fields.email);
      if (world.dice.chance(world.weights.existing)) right.plant(values.first(email));
    }
  }

  /** Spreads the seed's changes over the time of the faults; bursts on one field of one record are common. */
  plan(): void {
    const { world } = this.#at;
    const { dice, weights } = world;
    const ids = [...this.#at.left.records.keys()];
    for (let left = weights.edits; left > 0; ) {
      const burst = dice.chance(0.5) ? dice.between(2, 5) : 1;
      const id = dice.pick(ids);
      const field = dice.chance(0.8) ? dice.pick(EDITED) : undefined;
      let at = dice.between(0, weights.chaos);
      for (let each = 0; each < burst && left > 0; each += 1, left -= 1) {
        world.after(at, () => this.#act(id, field));
        at += dice.chance(0.5) ? dice.between(0, 3_000) : dice.between(0, 120_000);
      }
    }
  }

  /** What was deleted may be restored at last. */
  mend(): void {
    const { world, right, restores } = this.#at;
    if (!restores) return;
    for (const id of [...right.bin]) if (world.dice.chance(0.5)) right.restore(id);
  }

  /** One field of one record, at either side; what was said, if anything could be. */
  edit(id: string, field: FieldName): FieldValue | undefined {
    const { world, left, right } = this.#at;
    const by: Writer = world.dice.chance(0.5) ? 'person' : 'other';
    const [there] = right.byRef(id);
    const side = world.dice.chance(0.5) ? left : right;
    const name = side === left ? id : there?.[0];
    const before = name === undefined ? undefined : side.present(name);
    if (name === undefined || !before) return undefined;
    world.counts.edits += 1;
    const value = this.#at.values.next(field, before.fields[field]);
    side.edit(name, field, value, by);
    return value;
  }

  #act(id: string, field: FieldName | undefined): void {
    const { world, left, right, twoWay, restores } = this.#at;
    const { dice } = world;
    if (dice.chance(twoWay.merges)) this.#merge();
    else if (dice.chance(twoWay.strangers)) this.#stranger(id);
    else if (dice.chance(twoWay.leftDeletes)) left.end(id);
    else if (dice.chance(twoWay.leftMerges)) this.#mergeLeft(id);
    else if (dice.chance(twoWay.erasures)) this.#erase(id);
    else if (dice.chance(twoWay.deletes)) {
      const [binned] = right.bin;
      if (restores && binned !== undefined && dice.chance(0.5)) right.restore(binned);
      else this.#delete(id);
    } else this.edit(id, field ?? dice.pick(EDITED));
  }

  #delete(id: string): void {
    const [there] = this.#at.right.byRef(id);
    if (there) this.#at.right.delete(there[0]);
  }

  /** At one side; the other one's own is asked about. */
  #erase(id: string): void {
    const { world, left, right } = this.#at;
    const [there] = right.byRef(id);
    if (!left.present(id)) return;
    if (there && world.dice.chance(0.5)) right.erase(there[0]);
    else if (![...right.erased].some((each) => right.refOf(each) === id)) left.erase(id);
  }

  #mergeLeft(id: string): void {
    const { world, left } = this.#at;
    const others = left.presentIds().filter((each) => each !== id);
    if (left.present(id) && others.length > 0) left.merge(world.dice.pick(others), id);
  }

  #merge(): void {
    const { world, right } = this.#at;
    const [one, two] = world.dice.some(right.alive(), 2);
    if (one && two) right.merge(one[0], two[0]);
  }

  /** People make a record that is the same person's as one of the left; where e-mails are unique they cannot make a second. */
  #stranger(id: string): void {
    const { world, left, right, values } = this.#at;
    if (!left.present(id) || id.endsWith('b')) return;
    const email = String(left.present(id)?.fields.email);
    const same = right.alive().filter(([, { fields }]) => fields.email === email);
    if (right.unique ? same.length > 0 : same.some(([, { ref }]) => ref === undefined)) return;
    world.tally('strangers');
    right.plant(values.first(email));
  }
}
