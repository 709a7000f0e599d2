import { type ChildKind, childrenOf } from './sandbox-children.ts';
import { roll } from './sandbox-dice.ts';
import { type Layout, type Role, roleOf } from './sandbox-layout.ts';
import { columnsOf, type Row } from './sandbox-people.ts';

/** Everything about derived constituents: pure functions of (seed, id), nothing is kept. */
export function people(layout: Layout) {
  const { seed } = layout;
  const dice = (id: number, salt: number) => roll(seed, id, salt);
  const existing = (id: number) => {
    const role = roleOf(layout, id);
    return role && role.role !== 'merged' ? role : undefined;
  };

  return {
    role: (id: number): Role | undefined => roleOf(layout, id),
    columns(id: number): Row | undefined {
      const role = existing(id);
      return role && columnsOf(role.role, id, dice);
    },
    children(kind: ChildKind, id: number): Row[] {
      const role = existing(id);
      return role ? childrenOf(kind, { id, role, dice, layout }) : [];
    },
  };
}
