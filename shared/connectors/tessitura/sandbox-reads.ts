import { affiliates, searchAffiliations, withNames } from './sandbox-affiliations.ts';
import type { ChildKind } from './sandbox-children.ts';
import { groupOf } from './sandbox-naming.ts';
import type { Row } from './sandbox-people.ts';
import { missingParameter, notFound, ok, type Reply, type Request } from './sandbox-reply.ts';
import { idIn } from './sandbox-row-values.ts';
import type { Store } from './sandbox-store.ts';

/** Child resources by the last part of their address, in lower case. */
export const CHILD_RESOURCES: Readonly<Record<string, ChildKind>> = {
  addresses: 'Addresses',
  electronicaddresses: 'ElectronicAddresses',
  phones: 'PhoneNumbers',
  salutations: 'Salutations',
  contactpermissions: 'ContactPermissions',
  weblogins: 'WebLogins',
  affiliations: 'Affiliations',
};

/** GET CRM/Constituents and below. */
export function readConstituents(store: Store, { path, query }: Request): Reply {
  const [, , key, view] = path;
  if (key === undefined) {
    const ids = query.get('constituentIds');
    if (ids === null) return missingParameter;
    return ok(ids.split(',').flatMap((id) => store.columns(Number(id)) ?? []));
  }
  if (key.toLowerCase() === 'primaryhousehold') return primaryHousehold(store, query.get('constituentId'));
  const columns = store.columns(Number(key));
  if (!columns) return notFound('Constituent');
  if (view === undefined) return ok(columns);
  if (view.toLowerCase() === 'detail') return ok(detailOf(store, columns));
  return view.toLowerCase() === 'snapshot' ? ok(snapshotOf(store, columns)) : notFound('Resource');
}

function primaryHousehold(store: Store, constituentId: string | null): Reply {
  if (constituentId === null) return missingParameter;
  const groups = affiliates(store, Number(constituentId)).flatMap((id) => store.columns(id) ?? []);
  const household = groups.find((columns) => groupOf(columns) === 'Household');
  return household ? ok(detailOf(store, household)) : notFound('Household');
}

export function detailOf(store: Store, columns: Row) {
  return {
    ...columns,
    Addresses: store.children('Addresses', columns.Id),
    ElectronicAddresses: store.children('ElectronicAddresses', columns.Id),
    Salutations: store.children('Salutations', columns.Id),
    PhoneNumbers: store.children('PhoneNumbers', columns.Id),
  };
}

/** The primary one of each, and who belongs together. */
export function snapshotOf(store: Store, columns: Row) {
  const primary = (kind: ChildKind, mark: string) =>
    store.children(kind, columns.Id).find((row) => row[mark] === true && row.Inactive !== true);
  return {
    ...columns,
    Address: primary('Addresses', 'PrimaryIndicator'),
    ElectronicAddress: primary('ElectronicAddresses', 'PrimaryIndicator'),
    Salutation: primary('Salutations', 'DefaultIndicator'),
    PrimaryPhoneNumbers: store.children('PhoneNumbers', columns.Id),
    Affiliates: affiliates(store, columns.Id).map((RelatedConstituentId) => ({
      ConstituentId: columns.Id,
      RelatedConstituentId,
    })),
  };
}

/** GET of a child resource: by id, by constituent, or one of the searches that it has. */
export function readChildren(store: Store, kind: ChildKind, { path, query }: Request): Reply {
  const [, , key, view] = path;
  if (key?.toLowerCase() === 'search' && kind === 'WebLogins') return searchLogins(store, query);
  if (key !== undefined) {
    const found = store.child(kind, Number(key));
    if (!found) return notFound(kind);
    if (view?.toLowerCase() === 'isattachedtologin') return ok(isAttached(store, found));
    return ok(kind === 'Affiliations' ? withNames(store, found.row) : found.row);
  }
  if (kind === 'ElectronicAddresses') return electronicAddresses(store, query);
  if (kind === 'Affiliations') return searchAffiliations(store, query);
  const id = query.get('constituentId');
  return id === null ? missingParameter : ok(filtered(store.children(kind, Number(id)), query));
}

function filtered(rows: readonly Row[], query: URLSearchParams): readonly Row[] {
  const primaryOnly = query.get('primaryOnly')?.toLowerCase() === 'true';
  return primaryOnly ? rows.filter((row) => row.PrimaryIndicator === true) : rows;
}

function electronicAddresses(store: Store, query: URLSearchParams): Reply {
  const [ids, address] = [query.get('constituentIds'), query.get('address')];
  if (address !== null) {
    const wanted = address.trimEnd().toLowerCase();
    const rows = store.idsWithEmail(address).flatMap((id) => store.children('ElectronicAddresses', id));
    return ok(
      filtered(
        rows.filter((row) => String(row.Address).trimEnd().toLowerCase() === wanted),
        query,
      ),
    );
  }
  if (ids === null) return missingParameter;
  return ok(
    filtered(
      ids.split(',').flatMap((id) => store.children('ElectronicAddresses', Number(id))),
      query,
    ),
  );
}

function searchLogins(store: Store, query: URLSearchParams): Reply {
  const [address, type] = [query.get('emailAddress'), query.get('loginTypeId')];
  if (address === null || type === null) return missingParameter;
  const logins = store.idsWithEmail(address).flatMap((id) => store.children('WebLogins', id));
  const wanted = address.trim().toLowerCase();
  return ok(logins.filter((row) => Number(type) === 1 && String(row.Login).trim().toLowerCase() === wanted));
}

function isAttached(store: Store, { parent, row }: { parent: number; row: Row }) {
  const logins = store.children('WebLogins', parent);
  return {
    IsAttachedToLogin: logins.some((login) => idIn(login.Email) === row.Id && login.Inactive !== true),
  };
}
