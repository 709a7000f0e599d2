import type { PlanItemAnswer } from './answers-plan.ts';
import { count, plural, shown } from './format.ts';

/** Columns of a terminal that lines are cut to. */
const WIDTH = 100;

/** What a plan has seen so far. */
export interface PlanSums {
  looked: number;
  create: number;
  update: number;
  remove: number;
  /** Of those, records that are to be paired with one that is there already. */
  adopt: number;
  /** Records of which the source is written. */
  back: number;
  park: number;
  wait: number;
  open: number;
}

export function newSums(): PlanSums {
  return { looked: 0, create: 0, update: 0, remove: 0, adopt: 0, back: 0, park: 0, wait: 0, open: 0 };
}

/** Would either side be written? */
export function changes({ action, back, adopts }: PlanItemAnswer): boolean {
  return (
    action === 'create' || action === 'update' || action === 'remove' || isAny(back) || adopts !== undefined
  );
}

/** Is there anything to say about it? */
export function isNews(item: PlanItemAnswer): boolean {
  return changes(item) || item.action !== 'none' || isAny(item.open);
}

export function addItem(sums: PlanSums, item: PlanItemAnswer): void {
  sums.looked += 1;
  if (item.action !== 'none') sums[item.action] += 1;
  if (item.adopts !== undefined) sums.adopt += 1;
  if (isAny(item.back)) sums.back += 1;
  if (isAny(item.open)) sums.open += 1;
}

/** One record: what would happen, and each field on the side where it would be written. */
export function itemLines(item: PlanItemAnswer, sides: { left: string; right: string }): string[] {
  const system = Math.max(sides.left.length, sides.right.length);
  const rows = [
    ...item.fields.map((field) => ({ ...field, at: sides.right })),
    ...(item.back ?? []).map((field) => ({ ...field, at: sides.left })),
  ];
  const name = Math.min(28, Math.max(0, ...rows.map((row) => row.name.length)));
  return [
    cut(`${item.collection}/${item.id}  ${headOf(item, sides)}`),
    ...rows.map(({ at, name: field, current, planned }) => {
      const start = `  ${at.padEnd(system)}  ${cut(field, name).padEnd(name)}  `;
      const room = Math.max(20, WIDTH - start.length);
      if (item.action === 'create') return start + cut(shown(planned), room);
      const half = Math.floor((room - 3) / 2);
      return `${start}${cut(shown(current), half)} → ${cut(shown(planned), half)}`;
    }),
    ...(isAny(item.open) ? [cut(`  waits for a decision: ${(item.open ?? []).join(', ')}`)] : []),
  ];
}

function headOf(item: PlanItemAnswer, { left, right }: { left: string; right: string }): string {
  const id = item.targetId === undefined ? '' : ` ${item.targetId}`;
  const why = item.why === undefined ? '' : `: ${item.why}`;
  switch (item.action) {
    case 'create':
      return `new at ${right}`;
    case 'update': {
      if (item.adopts !== undefined)
        return `paired with ${right}${id}, found by ${item.adopts === 'match' ? 'the match rule' : 'our reference'}`;
      const systems = [
        ...(item.fields.length > 0 ? [`${right}${id}`] : []),
        ...(isAny(item.back) ? [left] : []),
      ];
      return `written at ${systems.join(' and ')}${why}`;
    }
    case 'remove':
      return `taken off ${right}${id}${why}`;
    case 'park':
      return `would be parked${why}`;
    case 'wait':
      return `waits${why}`;
    case 'none':
      return isAny(item.open) ? 'stays as it is' : `stays as it is${why}`;
  }
}

/** The last lines: how many of what. */
export function sumLines(sums: PlanSums, strangers: number): string[] {
  const parts = [
    [sums.create, 'new'],
    [sums.update, 'written'],
    [sums.remove, 'taken off'],
    [sums.park, 'would be parked'],
    [sums.wait, 'waiting'],
    [sums.open, 'to be decided by a person'],
  ] as const;
  const told = parts.flatMap(([number, what]) => (number === 0 ? [] : [`${count(number)} ${what}`]));
  const of = [
    ...(sums.adopt > 0 ? [`${count(sums.adopt)} of them paired with a record that is there`] : []),
    ...(sums.back > 0 ? [`${count(sums.back)} of them at the source`] : []),
  ];
  const rest = of.length === 0 ? '' : ` (${of.join(', ')})`;
  return [
    `${plural(sums.looked, 'record')} looked at: ${told.length === 0 ? 'nothing would change' : `${told.join(', ')}${rest}`}`,
    ...(strangers === 0
      ? []
      : [`${plural(strangers, 'changed record')} of the target belong to none of the source's`]),
  ];
}

function isAny(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}

/** On one line, and no longer than there is room. */
function cut(text: string, room: number = WIDTH): string {
  const line = text.replaceAll(/[\t\r\n]+/g, ' ');
  return line.length <= room ? line : `${line.slice(0, Math.max(0, room - 1))}…`;
}
