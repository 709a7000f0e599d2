import { emailKey } from './email-key.ts';
import { CHILD_KINDS, type ChildKind } from './sandbox-children.ts';
import type { Row } from './sandbox-people.ts';
import { idIn } from './sandbox-row-values.ts';
import type { Actor, Store, Values } from './sandbox-store.ts';

/**
 * Two constituents become one: what the loser had moves to the keeper under its own ids, except what the keeper
 * has already; the loser answers 404 from then on. The log shows the loser's row deleted and the keeper's touched.
 */
export function merge(store: Store, actor: Actor, { from, into }: { from: number; into: number }): void {
  if (from === into) throw new Error('MergeInto names the constituent itself');
  for (const kind of CHILD_KINDS) {
    const kept = store.children(kind, into);
    for (const row of store.children(kind, from)) {
      if (!kept.some((each) => same(kind, each, row))) store.moveChild(kind, row, into, under(kind, into));
    }
  }
  store.end(actor, from, into);
  store.setColumns(actor, into, {});
}

/** Columns that name the constituent; nothing that comes over is a primary one. */
function under(kind: ChildKind, into: number): Values {
  const own = { Constituent: { Id: into } };
  switch (kind) {
    case 'SubLineItems':
      return { ...own, Owner: { Id: into } };
    case 'Affiliations':
      return { ...own, IndividualConstituent: { Id: into }, PrimaryIndicator: false };
    case 'Memberships':
      return { ...own, IsDefault: false };
    case 'Salutations':
      return { ...own, DefaultIndicator: false };
    case 'Addresses':
    case 'ElectronicAddresses':
    case 'WebLogins':
      return { ...own, PrimaryIndicator: false };
    case 'PhoneNumbers':
    case 'ContactPermissions':
    case 'Attendance':
      return own;
  }
}

function same(kind: ChildKind, one: Row, other: Row): boolean {
  switch (kind) {
    case 'ElectronicAddresses':
      return emailKey(String(one.Address)) === emailKey(String(other.Address));
    case 'PhoneNumbers':
      return one.PhoneSearch === other.PhoneSearch;
    case 'ContactPermissions':
      return idIn(one.Type) === idIn(other.Type);
    case 'Affiliations':
      return idIn(one.GroupConstituent) === idIn(other.GroupConstituent);
    case 'Addresses':
      return one.Street1 === other.Street1 && one.PostalCode === other.PostalCode;
    case 'Salutations':
    case 'WebLogins':
    case 'Memberships':
    case 'SubLineItems':
    case 'Attendance':
      return false;
  }
}
