import type { Constituent, Membership } from '../../shared/connectors/tessitura/schema.ts';
import type { Fields } from '../../shared/engine/fields.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { textOrNull } from '../../shared/values/name.ts';
import { dayOf, endOfDay, momentOf } from './moments.ts';
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

type Affiliation = NonNullable<Constituent['Affiliations']>[number];
type Status = 'active' | 'lapsing' | 'lapsed';

/** One term on the time line. Absent dates are the beginning and the end of time. */
interface Term {
  row: Membership;
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

/** The membership of a patron at a moment; all fields null and status `none` without any. */
export function membershipAt(patron: Constituent, site: Site, now: Millis): Fields {
  if (!patron.Memberships) return {};
  const holders = holdersAt(patron, now);
  const terms = termsOf(patron, site).filter((term) => holders.has(term.holder));
  const [first] = terms
    .filter((term) => term.starts <= now)
    .map((term) => ({ ...term, status: statusAt(term, terms, now), own: term.holder === patron.Id }))
    .sort(byPrecedence);
  return first ? fieldsOf(first, first.status, patron) : NO_MEMBERSHIP;
}

/** Every moment at which `membershipAt` may come out different. */
export function membershipMoments(patron: Constituent, site: Site): Millis[] {
  if (!patron.Memberships) return [];
  return [
    ...termsOf(patron, site).flatMap(({ starts, lapsing, lapses }) => [starts, lapsing, lapses]),
    ...(patron.Affiliations ?? []).flatMap((each) => [...spanOf(each, patron.timeZone)]),
  ];
}

const NO_MEMBERSHIP: Fields = {
  ...Object.fromEntries(membershipFields.map((name) => [name, null])),
  tessitura_membership_status: 'none',
};

function fieldsOf({ row, holder }: Term, status: Status, { Id, timeZone }: Constituent): Fields {
  const [began, since] = [row.InitiationDate, row.InceptionDate ?? row.InitiationDate].map((stamp) =>
    dateOf(stamp, timeZone),
  );
  const provider = row.BenefitProvidingConstituentId ?? Id;
  return {
    tessitura_membership_org: textOrNull(row.MembershipLevel.MembershipOrganization.Description),
    tessitura_membership_level: textOrNull(row.MembershipLevel.Description),
    tessitura_membership_status: status,
    tessitura_membership_since: since ?? null,
    tessitura_membership_expires: dateOf(row.ExpirationDate, timeZone),
    tessitura_membership_renewed: began && since && began > since ? began : null,
    tessitura_membership_via_household: String(holder !== Id || provider !== Id),
  };
}

function termsOf({ Memberships, Id, timeZone }: Constituent, site: Site): Term[] {
  const early = site.lapsingDays * DAY;
  const rows = (Memberships ?? []).filter((row) => !site.pendingMembership.test(wordOf(row)));
  return rows.map((row) => {
    const expires = momentOf(row.ExpirationDate, timeZone);
    const over = expires === undefined ? Number.POSITIVE_INFINITY : endOfDay(expires, timeZone);
    const starts = momentOf(row.InitiationDate, timeZone) ?? Number.NEGATIVE_INFINITY;
    const renewal = momentOf(row.RenewalDate, timeZone) ?? Number.NEGATIVE_INFINITY;
    return {
      row,
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
  return now < term.lapsing || isRenewed(term, all, now) ? 'active' : 'lapsing';
}

/** The next term is already there, and begins before this one is over. */
function isRenewed(term: Term, all: readonly Term[], now: Millis): boolean {
  const org = term.row.MembershipLevel.MembershipOrganization.Id;
  return all.some(
    (next) =>
      next.holder === term.holder &&
      next.row.MembershipLevel.MembershipOrganization.Id === org &&
      !next.ended &&
      next.starts > now &&
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

/** Whose memberships a patron has: the patron's own and those of the primary household at that moment. */
function holdersAt({ Id, Affiliations, timeZone }: Constituent, now: Millis): ReadonlySet<number> {
  const households = (Affiliations ?? []).filter((each) => {
    const [from, until] = spanOf(each, timeZone);
    const mine = each.IndividualConstituent.Id === Id && each.PrimaryIndicator && !each.Inactive;
    return mine && from <= now && now < until;
  });
  return new Set([Id, ...households.map((each) => each.GroupConstituent.Id)]);
}

function spanOf(each: Affiliation, zone: string): [Millis, Millis] {
  const [start, end] = [momentOf(each.StartDate, zone), momentOf(each.EndDate, zone)];
  return [
    start ?? Number.NEGATIVE_INFINITY,
    end === undefined ? Number.POSITIVE_INFINITY : endOfDay(end, zone),
  ];
}

function dateOf(stamp: string | null | undefined, zone: string): string | null {
  const moment = momentOf(stamp, zone);
  return moment === undefined ? null : dayOf(moment, zone);
}

function wordOf(row: Membership): string {
  return row.CurrentStatus.Description ?? '';
}
