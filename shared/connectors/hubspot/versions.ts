import type { ApiVersion } from './schema.ts';

/** Types of CRM records that this connector reads and writes, by their name in paths. */
export type ObjectType = 'contacts' | 'companies';

/** Parts of HubSpot's API that are versioned on their own. */
export type Area =
  | ObjectType
  | 'properties'
  | 'oauth'
  | 'account'
  | 'associations'
  | 'preferences'
  | 'marketing-events';

/** The only place that knows where a version stands in a path: HubSpot moved it when versions became dates. */
export function pathOf(area: Area, version: ApiVersion): string {
  const dated = version !== 'v3';
  switch (area) {
    case 'contacts':
    case 'companies':
      return dated ? `/crm/objects/${version}/${area}` : `/crm/v3/objects/${area}`;
    case 'properties':
      return dated ? `/crm/properties/${version}/contacts` : '/crm/v3/properties/contacts';
    case 'oauth':
      return `/oauth/${version}/token`;
    case 'account':
      return `/account-info/${version}/details`;
    case 'associations':
      // Labels came with v4, statuses of a channel too: v3 has neither.
      return dated ? `/crm/associations/${version}` : '/crm/v4/associations';
    case 'preferences':
      return `/communication-preferences/${dated ? version : 'v4'}`;
    case 'marketing-events':
      return dated ? `/marketing/marketing-events/${version}` : '/marketing/v3/marketing-events';
  }
}

/**
 * The day from which HubSpot no longer supports a version: 18 months after the general availability of a
 * dated one (30 March and 8 September 2026); for v3 the changelog names September 2027 and no day.
 */
export const SUNSETS = {
  v3: '2027-09-01',
  '2026-03': '2027-09-30',
  '2026-09': '2028-03-08',
} as const satisfies Record<ApiVersion, string>;

/** Whole days until a version's support ends; negative when it has ended. */
export function daysOfSupport(version: ApiVersion, now: number): number {
  return Math.floor((Date.parse(`${SUNSETS[version]}T00:00:00Z`) - now) / 86_400_000);
}
