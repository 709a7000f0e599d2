import type { Constituent } from '../../shared/connectors/tessitura/schema.ts';
import { parseEmail } from '../../shared/values/email.ts';

type Email = Constituent['ElectronicAddresses'][number];

export interface Emails {
  /** Normalised; null when the patron has no primary e-mail in use that can be used. */
  primary: string | null;
  /** Why the primary e-mail cannot be used, if it cannot. */
  problem?: string;
  /** The other usable addresses, in alphabetical order. */
  others: readonly string[];
  /** An e-mail with the primary address says that it is not for marketing. */
  marketingRefused: boolean;
}

export function emailsOf(electronic: readonly Email[]): Emails {
  const inUse = electronic.filter((each) => each.IsEmail && !each.Inactive).sort((a, b) => a.Id - b.Id);
  const first = inUse.find((each) => each.PrimaryIndicator);
  const parsed = first && parseEmail(first.Address);
  const primary = parsed?.ok ? parsed.value : null;
  const emails = {
    primary,
    others: [...new Set(inUse.flatMap(usable))].filter((email) => email !== primary).sort(),
    marketingRefused: inUse.some((each) => !each.AllowMarketing && usable(each)[0] === primary),
  };
  return parsed && !parsed.ok ? { ...emails, problem: parsed.because } : emails;
}

function usable(email: Email): string[] {
  const parsed = parseEmail(email.Address);
  return parsed.ok ? [parsed.value] : [];
}
