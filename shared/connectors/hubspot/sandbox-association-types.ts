import type { ObjectKind } from './sandbox-kinds.ts';

/** A way in which two records may be associated, in one direction. */
export interface AssociationType {
  readonly id: number;
  readonly category: 'HUBSPOT_DEFINED' | 'USER_DEFINED';
  /** Names of the object types. */
  readonly from: ObjectKind['name'];
  readonly to: ObjectKind['name'];
  readonly label: string | null;
  /** The same, seen from the other end. */
  readonly inverse: number;
}

const FIRST_ID = 101;
/** A contact's main company. */
export const PRIMARY = 1;
const PRIMARY_INVERSE = 2;

const BUILT_IN: readonly AssociationType[] = [
  builtIn(279, 'contact', 'company', { inverse: 280 }),
  builtIn(280, 'company', 'contact', { inverse: 279 }),
  builtIn(PRIMARY, 'contact', 'company', { inverse: PRIMARY_INVERSE, label: 'Primary' }),
  builtIn(PRIMARY_INVERSE, 'company', 'contact', { inverse: PRIMARY, label: 'Primary' }),
  builtIn(449, 'contact', 'contact', { inverse: 449 }),
  builtIn(450, 'company', 'company', { inverse: 450 }),
];

/** What the account's administrator has made for households, as for the properties of contacts. */
const HOUSEHOLD_LABELS = ['A1', 'A2', 'Primary household'];

/** HubSpot's own types and the labels of the account. */
export class AssociationTypes {
  readonly #all = new Map(BUILT_IN.map((type) => [type.id, type]));
  #nextId = FIRST_ID;

  constructor() {
    for (const label of HOUSEHOLD_LABELS) this.define('company', 'contact', [label, label]);
  }

  get(id: number): AssociationType | undefined {
    return this.#all.get(id);
  }

  between(from: string, to: string): AssociationType[] {
    return [...this.#all.values()].filter((type) => type.from === from && type.to === to);
  }

  /** The one without a label, which every associated pair has. */
  plain(from: string, to: string): AssociationType | undefined {
    return this.between(from, to).find((type) => type.label === null);
  }

  /** A label of the account, with its other direction. */
  define(
    from: ObjectKind['name'],
    to: ObjectKind['name'],
    labels: readonly [string, string],
  ): AssociationType[] {
    const [there, back] = [this.#nextId, this.#nextId + 1];
    this.#nextId += 2;
    const made: AssociationType[] = [
      { id: there, category: 'USER_DEFINED', from, to, label: labels[0], inverse: back },
      { id: back, category: 'USER_DEFINED', from: to, to: from, label: labels[1], inverse: there },
    ];
    for (const type of made) this.#all.set(type.id, type);
    return made;
  }
}

function builtIn(
  id: number,
  from: ObjectKind['name'],
  to: ObjectKind['name'],
  { inverse, label }: { inverse: number; label?: string },
): AssociationType {
  return { id, category: 'HUBSPOT_DEFINED', from, to, label: label ?? null, inverse };
}
