import { roll } from './sandbox-dice.ts';

/** What an id stands for. Ids come in blocks of ten, so that households and shared e-mails need no index. */
export type Role =
  | { role: 'individual'; household?: number; nameIndicator?: -1 | -2 }
  | { role: 'household' }
  | { role: 'organisation' }
  | { role: 'merged'; into: number };

const BLOCK = 10;

export interface Layout {
  seed: number;
  /** Ids 1 to `size` are derived; later ones were added by people. */
  size: number;
}

export function roleOf({ seed, size }: Layout, id: number): Role | undefined {
  if (!Number.isInteger(id) || id < 1 || id > size) return undefined;
  const slot = (id - 1) % BLOCK;
  const first = id - slot;
  if (slot <= 2 && roll(seed, first, 1) % 3 === 0 && first + 2 <= size) return householdRole(first, slot);
  if (slot === 8 && roll(seed, first, 2) % 8 === 0) return { role: 'merged', into: id - 1 };
  if (slot === 9 && roll(seed, first, 3) % 4 === 0) return { role: 'organisation' };
  return { role: 'individual' };
}

/**
 * Whose number the primary e-mail of an id carries: its own, or that of the block's first where it is shared
 * (by household and both members, by both, or by household and A1; or by two people without a household).
 */
export function emailNumber(layout: Layout, id: number): number {
  const slot = (id - 1) % BLOCK;
  const first = id - slot;
  const role = roleOf(layout, id);
  const inHousehold =
    role?.role === 'household' || (role?.role === 'individual' && role.household !== undefined);
  if (inHousehold) {
    const shared = [[0, 1, 2], [1, 2], [0, 1], []][roll(layout.seed, first, 4) % 4] ?? [];
    return shared.includes(slot) ? first : id;
  }
  const pair = (slot === 5 || slot === 6) && roll(layout.seed, first, 5) % 7 === 0;
  return pair ? first + 5 : id;
}

/** The ids whose derived e-mail may carry this number. */
export function blockOf({ size }: Layout, number: number): number[] {
  if (number < 1 || number > size) return [];
  const first = number - ((number - 1) % BLOCK);
  return Array.from({ length: BLOCK }, (_, slot) => first + slot).filter((id) => id <= size);
}

function householdRole(first: number, slot: number): Role {
  if (slot === 0) return { role: 'household' };
  return { role: 'individual', household: first, nameIndicator: slot === 1 ? -1 : -2 };
}
