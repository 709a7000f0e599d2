import { emailKey } from './email-key.ts';
import type { ChildKind } from './sandbox-children.ts';
import type { people } from './sandbox-derived.ts';
import { blockOf, emailNumber, type Layout } from './sandbox-layout.ts';
import type { Row } from './sandbox-people.ts';
import { idIn } from './sandbox-row-values.ts';

type ChildrenOf = (kind: ChildKind, id: number) => readonly Row[];

/** Who has a row that refers to something: derived ones by arithmetic, written ones by notes. */
export function sandboxFinds(layout: Layout, derived: ReturnType<typeof people>, children: ChildrenOf) {
  const idsByEmail = new Map<string, Set<number>>();
  const membersByGroup = new Map<number, Set<number>>();
  const buyersByShow = new Map<number, Set<number>>();
  let derivedBuyers: ReadonlyMap<number, readonly number[]> | undefined;
  const ascending = (ids: ReadonlySet<number>) => [...ids].sort((a, b) => a - b);

  return {
    /** Notes where a row that was written can be found, besides under its own constituent. */
    index(kind: ChildKind, row: Row, parent: number): void {
      if (kind === 'ElectronicAddresses') note(idsByEmail, emailKey(String(row.Address)), parent);
      if (kind === 'SubLineItems') note(buyersByShow, idIn(row.Performance), parent);
      if (kind === 'Affiliations') note(membersByGroup, idIn(row.GroupConstituent), parent);
    },
    /** Affiliations with a group: derived ones are within its block of ids. */
    membersOf(group: number): Row[] {
      const candidates = new Set([...blockOf(layout, group), ...(membersByGroup.get(group) ?? [])]);
      const rows = ascending(candidates).flatMap((id) => children('Affiliations', id));
      return rows.filter((row) => idIn(row.GroupConstituent) === group);
    },
    /** Constituents who have or had tickets of a performance. The first question reads everybody's. */
    buyersOf(show: number): number[] {
      derivedBuyers ??= buyersOfAll(layout, derived);
      const candidates = new Set([...(derivedBuyers.get(show) ?? []), ...(buyersByShow.get(show) ?? [])]);
      const bought = (id: number) =>
        children('SubLineItems', id).some((row) => idIn(row.Performance) === show);
      return ascending(candidates).filter(bought);
    },
    /** Constituents with an address that compares equal, active or not. */
    idsWithEmail(address: string): number[] {
      const key = emailKey(address);
      const number = Number(/(\d+)@[^@]*$/.exec(key)?.[1] ?? 0);
      const derivedIds = blockOf(layout, number).filter(
        (id) => id === number || emailNumber(layout, id) === number,
      );
      const candidates = new Set([...derivedIds, ...(idsByEmail.get(key) ?? [])]);
      const has = (id: number) =>
        children('ElectronicAddresses', id).some((row) => emailKey(String(row.Address)) === key);
      return ascending(candidates).filter(has);
    },
  };
}

function note<K>(index: Map<K, Set<number>>, key: K, id: number): void {
  index.set(key, (index.get(key) ?? new Set()).add(id));
}

function buyersOfAll(layout: Layout, derived: ReturnType<typeof people>): Map<number, number[]> {
  const buyers = new Map<number, number[]>();
  for (let id = 1; id <= layout.size; id += 1) {
    const shows = new Set(derived.children('SubLineItems', id).map((row) => idIn(row.Performance)));
    for (const show of shows) {
      const known = buyers.get(show);
      if (known) known.push(id);
      else buyers.set(show, [id]);
    }
  }
  return buyers;
}
