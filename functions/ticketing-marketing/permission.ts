import type { Constituent } from '../../shared/connectors/tessitura/schema.ts';
import type { Site } from './site.ts';

type Permission = Constituent['ContactPermissions'][number];

/** Internal values of the HubSpot property `tessitura_email_permission`. */
export type EmailPermission = 'granted' | 'denied' | 'unknown';

/**
 * One no is a no, wherever it is written and whoever of those that share the address said it (`refused`):
 * an inbox cannot tell its readers apart.
 */
export function emailPermission(
  permissions: readonly Permission[],
  refused: boolean,
  site: Site,
): EmailPermission {
  const answers = permissions
    .filter(({ Type }) => site.emailPermission.test(Type.Category?.Description ?? Type.Description ?? ''))
    .map(({ Answer }) => Answer?.trim().toUpperCase());
  if (refused || answers.includes('N')) return 'denied';
  return answers.includes('Y') ? 'granted' : 'unknown';
}
