import * as z from 'zod';
import type { ChildKind } from './sandbox-children.ts';
import type { Row } from './sandbox-people.ts';
import { missingParameter, notFound, ok, type Reply, type Request } from './sandbox-reply.ts';
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
  const columns = store.columns(Number(key));
  if (!columns) return notFound('Constituent');
  if (view === undefined) return ok(columns);
  if (view.toLowerCase() === 'detail') return ok(detailOf(store, columns));
  return notFound('Resource');
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

/** GET of a child resource: by id, by constituent, or one of the searches that it has. */
export function readChildren(store: Store, kind: ChildKind, { path, query }: Request): Reply {
  const [, , key, view] = path;
  if (key?.toLowerCase() === 'search' && kind === 'WebLogins') return searchLogins(store, query);
  if (key !== undefined) {
    const found = store.child(kind, Number(key));
    if (!found) return notFound(kind);
    return view?.toLowerCase() === 'isattachedtologin' ? ok(isAttached(store, found)) : ok(found.row);
  }
  if (kind === 'ElectronicAddresses') return electronicAddresses(store, query);
  if (kind === 'Affiliations') return affiliations(store, query);
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

/** The other ends of a constituent's primary affiliations: the household of a person, the people of a household. */
export function affiliates(store: Store, id: number): number[] {
  const around = Array.from({ length: 11 }, (_, step) => id + step);
  const rows = around.flatMap((each) => store.children('Affiliations', each));
  const ends = rows.filter((row) => row.PrimaryIndicator === true && row.Inactive !== true).map(endsOf);
  return ends.flatMap(({ group, member }) => (member === id ? [group] : group === id ? [member] : []));
}

function endsOf({ GroupConstituent, IndividualConstituent }: Row) {
  const idOf = (end: unknown) => z.object({ Id: z.int() }).safeParse(end).data?.Id ?? 0;
  return { group: idOf(GroupConstituent), member: idOf(IndividualConstituent) };
}

/** A group's members are within ten ids of it, or were put there by an edit under their own id. */
function affiliations(store: Store, query: URLSearchParams): Reply {
  const [member, group] = [query.get('individualConstituentId'), query.get('groupConstituentId')];
  if (member === null && group === null) return missingParameter;
  const ids =
    member === null ? Array.from({ length: 10 }, (_, step) => Number(group) + step) : [Number(member)];
  const rows = ids.flatMap((id) => store.children('Affiliations', id));
  const inGroup = (row: Row) =>
    group === null || JSON.stringify(row.GroupConstituent) === `{"Id":${Number(group)}}`;
  return ok(filtered(rows.filter(inGroup), query));
}

function searchLogins(store: Store, query: URLSearchParams): Reply {
  const [address, type] = [query.get('emailAddress'), query.get('loginTypeId')];
  if (address === null || type === null) return missingParameter;
  const logins = store.idsWithEmail(address).flatMap((id) => store.children('WebLogins', id));
  const wanted = address.trim().toLowerCase();
  return ok(logins.filter((row) => Number(type) === 1 && String(row.Login).trim().toLowerCase() === wanted));
}

function isAttached(store: Store, { parent, row }: { parent: number; row: Row }) {
  const mine = `{"Id":${row.Id}}`;
  const IsAttachedToLogin = store
    .children('WebLogins', parent)
    .some((login) => JSON.stringify(login.Email) === mine);
  return { IsAttachedToLogin };
}
