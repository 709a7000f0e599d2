import type * as z from 'zod';
import { emailKey } from './email-key.ts';
import {
  type ConstituentColumns,
  type Detail,
  type EmailSharer,
  isIndividual,
  primaryEmail,
} from './schema.ts';
import type { SharedAddress } from './wire.ts';

/** One person as far as sharing goes; `refuses` = has answered no to e-mail. */
export interface Known {
  columns: z.infer<typeof ConstituentColumns>;
  refuses: boolean;
}

/** What is known of everybody who has one of some e-mails. */
export interface Sharing {
  people: ReadonlyMap<number, Known>;
  /** NameIndicator in the primary household. */
  nameIndicators: ReadonlyMap<number, number>;
  /** By e-mail key: whose web login it is. */
  logins: ReadonlyMap<string, ReadonlySet<number>>;
}

/**
 * The record first, whatever the lookup found: it certainly has the address. If it is beyond the cap on
 * sharers, neither its login nor its place in a household counts.
 */
export function sharersOf(detail: Detail, rows: readonly SharedAddress[], sharing: Sharing): EmailSharer[] {
  const email = primaryEmail(detail);
  if (email === undefined) return [];
  const logins = sharing.logins.get(emailKey(email));
  const others = constituentIds(rows).filter((id) => id !== detail.Id);
  return [detail.Id, ...others].flatMap((id) => {
    const person = sharing.people.get(id);
    if (!person) return [];
    const mine = rows.filter((row) => row.Constituent?.Id === id);
    const listed = mine.length > 0;
    const nameIndicator = listed ? sharing.nameIndicators.get(id) : undefined;
    return {
      constituentId: String(id),
      individual: isIndividual(person.columns),
      primary: id === detail.Id || mine.some((row) => row.PrimaryIndicator),
      hasLogin: listed && (logins?.has(id) ?? false),
      inactive: person.columns.Inactive.Id !== 1,
      protected: person.columns.ProtectionType != null,
      denied: person.refuses || mine.some((row) => !row.AllowMarketing),
      nameStatus: person.columns.NameStatus?.Description,
      ...(nameIndicator === undefined ? {} : { nameIndicator }),
    };
  });
}

/** Ascending, each once. */
export function constituentIds(rows: readonly SharedAddress[]): number[] {
  const ids = rows.flatMap((row) => (row.Constituent ? [row.Constituent.Id] : []));
  return [...new Set(ids)].sort((a, b) => a - b);
}
