import type { Constituent, EmailSharer } from '../../shared/connectors/tessitura/schema.ts';
import type { Emails } from './emails.ts';
import type { Site } from './site.ts';

/** Everybody with this primary e-mail, the patron included, whether or not the reply lists them. */
export function sharersOf(patron: Constituent): readonly EmailSharer[] {
  const id = String(patron.Id);
  if (patron.emailSharers.some((each) => each.constituentId === id)) return patron.emailSharers;
  const alone = { constituentId: id, individual: true, primary: true, hasLogin: false };
  return [...patron.emailSharers, { ...alone, inactive: false, protected: false, denied: false }];
}

/**
 * HubSpot lets one contact hold an address, Tessitura any number of people. The one: of those whose primary
 * e-mail it is, the living before the others, then who signs in with it, then the first of the household, then
 * the oldest record. Every record of the group comes to the same answer.
 */
export function ownerOf(sharers: readonly EmailSharer[], site: Site): string | undefined {
  const [first] = sharers
    .filter((each) => each.individual && each.primary && !each.protected)
    .sort((a, b) => rank(a, site) - rank(b, site) || Number(a.constituentId) - Number(b.constituentId));
  return first?.constituentId;
}

/** Whose contact has the patron's primary e-mail: the patron's own, where nobody else has it. */
export function holderOf(patron: Constituent, { primary }: Emails, site: Site): string {
  const id = String(patron.Id);
  return primary === null ? id : (ownerOf(sharersOf(patron), site) ?? id);
}

/** Does the patron's own contact have an e-mail? */
export function holdsEmail(patron: Constituent, emails: Emails, site: Site): boolean {
  return emails.primary !== null && holderOf(patron, emails, site) === String(patron.Id);
}

/** Ids of the other people whose contacts depend on this one, in a stable order. */
export function otherSharers(patron: Constituent): string[] {
  const people = patron.emailSharers.filter((each) => each.individual).map((each) => each.constituentId);
  return [...new Set(people)].filter((id) => id !== String(patron.Id)).sort((a, b) => Number(a) - Number(b));
}

function rank(sharer: EmailSharer, site: Site): number {
  const ended = sharer.inactive || site.deceased.test(sharer.nameStatus ?? '');
  const isFirst = sharer.nameIndicator === -1;
  return (ended ? 4 : 0) + (sharer.hasLogin ? 0 : 2) + (isFirst ? 0 : 1);
}
