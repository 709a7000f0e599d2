import { asFault, Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import {
  associate,
  contactsOf,
  dissociate,
  labelsOf,
  type Pair,
  PLAIN,
  removeLabels,
} from './associations.ts';
import { batchRead } from './batch.ts';
import { VENDOR } from './faults.ts';
import { isMemberWord, type Members, membersText } from './members-text.ts';
import { recordFailure } from './record-faults.ts';
import type { AssociationType } from './schema.ts';

/** How the contacts of a company are one field of it. */
export interface MembersRule {
  /** The field's name; it is no property of HubSpot. */
  field: string;
  /** The contacts' property that keeps our reference of them. */
  reference: string;
  /** The collection of those contacts in the flow, which a company may have to wait for. */
  collection: string;
  /** The labels that are ours; unless said, every label that the account has defined. */
  labels?: readonly string[] | undefined;
}

/** What a company's members are to be. */
export interface WantedMembers {
  company: string;
  members: Members;
}

const OPERATION = 'associations.create';

/**
 * The field's value by company. Contacts that do not carry our reference, and labels that are not ours, are
 * somebody else's: they are not shown, and never taken away.
 */
export async function readMembers(
  session: Session,
  companies: readonly string[],
  rule: MembersRule,
): Promise<ReadonlyMap<string, string | null>> {
  const pairs = await contactsOf(session, companies);
  const refs = await refsOf(session, [...pairs.values()].flat(), rule);
  return new Map(
    companies.map((company) => {
      const members = (pairs.get(company) ?? []).flatMap((pair): [string, string[]][] => {
        const ref = refs.get(pair.contact);
        return ref === undefined ? [] : [[ref, ours(pair.types, rule).map((type) => type.label ?? '')]];
      });
      return [company, membersText(new Map(members))];
    }),
  );
}

/** Brings associations in line; returns the faults of those companies that are not as they should be, by id. */
export async function writeMembers(
  session: Session,
  wanted: readonly WantedMembers[],
  rule: MembersRule,
): Promise<ReadonlyMap<string, Fault>> {
  const faults = new Map<string, Fault>();
  if (wanted.length === 0) return faults;
  try {
    const known = await whatIsKnown(session, wanted, rule);
    const plans = wanted.map((each) => planOf(each, known, rule));
    plans.forEach(({ fault }, n) => {
      const company = wanted[n]?.company;
      if (fault && company !== undefined) faults.set(company, fault);
    });
    await dissociate(
      session,
      plans.flatMap((each) => each.leave),
    );
    await removeLabels(
      session,
      plans.flatMap((each) => each.shed),
    );
    const failed = await associate(
      session,
      plans.flatMap((each) => each.join),
    );
    for (const [company, error] of failed) {
      const failure = recordFailure(error, OPERATION, []);
      const gone = 'the company or one of its contacts is no longer in HubSpot';
      const fault = 'fault' in failure && failure.fault ? failure.fault : unfit('conflict', rule, gone);
      faults.set(company, fault);
    }
  } catch (thrown) {
    const fault = asFault(thrown, OPERATION);
    for (const { company } of wanted) faults.set(company, fault);
  }
  return faults;
}

/** What HubSpot has now. */
interface Known {
  pairs: ReadonlyMap<string, readonly Pair[]>;
  /** Our reference by contact id, of those that are associated now. */
  refs: ReadonlyMap<string, string>;
  /** Contact id by our reference, of those that are wanted. */
  contacts: ReadonlyMap<string, string>;
  labels: readonly AssociationType[];
}

async function whatIsKnown(
  session: Session,
  wanted: readonly WantedMembers[],
  rule: MembersRule,
): Promise<Known> {
  const refs = wanted.flatMap(({ members }) => [...members.keys()]);
  const by = { type: 'contacts', properties: [rule.reference], idProperty: rule.reference } as const;
  const found = await batchRead(session, refs, by);
  const pairs = await contactsOf(
    session,
    wanted.map((each) => each.company),
  );
  const labelled = wanted.some(({ members }) => [...members.values()].some((labels) => labels.length > 0));
  return {
    pairs,
    refs: await refsOf(session, [...pairs.values()].flat(), rule),
    contacts: new Map(
      found.flatMap(({ id, properties }) => {
        const ref = properties[rule.reference];
        return ref ? [[ref, id]] : [];
      }),
    ),
    labels: labelled ? await labelsOf(session) : [],
  };
}

/** What a company's members need; the fault says what cannot be done now. */
interface Plan {
  join: Pair[];
  shed: Pair[];
  leave: Pair[];
  fault?: Fault;
}

function planOf({ company, members }: WantedMembers, known: Known, rule: MembersRule): Plan {
  const plan: Plan = { join: [], shed: [], leave: [] };
  const now = new Map((known.pairs.get(company) ?? []).map((pair) => [pair.contact, pair]));
  for (const [ref, labels] of members) {
    const contact = known.contacts.get(ref);
    if (contact === undefined) {
      plan.fault ??= missing(ref, rule);
      continue;
    }
    const types = labels.map((label) => known.labels.find((type) => type.label === label));
    if (types.includes(undefined)) plan.fault ??= noLabel(labels, known, rule);
    const wanted = types.filter((type) => type !== undefined);
    const has = now.get(contact)?.types ?? [];
    const add = (now.has(contact) ? wanted : [...wanted, ...(wanted.length > 0 ? [] : [PLAIN])]).filter(
      (type) => !has.some((each) => each.typeId === type.typeId),
    );
    const drop = ours(has, rule).filter((type) => !labels.includes(type.label ?? ''));
    if (add.length > 0) plan.join.push({ company, contact, types: add });
    if (drop.length > 0) plan.shed.push({ company, contact, types: drop });
  }
  for (const pair of now.values()) {
    const ref = known.refs.get(pair.contact);
    if (ref !== undefined && !members.has(ref)) plan.leave.push(pair);
  }
  return plan;
}

/** The labels that the flow decides on. */
function ours(types: readonly AssociationType[], { labels }: MembersRule): AssociationType[] {
  return types.filter(({ label, category }) => {
    if (!label || !isMemberWord(label)) return false;
    return labels ? labels.includes(label) : category === 'USER_DEFINED';
  });
}

async function refsOf(
  session: Session,
  pairs: readonly Pair[],
  { reference }: MembersRule,
): Promise<ReadonlyMap<string, string>> {
  const ids = pairs.map((each) => each.contact);
  const records = await batchRead(session, ids, { type: 'contacts', properties: [reference] });
  return new Map(
    records.flatMap(({ id, properties }) => {
      const ref = properties[reference];
      return ref ? [[id, ref]] : [];
    }),
  );
}

function missing(ref: string, { collection, field, reference }: MembersRule): Fault {
  return new Fault('waiting', {
    vendor: VENDOR,
    operation: OPERATION,
    field,
    waitingFor: `${collection}/${ref}`,
    message: `a member has no contact that carries it in ${reference} yet; it comes when that ${collection} has been written`,
  });
}

function noLabel(labels: readonly string[], known: Known, rule: MembersRule): Fault {
  const lacks = labels.filter((label) => !known.labels.some((type) => type.label === label));
  const words = lacks.map((each) => `"${each}"`).join(', ');
  return unfit(
    'rejected',
    rule,
    `the account has no label ${words} between companies and contacts; create it there`,
  );
}

function unfit(kind: 'rejected' | 'conflict', { field }: MembersRule, message: string): Fault {
  return new Fault(kind, { vendor: VENDOR, operation: OPERATION, field, message });
}
