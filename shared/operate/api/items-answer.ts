import type { Engine } from '../../engine/engine.ts';
import type { Flow } from '../../engine/flow.ts';
import { labelsOf } from '../../engine/labels.ts';
import type { LinkBody } from '../../engine/link.ts';
import type { OpenItem } from '../../engine/pair.ts';
import { markOf, openItems, type WorkItem, workItems } from '../../engine/work-items.ts';
import type { ItemAnswer, ItemsAnswer, PairAnswer } from '../answers-pair.ts';
import type { Invoke } from './record-answer.ts';
import { sidesOf } from './sides.ts';

/** More than people clear in one go; the rest comes up as these are decided. */
const MOST_SHOWN = 100;

export interface ItemsQuestion {
  engine: Engine;
  flow: Flow;
  invoke: Invoke;
}

/** What only a person can decide, oldest first, with the words that records are recognised by. */
export async function itemsAnswer({ engine, flow, invoke }: ItemsQuestion): Promise<ItemsAnswer> {
  const all = await workItems(engine.ports, flow);
  const items = all.slice(0, MOST_SHOWN);
  const shown: ItemAnswer[] = [];
  const labels = new Map<string, string>();
  for (const collection of flow.collections) {
    const ids = [...new Set(items.filter((each) => each.collection === collection.name).map(({ id }) => id))];
    if (ids.length === 0) continue;
    const found = await invoke((work) => labelsOf(engine, collection, ids, work));
    for (const [id, label] of found ?? []) labels.set(`${collection.name}/${id}`, label);
  }
  for (const item of items) {
    const label = labels.get(`${item.collection}/${item.id}`);
    shown.push(label === undefined ? itemAnswer(item) : { ...itemAnswer(item), label });
  }
  return { flow: flow.name, sides: sidesOf(flow), count: all.length, items: shown };
}

function itemAnswer({ collection, id, ...item }: WorkItem): ItemAnswer {
  return { collection, id, ...openAnswer(item) };
}

function openAnswer(item: OpenItem): PairAnswer['items'][number] {
  const { field, because, left, right, since } = item;
  return { field, because, left, right, since, mark: markOf(item) };
}

/** What of a pair people may want to see; undefined for a record that only goes one way. */
export function pairAnswer(flow: Flow, body: LinkBody | undefined): PairAnswer | undefined {
  if (!body?.pair) return undefined;
  const sides = sidesOf(flow);
  return {
    sides,
    items: openItems(body).map(openAnswer),
    overruled: (body.pair.overruled ?? []).map((each) => ({ ...each, system: sides[each.side] })),
  };
}
