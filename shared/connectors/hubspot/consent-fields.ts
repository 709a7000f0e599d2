import type { FieldValue } from '../../engine/fields.ts';
import type { Version, Writer } from '../../engine/history.ts';
import type { Millis } from '../../engine/ports.ts';
import { versionsOf } from './property-history.ts';
import type { HubspotRecord } from './schema.ts';

/** The legal bases that HubSpot knows (subscriptions API, 2026-09). */
export type LegalBasis =
  | 'LEGITIMATE_INTEREST_PQL'
  | 'LEGITIMATE_INTEREST_CLIENT'
  | 'LEGITIMATE_INTEREST_OTHER'
  | 'PERFORMANCE_OF_CONTRACT'
  | 'CONSENT_WITH_NOTICE'
  | 'NON_GDPR'
  | 'PROCESS_AND_STORE';

/** A field that is no property of the contact but a consent: `granted`, `denied` or null. */
export interface ConsentField {
  /** Its name among the contact's fields. */
  field: string;
  /** The subscription type; without one it is about every e-mail, and a no unsubscribes from all. */
  subscriptionId?: number;
  /** Demanded by accounts that have data privacy switched on. */
  legalBasis?: LegalBasis;
  legalBasisExplanation?: string;
}

const ALL = 'hs_email_optout';

/** The read-only properties in which HubSpot shows a consent; `true` = opted out. */
export function consentProperties({ subscriptionId }: ConsentField): string[] {
  return subscriptionId === undefined ? [ALL] : [ALL, `${ALL}_${subscriptionId}`];
}

/** What the properties come to: a no to everything is a no to each. */
export function consentIn(
  consent: ConsentField,
  properties: Readonly<Record<string, string | null | undefined>>,
): FieldValue {
  const shown = consentProperties(consent).map((name) => properties[name]);
  if (shown.includes('true')) return 'denied';
  return shown.at(-1) === 'false' ? 'granted' : null;
}

/** What a consent's history is put together from: its properties, and the address that they are about. */
export function consentSources(consent: ConsentField): string[] {
  return [...consentProperties(consent), 'email'];
}

/** The opt-outs of a new address show this long after it at the latest (a guess; the two are not one write). */
const FOLLOWS: Millis = 10_000;

/**
 * The consent's own history, put together from those of its properties. Changes of one moment are one act:
 * each shows the consent as it was after all of them. Half a no that is taken back while the other half stands
 * is no new no. A no that goes away because the contact got another address is nobody's yes: it is told as ours,
 * which is nobody's edit, so the no stands without anybody being asked. A yes that comes with an address is
 * not known to be the person's.
 */
export function consentHistory(consent: ConsentField, record: HubspotRecord, appId: number): Version[] {
  const changes = consentProperties(consent)
    .flatMap((name) => {
      const told = record.propertiesWithHistory?.[name] ?? [];
      return versionsOf(told, appId).map((version) => ({ name, ...version }));
    })
    .sort((a, b) => a.at - b.at);
  const moved = addressChanges(record, appId);
  const isMove = (at: Millis) => moved.some((each) => at >= each && at - each <= FOLLOWS);
  const known: Record<string, string | null> = {};
  const history: Version[] = [];
  for (let at = 0; at < changes.length; ) {
    const now = changes[at]?.at ?? 0;
    const act = changes.filter((each) => each.at === now);
    for (const { name, value } of act) known[name] = value === null ? null : String(value);
    const before = history.at(-1)?.value ?? null;
    const after = consentIn(consent, known);
    const news = act.filter((each) => after !== before || each.value === 'true');
    const moves = after !== 'denied' && isMove(now);
    const writer = ({ by }: { by: Writer }) => (moves ? writerOfMove(by, before) : by);
    history.push(...news.map((each) => ({ value: after, at: now, by: writer(each) })));
    at += act.length;
  }
  return history;
}

function writerOfMove(by: Writer, before: FieldValue): Writer {
  if (before === 'denied') return 'us';
  return by === 'person' ? 'other' : by;
}

/** When the contact got another address than it had. */
function addressChanges(record: HubspotRecord, appId: number): Millis[] {
  const emails = versionsOf(record.propertiesWithHistory?.email ?? [], appId);
  return emails.filter(({ value }, n) => n > 0 && emails[n - 1]?.value !== value).map(({ at }) => at);
}
