import type { Fields } from '../../engine/fields.ts';
import type { History } from '../../engine/history.ts';
import { type ConsentField, consentHistory, consentIn, consentProperties } from './consent-fields.ts';
import { versionsOf } from './property-history.ts';
import type { HubspotRecord } from './schema.ts';

/** The properties behind fields: a consent stands in several, every other field is one. */
export function propertiesBehind(names: readonly string[], consents: readonly ConsentField[]): string[] {
  return [
    ...new Set(
      names.flatMap((name) => {
        const consent = consents.find((each) => each.field === name);
        return consent ? consentProperties(consent) : [name];
      }),
    ),
  ];
}

/** A property without a value may be null, empty or absent: all mean null. */
export function fieldsIn(
  record: HubspotRecord,
  names: readonly string[],
  consents: readonly ConsentField[] = [],
): Fields {
  return Object.fromEntries(
    names.map((name) => {
      const consent = consents.find((each) => each.field === name);
      return [name, consent ? consentIn(consent, record.properties) : record.properties[name] || null];
    }),
  );
}

/** Who wrote what, of the fields in `tells`; `appId` is ours. */
export function historyIn(
  record: HubspotRecord,
  { tells, consents, appId }: { tells: readonly string[]; consents: readonly ConsentField[]; appId: number },
): History {
  return Object.fromEntries(
    tells.map((name) => {
      const consent = consents.find((each) => each.field === name);
      if (consent) return [name, consentHistory(consent, record, appId)];
      return [name, versionsOf(record.propertiesWithHistory?.[name] ?? [], appId)];
    }),
  );
}
