import { membersText } from '../../shared/connectors/hubspot/index.ts';
import type { Member } from '../../shared/connectors/tessitura/index.ts';
import type { MapContext, Mapped } from '../../shared/engine/flow.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import { textOrNull } from '../../shared/values/name.ts';
import { type Home, withoutContact } from './household-people.ts';
import { nextChange } from './moments.ts';
import { postalFields, primaryAddress } from './postal.ts';
import { type Site, usualSite } from './site.ts';

/** The field of a company that stands for its associations with contacts; it is no property of HubSpot. */
export const MEMBERS = 'tessitura_members';

/**
 * Labels of these associations; every other label is marketing's. Not HubSpot's own primary company: a contact has
 * one, and that may be where somebody works.
 */
export const LABELS = ['A1', 'A2', 'Primary household'] as const;

/** Every company property that this flow sets, and who belongs to it; any other is never touched. */
export const householdFields = [
  'name',
  'intertie_record_kind',
  'tessitura_status',
  'address',
  'city',
  'state',
  'zip',
  'country',
  MEMBERS,
] as const;

/**
 * One Tessitura household as a HubSpot company, as of the context's moment. It has no domain, by which HubSpot would
 * take two households for one.
 */
export function mapHousehold(home: Home, { now }: MapContext, site: Site = usualSite): Mapped {
  if (home.ProtectionType != null) return { kind: 'absent', because: 'protected' };
  const membersAt = (moment: Millis) => ({ [MEMBERS]: membersText(membersOf(home, moment, site)) });
  const moments = home.members.flatMap(({ since, until }) =>
    [since, until].filter((each) => each !== undefined),
  );
  const recheckAt = nextChange(moments, now, membersAt);
  const fields = {
    name: householdLabel(home),
    intertie_record_kind: 'household',
    tessitura_status: home.Inactive.Id === 1 ? 'active' : 'inactive',
    ...postalFields(primaryAddress(home.Addresses), site),
    ...membersAt(now),
  };
  return recheckAt === undefined ? { kind: 'present', fields } : { kind: 'present', fields, recheckAt };
}

/** How the console names the household; never logged. */
export function householdLabel(home: Home): string {
  return textOrNull(home.DisplayName) ?? textOrNull(home.LastName) ?? `Household ${home.Id}`;
}

/** Labels by patron. Somebody who is listed twice, as an ended term and the next, has all of them. */
function membersOf(home: Home, now: Millis, site: Site): ReadonlyMap<string, string[]> {
  const members = new Map<string, string[]>();
  for (const member of home.members.filter((each) => belongs(each, home, { now, site })))
    members.set(member.constituentId, [...(members.get(member.constituentId) ?? []), ...labelsOf(member)]);
  return members;
}

function belongs(
  { constituentId, since, until }: Member,
  { people }: Home,
  { now, site }: { now: Millis; site: Site },
): boolean {
  if ((since !== undefined && now < since) || (until !== undefined && until <= now)) return false;
  const person = people.get(constituentId);
  if (!person || withoutContact(person) !== undefined) return false;
  return person.Inactive.Id === 1 && !site.deceased.test(person.NameStatus?.Description ?? '');
}

function labelsOf({ label, primary }: Member): (typeof LABELS)[number][] {
  const place = label === 'member' ? [] : [label];
  return primary ? [...place, 'Primary household'] : place;
}
