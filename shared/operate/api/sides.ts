import type { Flow } from '../../engine/flow.ts';
import type { SideName } from '../../engine/pair.ts';
import type { SidesAnswer } from '../answers-pair.ts';
import { Problem } from './problem.ts';

/** The two systems of a flow by the names that people use. */
export function sidesOf({ moves }: Pick<Flow, 'moves'>): SidesAnswer {
  return { left: moves.from, right: moves.to };
}

/** `left`, `right`, or the name of a system, in any case of letters. */
export function sideNamed(flow: Pick<Flow, 'moves'>, text: string): SideName {
  const { left, right } = sidesOf(flow);
  const said = text.trim().toLowerCase();
  const sides = (['left', 'right'] as const).filter((side) => said === side);
  const named = left.toLowerCase() === right.toLowerCase() ? [] : systems({ left, right }, said);
  const [side] = [...sides, ...named];
  if (side) return side;
  throw new Problem(400, `field "keep": "${text}" is neither side`, `say left (${left}) or right (${right})`);
}

function systems(sides: SidesAnswer, said: string): SideName[] {
  return (['left', 'right'] as const).filter((side) => sides[side].toLowerCase() === said);
}
