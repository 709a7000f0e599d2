import type { Fields } from '../../engine/fields.ts';
import type { History } from '../../engine/history.ts';
import {
  type ConsentField,
  consentHistory,
  consentIn,
  consentProperties,
  consentSources,
} from './consent-fields.ts';
import { versionsOf } from './property-history.ts';
import type { HubspotRecord } from './schema.ts';

/** The properties behind fields: a consent stands in several, every other field is one. */
export function propertiesBehind(names: readonly string[], consents: readonly ConsentField[]): string[] {
  return behind(names, consents, consentProperties);
}

/** The properties whose histories tell those of fields. */
export function historiesBehind(tells: readonly string[], consents: readonly ConsentField[]): string[] {
  return behind(tells, consents, consentSources);
}

function behind(
  names: readonly string[],
  consents: readonly ConsentField[],
  sources: (consent: ConsentField) => string[],
): string[] {
  const all = names.flatMap((name) => {
    const consent = consents.find((each) => each.field === name);
    return consent ? sources(consent) : [name];
  });
  return [...new Set(all)];
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
