import type { ItemsAnswer, PairAnswer, SidesAnswer } from './answers-pair.ts';
import { ago, moment, plural, shown, wrapped } from './format.ts';

/** Work items as lines for a terminal; the values are for the person who asked. */
export function itemsLines(flows: readonly ItemsAnswer[], now: number): string[] {
  const open = flows.filter((flow) => flow.items.length > 0);
  if (open.length === 0) return ['nothing waits for a decision'];
  return open.flatMap((answer, at) => [...(at > 0 ? [''] : []), ...flowLines(answer, now)]);
}

function flowLines({ flow, sides, items, count }: ItemsAnswer, now: number): string[] {
  const more = count - items.length;
  return [
    `${flow}: ${plural(count, 'work item')}, oldest first`,
    ...items.flatMap((item) => [
      `  ${item.collection}/${item.id}  ${item.label === undefined ? '' : `${item.label}  `}${ago(item.since, now)}`,
      ...openLines(item, sides).map((line) => `    ${line}`),
    ]),
    ...(more > 0 ? [`${plural(more, 'more item')} will come up as these are decided`] : []),
    `decide: npm run intertie -- decide ${flow} <record> <field> --keep left|right`,
  ];
}

function openLines(
  { field, because, left, right }: PairAnswer['items'][number],
  sides: SidesAnswer,
): string[] {
  const width = Math.max(sides.left.length, sides.right.length) + ' (right)'.length;
  return [
    ...wrapped(`${field === '' ? 'record' : field}: ${because}`, 90),
    `  ${`${sides.left} (left)`.padEnd(width)}  ${shown(left)}`,
    `  ${`${sides.right} (right)`.padEnd(width)}  ${shown(right)}`,
  ];
}

/** What a pair waits for, and what it lost, for `trace`. */
export function pairLines({ sides, items, overruled }: PairAnswer): string[] {
  return [
    ...items.flatMap((item) =>
      openLines(item, sides).map((line, at) => (at === 0 ? `DECIDE ${line}` : line)),
    ),
    ...overruled.map(
      (each) => `overruled ${moment(each.at)}: ${each.field} of ${each.system}  ${shown(each.value)}`,
    ),
  ];
}
