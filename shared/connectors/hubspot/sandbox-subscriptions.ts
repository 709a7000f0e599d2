import { TOPICS } from './sandbox-topics.ts';

/** What the app wants to hear of. */
export interface Subscription {
  readonly id: number;
  /** e.g. `contact.propertyChange`. */
  readonly type: string;
  /** Of property changes: which property. */
  readonly property?: string;
  active: boolean;
  readonly created: number;
}

/** HubSpot never tells of these ("Webhooks"). */
export const NOT_SUBSCRIBABLE = ['hs_lastmodifieddate', 'lastmodifieddate', 'num_unique_conversion_events'];

const FIRST_ID = 31_001;
const EVENTS = ['creation', 'deletion', 'merge', 'restore', 'associationChange'];
const CONTACT_PROPERTIES = [
  ...'email firstname lastname phone mobilephone address city state zip country'.split(' '),
  ...'tessitura_constituent_id tessitura_phone_permission tessitura_mail_permission'.split(' '),
  ...'hs_email_hard_bounce_reason_enum hs_email_optout'.split(' '),
  ...TOPICS.map(({ id }) => `hs_email_optout_${id}`),
];
const COMPANY_PROPERTIES = ['name', 'phone', 'address', 'city', 'state', 'zip', 'country'];

/** All events of contacts and companies, and changes of the properties that people edit. */
export class Subscriptions {
  #list: Subscription[];
  #nextId = FIRST_ID;

  constructor() {
    this.#list = [
      ...EVENTS.map((event) => this.#make(`contact.${event}`)),
      this.#make('contact.privacyDeletion'),
      ...CONTACT_PROPERTIES.map((property) => this.#make('contact.propertyChange', property)),
      ...EVENTS.map((event) => this.#make(`company.${event}`)),
      ...COMPANY_PROPERTIES.map((property) => this.#make('company.propertyChange', property)),
    ];
  }

  get all(): readonly Subscription[] {
    return this.#list;
  }

  /** The active one that this is told under. */
  find(type: string, property?: string): Subscription | undefined {
    return this.#list.find((each) => each.active && each.type === type && each.property === property);
  }

  get(id: number): Subscription | undefined {
    return this.#list.find((each) => each.id === id);
  }

  add(type: string, property: string | undefined, active: boolean): Subscription {
    const made = { ...this.#make(type, property), active };
    this.#list.push(made);
    return made;
  }

  remove(id: number): void {
    this.#list = this.#list.filter((each) => each.id !== id);
  }

  #make(type: string, property?: string): Subscription {
    this.#nextId += 1;
    return { id: this.#nextId, type, ...(property !== undefined && { property }), active: true, created: 0 };
  }
}
