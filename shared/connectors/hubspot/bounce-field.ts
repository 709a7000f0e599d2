import type { FieldValue } from '../../engine/fields.ts';
import type { Version, Writer } from '../../engine/history.ts';
import type { Write } from '../../engine/resource.ts';
import { versionsOf } from './property-history.ts';
import type { HubspotRecord } from './schema.ts';

/** A field that is no property of the contact but says that mail to its e-mail came back for good. */
export interface BounceField {
  /** Its name among the contact's fields: the address, or `none`. */
  field: string;
  /**
   * Values of `hs_email_hard_bounce_reason_enum` by which nobody reads the address any more. HubSpot also calls
   * it a hard bounce when a mailbox is full or a server does not like the sender (its community tells of many
   * addresses that were good after all), and publishes no list of the values.
   */
  reasons: RegExp;
}

/** What the field says of a contact whose mail arrives. */
export const NO_BOUNCE = 'none';

const REASON = 'hs_email_hard_bounce_reason_enum';

/** The read-only property, and the address that it is about. */
export const BOUNCE_SOURCES: readonly string[] = ['email', REASON];

/** The contact's e-mail, and the address that mail came back from, after every change of either. */
interface Standing {
  email: string | null;
  bounced: string;
  /** It is the address that was changed, although perhaps to the same one. */
  isEmail: boolean;
  at: number;
  by: Writer;
}

/**
 * A bounce is about the address that the contact had at that moment, and over once it has another, whether or not
 * HubSpot then empties the property (not documented). An address that nobody reads counts as none.
 */
function standings({ reasons }: BounceField, record: HubspotRecord, appId: number): Standing[] {
  const told = (name: string) => versionsOf(record.propertiesWithHistory?.[name] ?? [], appId);
  const changes = [
    ...told('email').map((each) => ({ ...each, isEmail: true })),
    ...told(REASON).map((each) => ({ ...each, isEmail: false })),
  ].sort((a, b) => a.at - b.at || Number(b.isEmail) - Number(a.isEmail));
  let email: string | null = null;
  return changes.map(({ value, at, by, isEmail }) => {
    if (isEmail) email = text(value);
    const isDead = !isEmail && email !== null && reasons.test(text(value) ?? '');
    const shown = isDead ? { email: null, bounced: email ?? NO_BOUNCE } : { email, bounced: NO_BOUNCE };
    return { ...shown, isEmail, at, by };
  });
}

/** What the contact shows as its `email` and in the field; needs the histories of both. */
export function bounceIn(
  field: BounceField,
  record: HubspotRecord,
  appId: number,
): { email: FieldValue; bounced: string } {
  const last = standings(field, record, appId).at(-1);
  return last && last.bounced !== NO_BOUNCE
    ? { email: null, bounced: last.bounced }
    : { email: text(record.properties.email ?? null), bounced: NO_BOUNCE };
}

/** Who changed `email`, or the field, as `bounceIn` shows them. */
export function bounceHistory(
  field: BounceField,
  record: HubspotRecord,
  { appId, of }: { appId: number; of: 'email' | 'bounced' },
): Version[] {
  const versions: Version[] = [];
  for (const { isEmail, at, by, ...shown } of standings(field, record, appId)) {
    const [value, before] = [shown[of], versions.at(-1)?.value ?? (of === 'email' ? null : NO_BOUNCE)];
    if (value !== before || (of === 'email' && isEmail)) versions.push({ value, at, by });
  }
  return versions;
}

/** Nothing can be written into the field: a bounce ends with the address that it is about. */
export function withoutBounce(write: Write, { field }: BounceField): Write {
  if (!Object.hasOwn(write.fields, field)) return write;
  const { [field]: said, ...fields } = write.fields;
  const ends = write.kind === 'update' && said === NO_BOUNCE && !Object.hasOwn(fields, 'email');
  return { ...write, fields: ends ? { ...fields, email: null } : fields };
}

function text(value: FieldValue): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
