import type { SideName } from '../../../shared/engine/pair.ts';
import type { Decision, WorkItem } from '../../../shared/engine/work-items.ts';
import type { Host } from '../host.ts';
import type { Schedules } from '../schedules.ts';
import type { LeftVendor } from './left-vendor.ts';
import type { TwoWay } from './mode.ts';

/** A person's word on an item, as far as they know what became of it. */
export interface Word {
  item: WorkItem;
  keep: SideName;
  /** Undefined when the process that was to note it died. */
  decision: Decision | undefined;
}

const MOST_THOUGHT = 20_000;

/** Whoever clears the list of what only a person can decide. */
export class Operator {
  readonly words: Word[] = [];
  readonly #host: Host;
  readonly #schedules: Schedules;
  readonly #left: LeftVendor;

  constructor(host: Host, schedules: Schedules, left: LeftVendor) {
    this.#host = host;
    this.#schedules = schedules;
    this.#left = left;
  }

  /** They look at the list at random moments, while the faults are on and for a while after. */
  plan({ decides }: TwoWay): void {
    const { world } = this.#host;
    for (let each = 0; each < decides; each += 1)
      world.after(world.dice.between(60_000, world.weights.chaos * 1.2), () => this.#look());
  }

  #look(): void {
    const { world, flow } = this.#host;
    const { items } = world.code;
    this.#schedules.go('operator', async (engine) => {
      const open = await items.workItems(engine.ports, flow);
      if (open.length === 0) return;
      const item = world.dice.pick(open);
      const keep = this.#choice(item);
      await engine.ports.clock.sleep(world.dice.between(0, MOST_THOUGHT));
      if (keep === 'right' && this.#bringOver(item)) return;
      const word: Word = { item, keep, decision: undefined };
      this.words.push(word);
      const choice = { ...item, mark: items.markOf(item) };
      word.decision = await items.decideItem(engine, flow, choice, keep);
      world.tally(`decisions: ${word.decision}`);
      if (word.decision === 'decided' && item[keep] === 'erased')
        world.after(world.dice.between(60_000, 240_000), () => this.#left.comeBack(item.id));
      world.tell('operator', () => `SAYS ${keep} of ${JSON.stringify(item)}: ${word.decision}`);
    });
  }

  /** Whoever asks to be erased is erased, more often than not. */
  #choice({ left, right }: WorkItem): SideName {
    const { dice } = this.#host.world;
    const agrees = dice.chance(0.75);
    if (left === 'erased') return agrees ? 'left' : 'right';
    if (right === 'erased') return agrees ? 'right' : 'left';
    return dice.pick(['left', 'right'] as const);
  }

  /** What we may not write there, a person writes. */
  #bringOver({ id, field, because, right }: WorkItem): boolean {
    if (field !== 'nick' || !because.startsWith('only a person')) return false;
    this.#left.edit(id, field, right, 'other');
    return true;
  }
}
