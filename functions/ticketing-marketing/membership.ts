import type { Constituent, Membership } from '../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../shared/engine/fields.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { textOrNull } from '../../shared/values/name.ts';
import { dayOf, EMPTY, endOfDay, momentOf, type Timeline } from './moments.ts';
import type { Site } from './site.ts';

/** Contact properties about the one membership that counts; left alone where memberships are not read. */
export const membershipFields = [
  'tessitura_membership_org',
  'tessitura_membership_level',
  'tessitura_membership_status',
  'tessitura_membership_since',
  'tessitura_membership_expires',
  'tessitura_membership_renewed',
  'tessitura_membership_via_household',
] as const;

type Status = 'active' | 'lapsing' | 'lapsed';

/** One term on the time line. Absent dates are the beginning and the end of time. */
interface Term {
  row: Membership;
  fields: Fields;
  holder: number;
  starts: Millis;
  /** Time to ask for the renewal. */
  lapsing: Millis;
  /** When it is over, days of grace included. */
  lapses: Millis;
  /** The vendor says that it has ended, whatever the dates. */
  ended: boolean;
}

const DAY = 86_400_000;

/** The membership of a patron as time goes by; all fields null and status `none` without any. */
export function membershipOf(patron: Constituent, site: Site): Timeline {
  if (!patron.Memberships) return EMPTY;
  const terms = termsOf(patron, site);
  const households = householdsOf(patron);
  const at = (now: Millis): Fields => {
    const present = households.filter(({ from, until }) => from <= now && now < until);
    const holders = new Set([patron.Id, ...present.map(({ id }) => id)]);
    const held = terms.filter((term) => holders.has(term.holder));
    const [first] = held
      .filter((term) => term.starts <= now)
      .map((term) => ({ ...term, status: statusAt(term, held, now), own: term.holder === patron.Id }))
      .sort(byPrecedence);
    return first ? { ...first.fields, tessitura_membership_status: first.status } : NO_MEMBERSHIP;
  };
  const moments = [
    ...terms.flatMap(({ starts, lapsing, lapses }) => [starts, lapsing, lapses]),
    ...households.flatMap(({ from, until }) => [from, until]),
  ];
  return { at, moments };
}

const NO_MEMBERSHIP: Fields = {
  ...Object.fromEntries(membershipFields.map((name) => [name, null])),
  tessitura_membership_status: 'none',
};

/** All but the status, which changes with time. */
function fieldsOf(row: Membership, { Id, timeZone }: Constituent): Fields {
  const began = dateOf(row.InitiationDate, timeZone);
  const since = dateOf(row.InceptionDate, timeZone) ?? began;
  const elsewhere = [row.Constituent?.Id, row.BenefitProvidingConstituentId].some((id) => (id ?? Id) !== Id);
  return {
    tessitura_membership_org: textOrNull(row.MembershipLevel.MembershipOrganization.Description),
    tessitura_membership_level: textOrNull(row.MembershipLevel.Description),
    tessitura_membership_since: since,
    tessitura_membership_expires: dateOf(row.ExpirationDate, timeZone),
    tessitura_membership_renewed: began && since && began > since ? began : null,
    tessitura_membership_via_household: String(elsewhere),
  };
}

function termsOf(patron: Constituent, site: Site): Term[] {
  const { Memberships, Id, timeZone } = patron;
  const early = site.lapsingDays * DAY;
  const rows = (Memberships ?? []).filter((row) => !site.pendingMembership.test(wordOf(row)));
  return rows.map((row) => {
    const expires = momentOf(row.ExpirationDate, timeZone);
    const over = expires === undefined ? Number.POSITIVE_INFINITY : endOfDay(expires, timeZone);
    const starts = momentOf(row.InitiationDate, timeZone) ?? Number.NEGATIVE_INFINITY;
    const renewal = momentOf(row.RenewalDate, timeZone) ?? Number.NEGATIVE_INFINITY;
    return {
      row,
      fields: fieldsOf(row, patron),
      holder: row.Constituent?.Id ?? Id,
      starts,
      lapsing: renewal > starts && expires !== undefined && renewal < over ? renewal : over - early,
      lapses: Math.max(over, momentOf(row.LapseDate, timeZone) ?? over),
      ended: site.endedMembership.test(wordOf(row)),
    };
  });
}

function statusAt(term: Term, all: readonly Term[], now: Millis): Status {
  if (term.ended || now >= term.lapses) return 'lapsed';
  return now < term.lapsing || isRenewed(term, all) ? 'active' : 'lapsing';
}

/** The next term is already there, and begins before this one is over. */
function isRenewed(term: Term, all: readonly Term[]): boolean {
  const org = term.row.MembershipLevel.MembershipOrganization.Id;
  return all.some(
    (next) =>
      next.holder === term.holder &&
      next.row.MembershipLevel.MembershipOrganization.Id === org &&
      !next.ended &&
      next.starts > term.starts &&
      next.starts <= term.lapses,
  );
}

/**
 * Of several: a current one before a lapsed one. Of current ones the highest level (by the gift at which it
 * begins), then the one that lasts longest; of lapsed ones the last to end, then the highest. Then the
 * patron's own before the household's, then the oldest record.
 */
function byPrecedence(a: Candidate, b: Candidate): number {
  const lapsed = Number(a.status === 'lapsed');
  const first = lapsed - Number(b.status === 'lapsed');
  const higher = levelOf(b) - levelOf(a);
  const longer = descending(a.lapses, b.lapses);
  const rest = Number(b.own) - Number(a.own) || a.row.Id - b.row.Id;
  return first || (lapsed ? longer || higher : higher || longer) || rest;
}

interface Candidate extends Term {
  status: Status;
  own: boolean;
}

function levelOf({ row }: Term): number {
  return row.MembershipLevel.StartAmount ?? 0;
}

/** Subtraction of two endless terms would be no number. */
function descending(a: Millis, b: Millis): number {
  return a === b ? 0 : b > a ? 1 : -1;
}

/** The primary households of a patron, and from when until when: their memberships count as the patron's. */
function householdsOf({
  Id,
  Affiliations,
  timeZone,
}: Constituent): { id: number; from: Millis; until: Millis }[] {
  const mine = (Affiliations ?? []).filter(
    (each) => each.IndividualConstituent.Id === Id && each.PrimaryIndicator && !each.Inactive,
  );
  return mine.map((each) => {
    const [start, end] = [momentOf(each.StartDate, timeZone), momentOf(each.EndDate, timeZone)];
    return {
      id: each.GroupConstituent.Id,
      from: start ?? Number.NEGATIVE_INFINITY,
      until: end === undefined ? Number.POSITIVE_INFINITY : endOfDay(end, timeZone),
    };
  });
}

function dateOf(stamp: string | null | undefined, zone: string): string | null {
  const moment = momentOf(stamp, zone);
  return moment === undefined ? null : dayOf(moment, zone);
}

function wordOf(row: Membership): string {
  return row.CurrentStatus.Description ?? '';
}
