import { type Author, BY_EMAIL_LINK } from './sandbox-author.ts';
import { normalise } from './sandbox-properties.ts';
import type { ObjectStore } from './sandbox-store.ts';
import { TOPICS, type Topic } from './sandbox-topics.ts';

/** How an address stands to a topic. */
export type ConsentState = 'SUBSCRIBED' | 'UNSUBSCRIBED' | 'NOT_SPECIFIED';

/** One decision, and who took it. */
export interface Decision {
  readonly state: ConsentState;
  readonly at: number;
  readonly author: Author;
  readonly legalBasis?: string | undefined;
  readonly legalBasisExplanation?: string | undefined;
}

interface Preferences {
  /** Unsubscribed from everything. */
  all: Decision | undefined;
  readonly topics: Map<number, Decision>;
}

interface ConsentWorld {
  readonly contacts: ObjectStore;
  now(): number;
  touch(): void;
}

/** What people want to be sent: kept by e-mail address, with or without a contact. */
export class Consents {
  readonly topics: readonly Topic[] = TOPICS;
  readonly #world: ConsentWorld;
  readonly #byEmail = new Map<string, Preferences>();

  constructor(world: ConsentWorld) {
    this.#world = world;
  }

  /** The decision that holds for a topic: a global one covers it. */
  of(email: string, topic: Topic): Decision | undefined {
    const held = this.#byEmail.get(normalise('email', email));
    return held?.all ?? held?.topics.get(topic.id);
  }

  global(email: string): Decision | undefined {
    return this.#byEmail.get(normalise('email', email))?.all;
  }

  /** Decides one topic; a grant also lifts the global opt-out, and the other topics stay denied. */
  decide(email: string, topic: Topic, decision: Omit<Decision, 'at'>): Decision {
    const made = { ...decision, at: this.#world.now() };
    const held = this.#held(email);
    if (held.all && decision.state === 'SUBSCRIBED') {
      for (const other of this.topics) held.topics.set(other.id, held.all);
      held.all = undefined;
    }
    held.topics.set(topic.id, made);
    this.#changed(email, decision.author);
    return made;
  }

  /** From everything that is sent by e-mail. */
  denyAll(email: string, author: Author): void {
    const held = this.#held(email);
    if (held.all) return;
    held.all = { state: 'UNSUBSCRIBED', at: this.#world.now(), author };
    this.#changed(email, author);
  }

  /** What a contact shows of its address; called whenever either of them changes. */
  show(contactId: number, author: Author): void {
    const { contacts } = this.#world;
    const row = contacts.get(contactId);
    if (!row) return;
    const values = contacts.values(row);
    const held = this.#byEmail.get(values.get('email') ?? '');
    const wanted: (readonly [string, ConsentState | undefined])[] = [
      ['hs_email_optout', held?.all?.state],
      ...this.topics.map(({ id }) => [`hs_email_optout_${id}`, held?.topics.get(id)?.state] as const),
    ];
    const changes = wanted.flatMap(([name, state]): [string, string][] => {
      const now = values.get(name) ?? '';
      const shown = checkbox(state, now);
      return shown === now ? [] : [[name, shown]];
    });
    if (changes.length > 0) contacts.update(row, new Map(changes), author);
  }

  /** The address itself is forgotten. */
  forget(email: string): void {
    this.#byEmail.delete(normalise('email', email));
  }

  #held(email: string): Preferences {
    const key = normalise('email', email);
    const held = this.#byEmail.get(key) ?? { all: undefined, topics: new Map<number, Decision>() };
    this.#byEmail.set(key, held);
    return held;
  }

  #changed(email: string, author: Author): void {
    this.#world.touch();
    const contact = this.#world.contacts.holder('email', email);
    if (contact !== undefined) this.show(contact, author);
  }
}

/** Opted out, expressly in, or as before; what was true once shows as false when it no longer holds. */
function checkbox(state: ConsentState | undefined, now: string): string {
  if (state === 'UNSUBSCRIBED') return 'true';
  return state === 'SUBSCRIBED' || now === 'true' ? 'false' : now;
}

/** In words, where a status tells its source. */
export function sourceWords({ author }: Decision): string {
  if (author === BY_EMAIL_LINK) return 'Unsubscribe link';
  return author.sourceType === 'INTEGRATION' ? `Public API (app ${author.sourceId})` : author.sourceType;
}
