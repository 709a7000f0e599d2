import type { SandboxEdit } from '../sandbox.ts';
import { COLUMNS, type WritableChild } from './sandbox-columns.ts';
import type { Row } from './sandbox-people.ts';
import type { Reply } from './sandbox-reply.ts';
import { idIn } from './sandbox-row-values.ts';
import type { Actor, Store, Values } from './sandbox-store.ts';
import { checkChild, FORM_DEFAULTS } from './sandbox-writes.ts';

/** Rows below a constituent that people edit one by one, by the name of the record. */
export const ROW_RECORDS = {
  'electronic-address': 'ElectronicAddresses',
  phone: 'PhoneNumbers',
  address: 'Addresses',
  'contact-permission': 'ContactPermissions',
  affiliation: 'Affiliations',
  'web-login': 'WebLogins',
} as const satisfies Record<string, WritableChild>;

/** The kind of row behind a record's name. */
export function rowKind(record: string): WritableChild | undefined {
  return new Map<string, WritableChild>(Object.entries(ROW_RECORDS)).get(record);
}

/**
 * One row, by the vendor's columns: lookups and other records by their id (`Type: 1`). A new one names its
 * `Constituent` (an affiliation: `IndividualConstituent` and `GroupConstituent`). Returns the row's id.
 */
export function editRow(store: Store, kind: WritableChild, actor: Actor, edit: SandboxEdit): string {
  const current = edit.id === undefined ? undefined : store.child(kind, Number(edit.id));
  if (edit.id !== undefined && !current) throw new Error(`there is no ${edit.record} ${edit.id}`);
  if (edit.remove) {
    if (!current) throw new Error(`remove needs the id of a ${edit.record}`);
    store.removeChild(actor, kind, current.row.Id);
    return String(current.row.Id);
  }
  const parent = current?.parent ?? ownerOf(store, kind, edit);
  const sent = asBody(kind, edit);
  const before = current?.row ?? FORM_DEFAULTS[kind] ?? {};
  const checked = checkChild(store, { kind, body: { ...before, ...sent }, parent, current: current?.row });
  if ('refused' in checked) throw new Error(words(checked.refused));
  const row: Row | undefined = current
    ? store.setChild(actor, kind, current.row.Id, checked.values)
    : store.addChild(actor, kind, parent, checked.values);
  return String(row?.Id);
}

function ownerOf(store: Store, kind: WritableChild, { set }: SandboxEdit): number {
  const column = kind === 'Affiliations' ? 'IndividualConstituent' : 'Constituent';
  const id = Number(set?.[column]);
  if (!store.columns(id))
    throw new Error(`${column}: there is no constituent ${set?.[column] ?? '(none named)'}`);
  return id;
}

function asBody(kind: WritableChild, { set, record }: SandboxEdit): Values {
  const body: Values = {};
  for (const [name, value] of Object.entries(set ?? {})) {
    if (name === 'Constituent') continue;
    const column = COLUMNS[kind][name];
    if (!column)
      throw new Error(`${name} is not known; a ${record} has: ${Object.keys(COLUMNS[kind]).join(', ')}`);
    const refers = column.is === 'lookup' || column.is === 'entity';
    body[name] = refers && value !== null ? { Id: Number(value) } : value;
  }
  return body;
}

function words({ body }: Reply): string {
  return JSON.stringify(body);
}

/** The web login that uses an e-mail follows it when the person changes it on the web site. */
export function followLogin(store: Store, actor: Actor, constituent: number): void {
  const email = store
    .children('ElectronicAddresses', constituent)
    .find((row) => row.PrimaryIndicator === true);
  const login = store
    .children('WebLogins', constituent)
    .find((row) => idIn(row.Email) === email?.Id && row.Login !== String(email?.Address).trim());
  if (login && email) store.setChild(actor, 'WebLogins', login.Id, { Login: String(email.Address).trim() });
}
