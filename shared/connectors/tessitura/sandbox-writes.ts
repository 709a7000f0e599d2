import * as z from 'zod';
import { FIELD_LENGTHS } from './limits.ts';
import type { ChildKind } from './sandbox-children.ts';
import type { Row } from './sandbox-people.ts';
import { notFound, ok, type Reply, type Request, refusal } from './sandbox-reply.ts';
import type { Actor, Store } from './sandbox-store.ts';

const BodySchema = z.record(z.string(), z.unknown());
const ParentSchema = z.object({ Constituent: z.object({ Id: z.int() }) });

/** PUT CRM/Constituents/{id}: the name part only; child collections in the body are passed over without a word. */
export function putConstituent(store: Store, actor: Actor, { path, body }: Request): Reply {
  const current = store.columns(Number(path[2]));
  const values = BodySchema.safeParse(body).data;
  if (!current) return notFound('Constituent');
  if (!values) return refusal(400, 'The request body is not an object.');
  const refused = stale(current, values) ?? tooLong(values);
  if (refused) return refused;
  const { Addresses: _a, ElectronicAddresses: _e, PhoneNumbers: _p, Salutations: _s, ...own } = values;
  return ok(store.setColumns(actor, current.Id, own));
}

/** PUT, POST and DELETE of the child resources, each with a lock of its own. */
export function writeChild(store: Store, kind: ChildKind, actor: Actor, request: Request): Reply {
  const { method, path, body } = request;
  if (method === 'POST' && path[3]?.toLowerCase() === 'moveto') return moveTo(store, kind, actor, path);
  if (method === 'POST') return post(store, kind, actor, body);
  const found = store.child(kind, Number(path[2]));
  if (!found) return notFound(kind);
  if (method === 'DELETE') return remove(store, kind, actor, found.row);
  const values = BodySchema.safeParse(body).data;
  if (!values) return refusal(400, 'The request body is not an object.');
  return stale(found.row, values) ?? ok(store.setChild(actor, kind, found.row.Id, values));
}

function post(store: Store, kind: ChildKind, actor: Actor, body: unknown): Reply {
  const [values, parent] = [BodySchema.safeParse(body).data, ParentSchema.safeParse(body).data];
  if (!values || !parent) return refusal(400, 'A value is required.', 'Constituent.Id');
  if (!store.columns(parent.Constituent.Id))
    return refusal(400, 'The constituent does not exist.', 'Constituent.Id');
  if (kind === 'ElectronicAddresses' && typeof values.Address !== 'string')
    return refusal(400, 'A value is required.', 'Address');
  return ok(store.addChild(actor, kind, parent.Constituent.Id, { ...DEFAULTS[kind], ...values }));
}

function remove(store: Store, kind: ChildKind, actor: Actor, row: Row): Reply {
  if (kind === 'Addresses' && row.PrimaryIndicator === true)
    return refusal(400, 'The primary address cannot be deleted.', 'PrimaryIndicator');
  store.removeChild(actor, kind, row.Id);
  return { status: 204 };
}

function moveTo(store: Store, kind: ChildKind, actor: Actor, path: readonly string[]): Reply {
  const [found, parent] = [store.child(kind, Number(path[2])), Number(path[4])];
  if (!found || !store.columns(parent)) return notFound(kind);
  store.removeChild(actor, kind, found.row.Id);
  const { Id: _id, Constituent: _from, ...values } = found.row;
  return ok(store.addChild(actor, kind, parent, values));
}

/** The lock: exactly the stamp that was read, to the last of its seven fraction digits. */
function stale(current: Row, values: Record<string, unknown>): Reply | undefined {
  if (values.UpdatedDateTime === undefined) return refusal(400, 'A value is required.', 'UpdatedDateTime');
  if (values.UpdatedDateTime === current.UpdatedDateTime) return undefined;
  return refusal(409, 'The record was modified by another user.', 'UpdatedDateTime');
}

function tooLong(values: Record<string, unknown>): Reply | undefined {
  for (const [field, length] of Object.entries(FIELD_LENGTHS)) {
    const value = values[field];
    if (typeof value === 'string' && value.length > length)
      return refusal(400, `The field ${field} must be a string with a maximum length of ${length}.`, field);
  }
  return undefined;
}

/** What a new row has when the body does not say. */
export const DEFAULTS: Readonly<Record<ChildKind, Record<string, unknown>>> = {
  Addresses: {
    AddressType: { Id: 1, Description: 'Home Address' },
    Inactive: false,
    PrimaryIndicator: false,
  },
  ElectronicAddresses: {
    ElectronicAddressType: { Id: 1, Description: 'Home E-mail', IsEmail: true },
    IsEmail: true,
    Inactive: false,
    PrimaryIndicator: false,
    AllowMarketing: true,
  },
  PhoneNumbers: { PhoneType: { Id: 1, Description: 'Home' }, Inactive: false, AllowTelemarketing: true },
  Salutations: { DefaultIndicator: false, SalutationType: { Id: 0, Description: 'Default' } },
  ContactPermissions: { ShouldAsk: false },
  WebLogins: { Inactive: false, PrimaryIndicator: true, LoginType: { Id: 1, Description: 'Web' } },
  Affiliations: { Inactive: false, PrimaryIndicator: false },
  Memberships: {},
  SubLineItems: {},
  Attendance: {},
};
