import type { Fields } from '../../engine/fields.ts';
import type { History } from '../../engine/history.ts';
import { BOUNCE_SOURCES, type BounceField, bounceHistory, bounceIn, NO_BOUNCE } from './bounce-field.ts';
import {
  type ConsentField,
  consentHistory,
  consentIn,
  consentProperties,
  consentSources,
} from './consent-fields.ts';
import { versionsOf } from './property-history.ts';
import type { HubspotRecord } from './schema.ts';

/** Fields of a contact that are put together from several properties; every other field is one. */
export interface Composed {
  consents: readonly ConsentField[];
  bounce?: BounceField | undefined;
}

/** The properties behind fields. */
export function propertiesBehind(names: readonly string[], composed: Composed): string[] {
  return behind(names, composed, consentProperties);
}

/** The properties whose histories tell those of fields. */
export function historiesBehind(tells: readonly string[], composed: Composed): string[] {
  return behind(tells, composed, consentSources);
}

function behind(
  names: readonly string[],
  { consents, bounce }: Composed,
  sources: (consent: ConsentField) => string[],
): string[] {
  const all = names.flatMap((name) => {
    if (bounce && (name === bounce.field || name === 'email')) return BOUNCE_SOURCES;
    const consent = consents.find((each) => each.field === name);
    return consent ? sources(consent) : [name];
  });
  return [...new Set(all)];
}

/**
 * A property without a value may be null, empty or absent: all mean null. Without the app's id nobody can tell a
 * bounce of this address from one of an earlier one: then there is none.
 */
export function fieldsIn(
  record: HubspotRecord,
  names: readonly string[],
  { consents, bounce, appId }: Partial<Composed> & { appId?: number | undefined } = {},
): Fields {
  const found = bounce && appId !== undefined ? bounceIn(bounce, record, appId) : undefined;
  return Object.fromEntries(
    names.map((name) => {
      if (name === bounce?.field) return [name, found?.bounced ?? NO_BOUNCE];
      if (name === 'email' && found) return [name, found.email];
      const consent = consents?.find((each) => each.field === name);
      return [name, consent ? consentIn(consent, record.properties) : record.properties[name] || null];
    }),
  );
}

/** Who wrote what, of the fields in `tells`; `appId` is ours. */
export function historyIn(
  record: HubspotRecord,
  { tells, consents, bounce, appId }: Composed & { tells: readonly string[]; appId: number },
): History {
  return Object.fromEntries(
    tells.map((name) => {
      if (name === bounce?.field) return [name, bounceHistory(bounce, record, { appId, of: 'bounced' })];
      if (name === 'email' && bounce) return [name, bounceHistory(bounce, record, { appId, of: 'email' })];
      const consent = consents.find((each) => each.field === name);
      if (consent) return [name, consentHistory(consent, record, appId)];
      return [name, versionsOf(record.propertiesWithHistory?.[name] ?? [], appId)];
    }),
  );
}
