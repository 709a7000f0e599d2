import * as z from 'zod';
import type { ChildKind } from './sandbox-children.ts';
import {
  ACTIVE,
  CONSTITUENT_TYPES,
  INACTIVE,
  LOOKUPS,
  type Lookup,
  PERMISSION_TYPES,
} from './sandbox-lookups.ts';
import type { Row } from './sandbox-people.ts';
import { idIn } from './sandbox-row-values.ts';
import type { Actor, Store, Values } from './sandbox-store.ts';
import { FORM_DEFAULTS } from './sandbox-writes.ts';

const text = z.string().nullable();
const answer = z.enum(['Y', 'N']).nullable();
const GROUPS = ['Individual', 'Household', 'Organization'] as const;

/** What the form for a constituent has, at the box office and on the web site; null empties a field. */
const FormSchema = z.strictObject({
  /** Of a new constituent. */
  Group: z.enum(GROUPS).optional(),
  FirstName: text.optional(),
  MiddleName: text.optional(),
  LastName: text.optional(),
  Prefix: text.optional(),
  Suffix: text.optional(),
  NameStatus: text.optional(),
  ProtectionType: text.optional(),
  Inactive: z.boolean().optional(),
  InactiveReason: text.optional(),
  Email: text.optional(),
  AllowMarketing: z.boolean().optional(),
  /** Signs in with the primary e-mail. */
  WebLogin: z.boolean().optional(),
  Phone: text.optional(),
  AllowTelemarketing: z.boolean().optional(),
  Street1: text.optional(),
  Street2: text.optional(),
  City: text.optional(),
  PostalCode: text.optional(),
  State: text.optional(),
  Country: text.optional(),
  EmailPermission: answer.optional(),
  PhonePermission: answer.optional(),
  MailPermission: answer.optional(),
  /** With `remove`: merged into this constituent instead of purged. */
  MergeInto: z.coerce.number().int().optional(),
});
export type Form = z.infer<typeof FormSchema>;

/** Throws with the names of all fields. */
export function parseForm(set: Readonly<Record<string, unknown>>): Form {
  const form = FormSchema.safeParse(set);
  if (form.success) return form.data;
  const issue = form.error.issues[0];
  const known = Object.keys(FormSchema.shape).join(', ');
  throw new Error(
    `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}; a constituent has: ${known}`.trim(),
  );
}

export function newConstituent(form: Form): Values {
  const { individual, household, organisation } = CONSTITUENT_TYPES;
  const type = { Individual: individual, Household: household, Organization: organisation };
  return { ConstituentType: type[form.Group ?? 'Individual'], Inactive: ACTIVE };
}

/** One entry in the audit log for each record that the form changes. */
export function fill(store: Store, actor: Actor, id: number, form: Form): void {
  const columns = columnsOf(form);
  if (Object.keys(columns).length > 0) store.setColumns(actor, id, columns);
  setPrimary(store, actor, { kind: 'Addresses', id, values: placeOf(form) });
  setEmail(store, actor, id, form);
  setPhone(store, actor, id, form);
  setPermission(store, actor, { id, category: 'Email', answer: form.EmailPermission });
  setPermission(store, actor, { id, category: 'Phone', answer: form.PhonePermission });
  setPermission(store, actor, { id, category: 'Mail', answer: form.MailPermission });
  if (form.WebLogin !== undefined) setLogin(store, actor, id, form.WebLogin);
}

/** The table's row of that name; the organisation may add rows of its own. */
function rowNamed(table: readonly Lookup[], name: string | null | undefined) {
  if (!name) return name;
  return table.find((row) => row.Description === name) ?? { Id: 9, Description: name, Inactive: false };
}

function columnsOf(form: Form): Values {
  const { Inactive } = form;
  const reason = form.InactiveReason ?? (Inactive ? 'Moved away' : undefined);
  return present({
    FirstName: form.FirstName,
    MiddleName: form.MiddleName,
    LastName: form.LastName,
    Prefix: rowNamed(LOOKUPS.Prefix, form.Prefix),
    Suffix: rowNamed(LOOKUPS.Suffix, form.Suffix),
    NameStatus: rowNamed(LOOKUPS.NameStatus, form.NameStatus),
    ProtectionType: rowNamed(LOOKUPS.ProtectionType, form.ProtectionType),
    Inactive: Inactive === undefined ? undefined : Inactive ? INACTIVE : ACTIVE,
    InactiveReason: Inactive === false ? null : rowNamed(LOOKUPS.InactiveReason, reason),
  });
}

function placeOf(form: Form): Values {
  const state = LOOKUPS.State.find((row) => row.StateCode === form.State);
  const unknownState = form.State && { Id: 99, StateCode: form.State, Description: form.State };
  return present({
    Street1: form.Street1,
    Street2: form.Street2,
    City: form.City,
    PostalCode: form.PostalCode,
    State: state ?? unknownState,
    Country: rowNamed(LOOKUPS.Country, form.Country),
  });
}

function setEmail(store: Store, actor: Actor, id: number, form: Form): void {
  const before = primaryOf(store, 'ElectronicAddresses', id);
  if (form.Email === null) {
    if (before) store.removeChild(actor, 'ElectronicAddresses', before.Id);
    return;
  }
  const Inactive = form.Email !== undefined && before?.Inactive === true ? false : undefined;
  const values = present({ Address: form.Email, AllowMarketing: form.AllowMarketing, Inactive });
  setPrimary(store, actor, { kind: 'ElectronicAddresses', id, values });
}

function setPhone(store: Store, actor: Actor, id: number, form: Form): void {
  const values = present({ PhoneNumber: form.Phone, AllowTelemarketing: form.AllowTelemarketing });
  const current = store.children('PhoneNumbers', id)[0];
  if (form.Phone === null) {
    if (current) store.removeChild(actor, 'PhoneNumbers', current.Id);
  } else setOrAdd(store, actor, { kind: 'PhoneNumbers', id, values }, current);
}

interface ChildChange {
  kind: ChildKind;
  id: number;
  values: Values;
}

function setPrimary(store: Store, actor: Actor, change: ChildChange): void {
  const current = primaryOf(store, change.kind, change.id);
  const values = current ? change.values : { ...change.values, PrimaryIndicator: true };
  if (Object.keys(change.values).length > 0) setOrAdd(store, actor, { ...change, values }, current);
}

function setOrAdd(store: Store, actor: Actor, { kind, id, values }: ChildChange, current: Row | undefined) {
  if (Object.keys(values).length === 0) return;
  if (current) store.setChild(actor, kind, current.Id, values);
  else store.addChild(actor, kind, id, { ...FORM_DEFAULTS[kind], ...values });
}

interface Permission {
  id: number;
  category: 'Email' | 'Phone' | 'Mail';
  answer: 'Y' | 'N' | null | undefined;
}

function setPermission(store: Store, actor: Actor, { id, category, answer }: Permission): void {
  if (answer === undefined) return;
  const Type = PERMISSION_TYPES.find((type) => type.Category.Description === category);
  const rows = store.children('ContactPermissions', id);
  const current = rows.find((row) => idIn(row.Type) === Type?.Id);
  const values = current ? { Answer: answer } : { Answer: answer, Type };
  setOrAdd(store, actor, { kind: 'ContactPermissions', id, values }, current);
}

function setLogin(store: Store, actor: Actor, id: number, wanted: boolean): void {
  const [current, email] = [store.children('WebLogins', id)[0], primaryOf(store, 'ElectronicAddresses', id)];
  if (!wanted && current) store.removeChild(actor, 'WebLogins', current.Id);
  if (!wanted || current) return;
  if (!email) throw new Error('WebLogin needs a constituent with a primary e-mail');
  const values = {
    Login: String(email.Address).trim(),
    Email: { Id: email.Id },
    LoginType: LOOKUPS.LoginType[0],
  };
  store.addChild(actor, 'WebLogins', id, { ...values, Inactive: false, PrimaryIndicator: true });
}

function primaryOf(store: Store, kind: ChildKind, id: number): Row | undefined {
  return store.children(kind, id).find((row) => row.PrimaryIndicator === true);
}

function present(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
