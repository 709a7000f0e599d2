import type { Constituent } from '../../shared/connectors/tessitura/schema.ts';

type Permission = Constituent['ContactPermissions'][number];

/** A consent in the terms of both systems; null = nobody has said either. */
export type Answer = 'granted' | 'denied' | null;

/** Internal values of the HubSpot property `tessitura_email_permission`. */
export type EmailPermission = 'granted' | 'denied' | 'unknown';

/**
 * What the contact permissions `about` something come to. One no is a no, wherever it is written; `refused` = it is
 * written elsewhere too.
 */
export function answerOf(permissions: readonly Permission[], about: RegExp, refused: boolean): Answer {
  const answers = permissions
    .filter(({ Type }) => about.test(Type.Category?.Description ?? Type.Description ?? ''))
    .map(({ Answer: answer }) => answer?.trim().toUpperCase());
  if (refused || answers.includes('N')) return 'denied';
  return answers.includes('Y') ? 'granted' : null;
}
