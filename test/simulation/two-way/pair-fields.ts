import type { FieldValue } from '../../../shared/engine/fields.ts';
import type { Writer } from '../../../shared/engine/history.ts';
import type { FieldRule, SideName } from '../../../shared/engine/pair.ts';
import type { Dice } from '../dice.ts';
import type { TwoWay } from './mode.ts';

/** Fields that both sides may change, one for each policy; `nick` is the right side's when two records meet. */
export const RULES = {
  name: { policy: 'latest' },
  nick: { policy: 'latest', first: 'right' },
  phone: { policy: 'fill-if-empty' },
  tags: { policy: 'union' },
  score: { policy: 'right' },
  consent: { policy: 'deny-wins' },
  city: { policy: 'left-wins' },
  memo: { policy: 'latest' },
  badge: { policy: 'latest' },
} as const satisfies Record<string, FieldRule>;

/** Of these fields one side does not tell who wrote what, although it tells it of the others. */
export const UNTOLD: Readonly<Record<SideName, readonly FieldName[]>> = { left: ['badge'], right: ['memo'] };

/** The left side's own. `email` is what records are matched by; nobody changes it. */
export const LEFT_ONLY = ['title', 'email'] as const;

export type FieldName = keyof typeof RULES | (typeof LEFT_ONLY)[number];
export const SHARED: readonly (keyof typeof RULES)[] = [
  'name',
  'nick',
  'phone',
  'tags',
  'score',
  'consent',
  'city',
  'memo',
  'badge',
];
export const FIELDS: readonly FieldName[] = [...SHARED, ...LEFT_ONLY];
/** What people change. */
export const EDITED: readonly FieldName[] = [...SHARED, 'name', 'nick', 'consent', 'title'];

export type Values = Record<FieldName, FieldValue>;

const TAGS = ['a', 'b', 'c', 'd'];

/** Makes values: each one new, or one of two. */
export class ValueMaker {
  readonly #dice: Dice;
  readonly #domain: TwoWay['domain'];
  #made = 0;

  constructor(dice: Dice, domain: TwoWay['domain']) {
    this.#dice = dice;
    this.#domain = domain;
  }

  /** Another value than the present one. */
  next(field: FieldName, present: FieldValue): FieldValue {
    const dice = this.#dice;
    if (field === 'consent') return other(['granted', 'denied', 'granted', 'denied', null], present, dice);
    if (field === 'tags') return toggled(present, dice.pick(TAGS));
    if (present !== null && dice.chance(field === 'phone' ? 0.3 : 0.1)) return null;
    if (this.#domain === 'two') return other(['A', 'B'], present, dice);
    this.#made += 1;
    return `${field}${this.#made}`;
  }

  /** A record's values at its beginning. */
  first(email: string): Values {
    const some = (field: FieldName) => (this.#dice.chance(0.75) ? this.next(field, null) : null);
    return {
      name: some('name'),
      nick: some('nick'),
      phone: this.#dice.chance(0.5) ? this.next('phone', null) : null,
      tags: some('tags'),
      score: some('score'),
      consent: some('consent'),
      city: some('city'),
      memo: some('memo'),
      badge: some('badge'),
      title: some('title'),
      email,
    };
  }
}

function other(all: readonly FieldValue[], present: FieldValue, dice: Dice): FieldValue {
  return dice.pick(all.filter((each) => each !== present));
}

function toggled(present: FieldValue, tag: string): FieldValue {
  const set = new Set(present === null ? [] : String(present).split(';'));
  if (!set.delete(tag)) set.add(tag);
  return set.size === 0 ? null : [...set].sort().join(';');
}

/** One value that a field has had, and when truly. */
export interface Entry {
  value: FieldValue;
  /** The vendor's clock. */
  at: number;
  by: Writer;
  /** True time. */
  happened: number;
  /** Both sides had agreed before. */
  paired: boolean;
}
