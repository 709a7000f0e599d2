import type { Row } from './sandbox-people.ts';
import { missingParameter, ok, type Reply } from './sandbox-reply.ts';
import { idIn } from './sandbox-row-values.ts';
import type { Store } from './sandbox-store.ts';

/** All affiliations of a constituent, as an individual or as a group, ended ones too. */
function affiliationsOf(store: Store, id: number): readonly Row[] {
  return [...store.children('Affiliations', id), ...store.membersOf(id)];
}

/** The other ends of a constituent's primary affiliations: the household of a person, the people of a household. */
export function affiliates(store: Store, id: number): number[] {
  const current = affiliationsOf(store, id).filter(isCurrentPrimary);
  return current.map((row) =>
    idIn(idIn(row.GroupConstituent) === id ? row.IndividualConstituent : row.GroupConstituent),
  );
}

function isCurrentPrimary(row: Row): boolean {
  return row.PrimaryIndicator === true && row.Inactive !== true;
}

/** GET CRM/Affiliations: of an individual, of a group, or between the two; ended and inactive ones are among them. */
export function searchAffiliations(store: Store, query: URLSearchParams): Reply {
  const [member, group] = [query.get('individualConstituentId'), query.get('groupConstituentId')];
  if (member === null && group === null) return missingParameter;
  const rows =
    member === null ? store.membersOf(Number(group)) : store.children('Affiliations', Number(member));
  const found = rows.filter((row) => group === null || idIn(row.GroupConstituent) === Number(group));
  const primaryOnly = query.get('primaryOnly')?.toLowerCase() === 'true';
  const shown = primaryOnly ? found.filter((row) => row.PrimaryIndicator === true) : found;
  return ok(shown.filter((row) => isActiveIn(row, query)).map((row) => withNames(store, row)));
}

/** Active on some day of the window. */
function isActiveIn({ StartDate, EndDate }: Row, query: URLSearchParams): boolean {
  const [from, to] = [query.get('startActiveDate'), query.get('endActiveDate')];
  const began = typeof StartDate === 'string' ? Date.parse(StartDate) : Number.NEGATIVE_INFINITY;
  const ended = typeof EndDate === 'string' ? Date.parse(EndDate) : Number.POSITIVE_INFINITY;
  return (to === null || began <= Date.parse(to)) && (from === null || ended >= Date.parse(from));
}

export function withNames(store: Store, row: Row) {
  const [member, group] = [
    store.columns(idIn(row.IndividualConstituent)),
    store.columns(idIn(row.GroupConstituent)),
  ];
  return {
    ...row,
    ...(member ? { IndividualConstituentName: member.DisplayName } : {}),
    ...(group ? { GroupConstituentName: group.DisplayName } : {}),
  };
}
