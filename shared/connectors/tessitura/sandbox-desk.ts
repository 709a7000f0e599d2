import * as z from 'zod';
import type { SandboxEdit } from '../sandbox.ts';
import { sandboxBoxOffice } from './sandbox-box-office.ts';
import { type ChildKind, PERMISSION_TYPES } from './sandbox-children.ts';
import { pick, roll } from './sandbox-dice.ts';
import { PLAIN } from './sandbox-names.ts';
import { ACTIVE, INACTIVE, type Row } from './sandbox-people.ts';
import { detailOf } from './sandbox-reads.ts';
import type { Actor, Store } from './sandbox-store.ts';
import { DEFAULTS } from './sandbox-writes.ts';

const text = z.string().nullable();
/** What the box office's form has; null empties a field. */
const FormSchema = z.strictObject({
  FirstName: text.optional(),
  MiddleName: text.optional(),
  LastName: text.optional(),
  Prefix: text.optional(),
  Suffix: text.optional(),
  NameStatus: text.optional(),
  ProtectionType: text.optional(),
  Inactive: z.boolean().optional(),
  Email: text.optional(),
  AllowMarketing: z.boolean().optional(),
  Phone: text.optional(),
  Street1: text.optional(),
  Street2: text.optional(),
  City: text.optional(),
  PostalCode: text.optional(),
  State: text.optional(),
  Country: text.optional(),
  EmailPermission: z.enum(['Y', 'N']).nullable().optional(),
  /** With `remove`: merged into this constituent instead of purged. */
  MergeInto: z.coerce.number().int().optional(),
});
type Form = z.infer<typeof FormSchema>;

/** The box office: people who edit constituents. */
export function sandboxDesk(store: Store, seed: number, actor: () => Actor) {
  let acts = 0;
  let derivedCount: number | undefined;
  let ended = 0;

  const boxOffice = sandboxBoxOffice(store, actor);
  const edit = (wanted: SandboxEdit): string => {
    const { record, id, set, remove } = wanted;
    const sale = boxOffice.edit(wanted);
    if (sale !== undefined) return sale;
    if (record !== 'constituent')
      throw new Error(`no record "${record}"; there is: constituent, membership, ticket, scan`);
    const form = parseForm(set ?? {});
    const existing = id === undefined ? undefined : existingId(store, id);
    if (remove) {
      if (existing === undefined) throw new Error('remove needs the id of a constituent');
      store.end(actor(), existing, form.MergeInto);
      ended += 1;
      return String(existing);
    }
    const target = existing ?? store.addConstituent(actor(), newPerson(form));
    fill(store, actor(), target, form);
    return String(target);
  };

  return {
    edit,
    peek(record: string, id: string): Readonly<Record<string, unknown>> | undefined {
      const columns = record === 'constituent' ? store.columns(Number(id)) : undefined;
      if (!columns) return undefined;
      return {
        ...detailOf(store, columns),
        ContactPermissions: store.children('ContactPermissions', columns.Id),
        Memberships: store.children('Memberships', columns.Id),
        SubLineItems: store.children('SubLineItems', columns.Id),
        Attendance: store.children('Attendance', columns.Id),
      };
    },
    /** A correction (name, phone, address, e-mail, consent), or business (a sale, a return, a scan, a renewal). */
    act(): void {
      acts += 1;
      const [who, what] = [roll(seed, acts, 200), roll(seed, acts, 201)];
      const id = firstFrom(store, 1 + (who % store.layout.size));
      const changes = [
        { LastName: pick(PLAIN.last, what) },
        { Phone: `212-555-${String(1_000 + (what % 9_000))}` },
        { Street1: `${1 + (what % 900)} Amsterdam Ave`, City: 'New York' },
        { Email: `changed.${acts}.${id}@example.com` },
        { EmailPermission: what % 2 === 0 ? 'Y' : 'N' },
      ];
      if (id === undefined) return;
      if (acts % 2 === 0) boxOffice.act(id, what);
      else edit({ record: 'constituent', id: String(id), set: pick(changes, (acts - 1) / 2) });
    },
    constituents(): number {
      derivedCount ??= countDerived(store);
      return derivedCount + store.lastId() - store.layout.size - ended;
    },
  };
}

function parseForm(set: Readonly<Record<string, unknown>>): Form {
  const form = FormSchema.safeParse(set);
  if (form.success) return form.data;
  const issue = form.error.issues[0];
  const known = Object.keys(FormSchema.shape).join(', ');
  throw new Error(
    `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}; a constituent has: ${known}`.trim(),
  );
}

function existingId(store: Store, id: string): number {
  const number = Number(id);
  if (!store.columns(number)) throw new Error(`there is no constituent ${id}`);
  return number;
}

function newPerson(form: Form): Record<string, unknown> {
  const group = { Id: 1, Description: 'Individual', Inactive: false };
  const name = [form.FirstName, form.LastName].filter(Boolean).join(' ');
  return { ConstituentType: { ...group, ConstituentGroup: group }, Inactive: ACTIVE, DisplayName: name };
}

function fill(store: Store, actor: Actor, id: number, form: Form): void {
  const columns = columnsOf(form);
  if (Object.keys(columns).length > 0) store.setColumns(actor, id, columns);
  const place = present({
    Street1: form.Street1,
    Street2: form.Street2,
    City: form.City,
    PostalCode: form.PostalCode,
  });
  if (form.State !== undefined)
    place.State = form.State && { Id: 1, StateCode: form.State, Description: form.State };
  if (form.Country !== undefined) place.Country = form.Country && { Id: 1, Description: form.Country };
  setPrimary(store, actor, { kind: 'Addresses', id, values: place });
  setEmail(store, actor, id, form);
  if (form.Phone !== undefined)
    setOrRemove(store, actor, { kind: 'PhoneNumbers', id, values: { PhoneNumber: form.Phone } });
  if (form.EmailPermission !== undefined) setPermission(store, actor, id, form.EmailPermission);
}

function columnsOf(form: Form): Record<string, unknown> {
  const lookup = (value: string | null | undefined) =>
    value ? { Id: 9, Description: value, Inactive: false } : value;
  return present({
    FirstName: form.FirstName,
    MiddleName: form.MiddleName,
    LastName: form.LastName,
    Prefix: lookup(form.Prefix),
    Suffix: lookup(form.Suffix),
    NameStatus: lookup(form.NameStatus),
    ProtectionType: lookup(form.ProtectionType),
    Inactive: form.Inactive === undefined ? undefined : form.Inactive ? INACTIVE : ACTIVE,
    InactiveReason:
      form.Inactive === undefined ? undefined : form.Inactive ? { Id: 3, Description: 'Moved away' } : null,
  });
}

function setEmail(store: Store, actor: Actor, id: number, form: Form): void {
  const values = present({ Address: form.Email, AllowMarketing: form.AllowMarketing });
  if (form.Email === null)
    setOrRemove(store, actor, { kind: 'ElectronicAddresses', id, values: { Address: null } });
  else if (Object.keys(values).length > 0)
    setPrimary(store, actor, { kind: 'ElectronicAddresses', id, values });
}

interface ChildChange {
  kind: ChildKind;
  id: number;
  values: Record<string, unknown>;
}

function setPrimary(store: Store, actor: Actor, { kind, id, values }: ChildChange): void {
  if (Object.keys(values).length === 0) return;
  const current = store.children(kind, id).find((row) => row.PrimaryIndicator === true);
  if (current) store.setChild(actor, kind, current.Id, values);
  else store.addChild(actor, kind, id, { ...DEFAULTS[kind], ...values, PrimaryIndicator: true });
}

/** The first row; a null value takes the row away. */
function setOrRemove(store: Store, actor: Actor, { kind, id, values }: ChildChange): void {
  const current: Row | undefined = store.children(kind, id)[0];
  if (Object.values(values).includes(null)) {
    if (current) store.removeChild(actor, kind, current.Id);
  } else if (current) store.setChild(actor, kind, current.Id, values);
  else store.addChild(actor, kind, id, { ...DEFAULTS[kind], ...values });
}

function setPermission(store: Store, actor: Actor, id: number, Answer: 'Y' | 'N' | null): void {
  const [Type] = PERMISSION_TYPES;
  const current = store.children('ContactPermissions', id)[0];
  if (current) store.setChild(actor, 'ContactPermissions', current.Id, { Answer });
  else store.addChild(actor, 'ContactPermissions', id, { Answer, Type, ShouldAsk: false });
}

function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** The first constituent at or after an id, else the first of all: some ids are merged away. */
function firstFrom(store: Store, start: number): number | undefined {
  const count = store.lastId();
  for (let step = 0; step < count; step += 1) {
    const id = 1 + ((start - 1 + step) % count);
    if (store.columns(id)) return id;
  }
  return undefined;
}

function countDerived(store: Store): number {
  let count = 0;
  for (let id = 1; id <= store.layout.size; id += 1) if (!store.endOf(id)) count += 1;
  return count;
}
