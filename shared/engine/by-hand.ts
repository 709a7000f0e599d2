import { type Fields, valueIn } from './fields.ts';
import type { OpenItem } from './pair.ts';

/** A person has seen both values of an item and taken the right side's; the values are what they were. */
export function isChosen(
  { field, keep, chosen, ...shown }: OpenItem,
  left: Fields,
  changed: Fields,
): boolean {
  if ((keep ?? chosen) !== 'right' || !Object.hasOwn(changed, field)) return false;
  return shown.left === valueIn(left, field) && shown.right === valueIn(changed, field);
}

/** The item that stays where what a person chose may not be written by us. */
export function byHand(item: OpenItem): OpenItem {
  const because = `${item.because}; the right side's value was chosen, and a person has to bring it over: this closes by itself once both sides have it`;
  return { ...item, because, chosen: 'right' };
}
