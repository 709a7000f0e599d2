import * as z from 'zod';
import type { ChildKind } from './sandbox-children.ts';
import { COLUMNS, checkBody, type WritableChild } from './sandbox-columns.ts';
import { EMAIL_TYPE, HOUSEHOLD_MEMBER, LOOKUPS } from './sandbox-lookups.ts';
import { groupOf } from './sandbox-naming.ts';
import type { Row } from './sandbox-people.ts';
import { notFound, ok, type Reply, type Request, refusal } from './sandbox-reply.ts';
import { idIn, phoneForms } from './sandbox-row-values.ts';
import type { Actor, Store, Values } from './sandbox-store.ts';

const BodySchema = z.record(z.string(), z.unknown());
const PLAUSIBLE_EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** PUT CRM/Constituents/{id}: the name part only; child collections in the body are passed over without a word. */
export function putConstituent(store: Store, actor: Actor, { path, body }: Request): Reply {
  const current = store.columns(Number(path[2]));
  if (!current) return notFound('Constituent');
  const refused = stale(current, body);
  if (refused) return refused;
  const checked = checkBody('Constituents', body, current);
  if ('refused' in checked) return checked.refused;
  const broken = constituentRule({ ...current, ...checked.values });
  return broken ?? ok(store.setColumns(actor, current.Id, checked.values));
}

/** A constituent that is not active says why. */
export function constituentRule(row: Values): Reply | undefined {
  const inactive = row.Inactive !== undefined && idIn(row.Inactive) !== 1;
  if (!inactive || row.InactiveReason) return undefined;
  return refusal(400, 'An inactive reason is required.', 'InactiveReason');
}

/** PUT, POST and DELETE of the child resources, each with a lock of its own. */
export function writeChild(store: Store, kind: ChildKind, actor: Actor, request: Request): Reply {
  const { method, path, body } = request;
  if (!isWritable(kind)) return notFound('Resource');
  if (method === 'POST' && path[3]?.toLowerCase() === 'moveto') return moveTo(store, kind, actor, path);
  if (method === 'POST') return post(store, kind, actor, body);
  const found = store.child(kind, Number(path[2]));
  if (!found) return notFound(kind);
  if (method === 'DELETE') return remove(store, kind, actor, found.row);
  const refused = stale(found.row, body);
  if (refused) return refused;
  const checked = checkChild(store, { kind, body, parent: found.parent, current: found.row });
  if ('refused' in checked) return checked.refused;
  return ok(store.setChild(actor, kind, found.row.Id, checked.values));
}

function isWritable(kind: ChildKind): kind is WritableChild {
  return kind in COLUMNS;
}

function post(store: Store, kind: WritableChild, actor: Actor, body: unknown): Reply {
  const sent = BodySchema.safeParse(body).data;
  const owner = kind === 'Affiliations' ? 'IndividualConstituent' : 'Constituent';
  const parent = idIn(sent?.[owner]);
  if (!sent || parent === 0) return refusal(400, 'A value is required.', `${owner}.Id`);
  if (!store.columns(parent)) return refusal(400, 'The constituent does not exist.', `${owner}.Id`);
  const checked = checkChild(store, { kind, body: sent, parent, current: undefined });
  if ('refused' in checked) return checked.refused;
  return ok(store.addChild(actor, kind, parent, checked.values));
}

interface Write {
  kind: WritableChild;
  body: unknown;
  parent: number;
  current: Row | undefined;
}

/** What a body sets in a row, with what the service works out itself. */
export function checkChild(store: Store, write: Write): { values: Values } | { refused: Reply } {
  const { kind, body, current } = write;
  const sent = BodySchema.safeParse(body).data;
  const whole = current || !sent ? body : { ...TYPES[kind], ...sent };
  const checked = checkBody(kind, whole, current);
  if ('refused' in checked) return checked;
  const { values } = checked;
  const refused = datesRule(values) ?? RULES[kind]?.(store, write, values);
  return refused ? { refused } : { values: { ...values, ...workedOut(kind, values) } };
}

function datesRule({ StartDate, EndDate }: Values): Reply | undefined {
  if (typeof StartDate !== 'string' || typeof EndDate !== 'string') return undefined;
  if (Date.parse(EndDate) >= Date.parse(StartDate)) return undefined;
  return refusal(400, 'The end date is before the start date.', 'EndDate');
}

type Rule = (store: Store, write: Write, values: Values) => Reply | undefined;

const RULES: Partial<Record<WritableChild, Rule>> = {
  ElectronicAddresses: (_store, { current }, { Address, ElectronicAddressType }) => {
    const plausible = PLAUSIBLE_EMAIL.test(String(Address).trim());
    if (!isEmailType(ElectronicAddressType ?? current?.ElectronicAddressType) || plausible) return undefined;
    return Address === current?.Address
      ? undefined
      : refusal(400, 'The e-mail address is not valid.', 'Address');
  },
  ContactPermissions: (store, { parent, current }, { Type }) => {
    const same = (row: Row) => row.Id !== current?.Id && idIn(row.Type) === idIn(Type);
    const exists = current === undefined && store.children('ContactPermissions', parent).some(same);
    return exists
      ? refusal(400, 'The constituent already has a permission of this type.', 'Type')
      : undefined;
  },
  Affiliations: (store, { parent, current }, { GroupConstituent }) => {
    if (current) return undefined;
    const [group, member] = [store.columns(idIn(GroupConstituent)), store.columns(parent)];
    if (!group || groupOf(group) === 'Individual')
      return refusal(400, 'The group constituent does not exist or is no group.', 'GroupConstituent.Id');
    if (!member || groupOf(member) !== 'Individual')
      return refusal(400, 'The constituent is no individual.', 'IndividualConstituent.Id');
    return undefined;
  },
};

function workedOut(kind: WritableChild, values: Values): Values {
  if (kind === 'ElectronicAddresses' && values.ElectronicAddressType !== undefined)
    return { IsEmail: isEmailType(values.ElectronicAddressType) };
  return kind === 'PhoneNumbers' ? phoneForms(String(values.PhoneNumber)) : {};
}

function isEmailType(type: unknown): boolean {
  return typeof type === 'object' && type !== null && 'IsEmail' in type && type.IsEmail === true;
}

function remove(store: Store, kind: WritableChild, actor: Actor, row: Row): Reply {
  if (kind === 'Addresses' && row.PrimaryIndicator === true)
    return refusal(400, 'The primary address cannot be deleted.', 'PrimaryIndicator');
  const attached = kind === 'Addresses' ? store.children('PhoneNumbers', idIn(row.Constituent)) : [];
  for (const phone of attached)
    if (idIn(phone.Address) === row.Id) store.removeChild(actor, 'PhoneNumbers', phone.Id);
  store.removeChild(actor, kind, row.Id);
  return { status: 204 };
}

function moveTo(store: Store, kind: WritableChild, actor: Actor, path: readonly string[]): Reply {
  const [found, parent] = [store.child(kind, Number(path[2])), Number(path[4])];
  if (!found || !store.columns(parent)) return notFound(kind);
  store.removeChild(actor, kind, found.row.Id);
  const { Id: _id, Constituent: _from, ...values } = found.row;
  return ok(store.addChild(actor, kind, parent, values));
}

/** The lock: exactly the stamp that was read, to the last of its seven fraction digits. */
function stale(current: Row, body: unknown): Reply | undefined {
  const values = BodySchema.safeParse(body).data;
  if (!values) return refusal(400, 'The request body is not an object.');
  if (values.UpdatedDateTime == null) return refusal(400, 'A value is required.', 'UpdatedDateTime');
  if (values.UpdatedDateTime === current.UpdatedDateTime) return undefined;
  return refusal(409, 'The record was modified by another user.', 'UpdatedDateTime');
}

/** Types that the service assumes for a new row. */
const TYPES: Readonly<Partial<Record<WritableChild, Values>>> = {
  Addresses: { AddressType: LOOKUPS.AddressType[0] },
  ElectronicAddresses: { ElectronicAddressType: EMAIL_TYPE },
  PhoneNumbers: { PhoneType: LOOKUPS.PhoneType[0] },
  Salutations: { SalutationType: LOOKUPS.SalutationType[0] },
  WebLogins: { LoginType: LOOKUPS.LoginType[0] },
  Affiliations: { AffiliationType: HOUSEHOLD_MEMBER },
};

/** What a new row has when the box office's form does not say. */
export const FORM_DEFAULTS: Readonly<Partial<Record<ChildKind, Values>>> = {
  Addresses: { ...TYPES.Addresses, Inactive: false, PrimaryIndicator: false },
  ElectronicAddresses: {
    ...TYPES.ElectronicAddresses,
    IsEmail: true,
    Inactive: false,
    PrimaryIndicator: false,
    AllowMarketing: true,
  },
  PhoneNumbers: { ...TYPES.PhoneNumbers, Inactive: false, AllowTelemarketing: true },
  ContactPermissions: { ShouldAsk: false },
  Affiliations: { ...TYPES.Affiliations, Inactive: false, PrimaryIndicator: false },
};
