/** Where somebody stands towards an event. */
export type AttendanceState = 'REGISTERED' | 'ATTENDED' | 'CANCELLED';

/** What apps call it in paths. */
export const SUBSCRIBER_STATES: Readonly<Record<string, AttendanceState>> = {
  register: 'REGISTERED',
  attend: 'ATTENDED',
  cancel: 'CANCELLED',
};

/** One contact at one event. */
export interface Participation {
  readonly contactId: number;
  readonly state: AttendanceState;
  /** Ever registered. */
  readonly registered: boolean;
  /** When it happened, as the app says; milliseconds since 1970. */
  readonly at: number;
  readonly durationSeconds: number;
  readonly created: number;
}

/** One interaction, as an app tells it. */
export type Told = Omit<Participation, 'registered' | 'created'> & { readonly registered?: boolean };

/** One marketing event. */
export interface MarketingEvent {
  readonly objectId: string;
  /** The app that made it; nobody else can change it. */
  readonly appId: number;
  readonly externalAccountId: string;
  readonly externalEventId: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly completed: boolean;
  readonly cancelled: boolean;
  readonly created: number;
  readonly updated: number;
  readonly participations: Map<number, Participation>;
}

/** The key under which an app knows an event. */
export type EventKey = Pick<MarketingEvent, 'appId' | 'externalAccountId' | 'externalEventId'>;

const FIRST_ID = 390_000_000_001;

/** All marketing events of the account. */
export class MarketingEvents {
  readonly #world: { now(): number; touch(): void };
  readonly #events = new Map<string, MarketingEvent>();
  #nextId = FIRST_ID;

  constructor(world: { now(): number; touch(): void }) {
    this.#world = world;
  }

  get all(): Iterable<MarketingEvent> {
    return this.#events.values();
  }

  get size(): number {
    return this.#events.size;
  }

  get(key: EventKey): MarketingEvent | undefined {
    return this.#events.get(textOf(key));
  }

  byObjectId(objectId: string): MarketingEvent | undefined {
    return [...this.all].find((event) => event.objectId === objectId);
  }

  /** Creates or changes; fields that are absent stay as they are. */
  put(
    key: EventKey,
    change: Partial<Pick<MarketingEvent, 'fields' | 'completed' | 'cancelled'>>,
  ): MarketingEvent {
    const now = this.#world.now();
    const before = this.get(key) ?? this.#fresh(key, now);
    const event = { ...before, ...change, fields: { ...before.fields, ...change.fields }, updated: now };
    this.#events.set(textOf(key), event);
    this.#world.touch();
    return event;
  }

  remove(key: EventKey): void {
    if (this.#events.delete(textOf(key))) this.#world.touch();
  }

  /** The newest interaction says where somebody stands, whatever the order in which they are told. */
  interact(event: MarketingEvent, told: Told): void {
    const before = event.participations.get(told.contactId);
    const newest =
      !before || told.at > before.at || (told.at === before.at && rank(told.state) >= rank(before.state));
    event.participations.set(told.contactId, {
      ...(newest ? told : before),
      durationSeconds: Math.max(told.durationSeconds, before?.durationSeconds ?? 0),
      registered: [told, before].some((each) => each?.registered || each?.state === 'REGISTERED'),
      created: before?.created ?? this.#world.now(),
    });
    this.#world.touch();
  }

  /** The survivor of a merge has been wherever both have been. */
  move({ id, merged, survivor }: { id: number; merged: number; survivor: number }): void {
    for (const event of this.all)
      for (const old of [id, merged]) {
        const held = event.participations.get(old);
        if (held) this.interact(event, { ...held, contactId: survivor });
        event.participations.delete(old);
      }
  }

  forget(contactId: number): void {
    for (const { participations } of this.all) participations.delete(contactId);
  }

  #fresh(key: EventKey, now: number): MarketingEvent {
    const objectId = String(this.#nextId);
    this.#nextId += 1;
    const state = { fields: {}, completed: false, cancelled: false, participations: new Map() };
    return { ...key, ...state, objectId, created: now, updated: now };
  }
}

function rank(state: AttendanceState): number {
  return ['REGISTERED', 'CANCELLED', 'ATTENDED'].indexOf(state);
}

function textOf({ appId, externalAccountId, externalEventId }: EventKey): string {
  return JSON.stringify([appId, externalAccountId, externalEventId]);
}
