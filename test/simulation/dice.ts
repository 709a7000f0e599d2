/** Seeded randomness for the world: the same seed gives the same run (mulberry32). */
export interface Dice {
  next(): number;
  /** Integer in [from, to]. */
  between(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Some of the items, at most `max`, in random order. */
  some<T>(items: readonly T[], max: number): T[];
}

export function dice(seed: number): Dice {
  let state = (seed ^ 0x5bf03635) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(items: readonly T[]): T => {
    const item = items[between(0, items.length - 1)];
    if (item === undefined) throw new Error('pick: there is nothing to pick from');
    return item;
  };
  return {
    next,
    between,
    chance: (probability) => probability > 0 && next() < probability,
    pick,
    some: (items, max) => {
      const left = [...items];
      const chosen = [];
      while (left.length > 0 && chosen.length < max) {
        const [item] = left.splice(between(0, left.length - 1), 1);
        if (item !== undefined) chosen.push(item);
      }
      return chosen;
    },
  };
}
