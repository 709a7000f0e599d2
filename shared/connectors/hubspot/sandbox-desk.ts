import type { SandboxEdit } from '../sandbox.ts';
import { BY_BOUNCE, BY_EMAIL_LINK, BY_FORM, STAFF } from './sandbox-author.ts';
import { topicOf } from './sandbox-consent-routes.ts';
import { erase, merge } from './sandbox-lifecycle.ts';
import { LIFECYCLE } from './sandbox-properties.ts';
import { Refusal } from './sandbox-replies.ts';
import type { Row } from './sandbox-row.ts';
import type { Act } from './sandbox-rules.ts';
import { write } from './sandbox-single.ts';
import type { ObjectStore } from './sandbox-store.ts';
import { storeOf, type World } from './sandbox-world.ts';

type Verb = (world: World, edit: SandboxEdit) => string;

/** What people do in HubSpot besides typing into a record. */
const VERBS: Readonly<Record<string, Verb>> = {
  merge: mergeTwo,
  restore: restoreOne,
  'privacy-deletion': eraseOne,
  subscription: decide,
  bounce,
  association: associate,
};

/** Values of `record` that an edit may have, the usual one first. */
export const RECORDS: readonly [string, ...string[]] = ['contact', 'company', ...Object.keys(VERBS)];

/** One act of a person; gives the id of the record that came of it. */
export function editAtDesk(world: World, edit: SandboxEdit): string {
  const verb = VERBS[edit.record] ?? editRecord;
  try {
    return verb(world, edit);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    throw new Error(`HubSpot refuses this edit: ${String(thrown.body.message)}`, { cause: thrown });
  }
}

/** By record id, or by `property:value` of a unique property. */
export function rowAt(store: ObjectStore, id: string): Row | undefined {
  const colon = id.indexOf(':');
  const key = colon < 0 ? Number(id) : store.holder(id.slice(0, colon), id.slice(colon + 1));
  return key === undefined ? undefined : store.get(key);
}

/** Marketing moves somebody one stage on: a field that no flow of ours owns. */
export function moveSomebody(world: World): void {
  const { contacts } = world;
  const first = contacts.nextId - contacts.size;
  const row = contacts.get(first + Math.floor(world.random() * contacts.size));
  if (!row) return;
  const stage = LIFECYCLE.indexOf(contacts.values(row).get('lifecyclestage') ?? '');
  const next = LIFECYCLE[Math.min(stage + 1, LIFECYCLE.length - 1)] ?? 'lead';
  contacts.update(row, new Map([['lifecyclestage', next]]), STAFF);
}

function editRecord(world: World, { record, id, set = {}, remove, by }: SandboxEdit): string {
  const store = storeOf(world, record);
  if (store?.kind.name !== record)
    throw new Error(`HubSpot's sandbox keeps no "${record}"; it keeps ${RECORDS.join(', ')}`);
  const row = id === undefined ? undefined : existing(store, id);
  const act = actBy(world, by);
  if (remove) {
    if (row) store.archive(row, act.author);
    return id ?? '';
  }
  const properties = Object.fromEntries(
    Object.entries(set).map(([name, value]) => [name, String(value ?? '')]),
  );
  return String(write(world, { store, row, properties, act }).id);
}

/** `id` is the primary and wins, `set.other` goes into it; `set.kind` is `contact` unless it says `company`. */
function mergeTwo(world: World, { id, set = {}, by }: SandboxEdit): string {
  const store = set.kind === 'company' ? world.companies : world.contacts;
  const primary = existing(store, id ?? '');
  const other = existing(store, String(set.other ?? ''));
  return String(merge(store, primary, other, actBy(world, by).author).id);
}

function restoreOne(world: World, { id, by }: SandboxEdit): string {
  const key = Number(id);
  const store = [world.contacts, world.companies].find((each) => each.deleted(key));
  const row = store?.deleted(key);
  if (!store || !row) throw new Error(`there is no ${id ?? 'id'} in the recycle bin of HubSpot's sandbox`);
  const taken = store.conflict(store.values(row), row.id);
  if (taken) throw new Error(`${store.kind.name} ${taken.id} holds the ${taken.property} of ${row.id} now`);
  store.restore(row, actBy(world, by).author);
  return String(row.id);
}

function eraseOne(world: World, { id = '', by }: SandboxEdit): string {
  const row = rowAt(world.contacts, id) ?? world.contacts.deleted(Number(id));
  if (!row) throw new Error(`there is no contact ${id} in HubSpot's sandbox`);
  erase(world, row, actBy(world, by).author);
  return String(row.id);
}

/** `id` is an e-mail address; `set` has `all: 'UNSUBSCRIBED'` or a state by subscription id. */
function decide(world: World, { id: email = '', set = {}, by }: SandboxEdit): string {
  if (!email.includes('@')) throw new Error('a subscription is kept by e-mail address: give it as the id');
  const author = by === 'person' ? BY_EMAIL_LINK : actBy(world, by).author;
  for (const [topic, state] of Object.entries(set)) {
    if (state !== 'SUBSCRIBED' && state !== 'UNSUBSCRIBED')
      throw new Error(`a subscription is SUBSCRIBED or UNSUBSCRIBED, not ${String(state)}`);
    if (topic !== 'all') world.consents.decide(email, topicOf(world, Number(topic)), { state, author });
    else if (state === 'UNSUBSCRIBED') world.consents.denyAll(email, author);
    else throw new Error('nobody subscribes to everything: give the id of a subscription type');
  }
  return email;
}

/** An e-mail to this contact came back for good. */
function bounce(world: World, { id = '', set = {} }: SandboxEdit): string {
  const row = existing(world.contacts, id);
  const reason = String(set.reason ?? 'UNKNOWN_USER');
  return String(
    world.contacts.update(row, new Map([['hs_email_hard_bounce_reason_enum', reason]]), BY_BOUNCE).id,
  );
}

/** `set.contact` and `set.company`; `set.type` is the number of an association type from contact to company. */
function associate(world: World, { set = {}, remove, by }: SandboxEdit): string {
  const contact = existing(world.contacts, String(set.contact ?? ''));
  const company = existing(world.companies, String(set.company ?? ''));
  const from = { kind: world.contacts.kind, id: contact.id };
  const to = { kind: world.companies.kind, id: company.id };
  const { author } = actBy(world, by);
  if (remove) world.associations.unlink(from, to, author);
  else world.associations.link(from, to, set.type === undefined ? [] : [Number(set.type)], author);
  return `${contact.id}-${company.id}`;
}

function existing(store: ObjectStore, id: string): Row {
  const row = rowAt(store, id);
  if (!row) throw new Error(`there is no ${store.kind.name} ${id} in HubSpot's sandbox`);
  return row;
}

function actBy(world: World, by: SandboxEdit['by'] = 'staff'): Act {
  const acts: Readonly<Record<typeof by, Act>> = {
    staff: { author: STAFF, door: 'screen' },
    person: { author: BY_FORM, door: 'form' },
    integration: { author: world.otherApp.author, door: 'api' },
  };
  return acts[by];
}
