import type { Version, Writer } from '../../engine/history.ts';
import type { ValueVersion } from './schema.ts';

/**
 * Sources of a value that are a person's own act. HubSpot publishes no list of them for property histories:
 * - `FORM`: a form that the person sent (its help names forms among the record sources; seen in histories).
 * - `EMAIL`: the unsubscribe link or the preference page of an e-mail (not documented, to be checked with an
 *   unsubscribe in the account). If it is wrong, a person's own yes counts as anybody's, and a no stands.
 */
const BY_PERSON: ReadonlySet<string> = new Set(['FORM', 'EMAIL']);

/**
 * Sources that a write through the API may carry, with the app's id as `sourceId`: `INTEGRATION` is what apps
 * show; `API` and `BATCH_UPDATE` are listed among the record sources for the same.
 */
const BY_API: ReadonlySet<string> = new Set(['INTEGRATION', 'API', 'BATCH_UPDATE']);

/** Who wrote a value; `appId` is ours. */
export function writerOf(version: ValueVersion, appId: number): Writer {
  const source = version.sourceType ?? '';
  if (BY_API.has(source) && version.sourceId === String(appId)) return 'us';
  // A colleague who answers a form or a mail for somebody is named here.
  const colleague = typeof version.updatedByUserId === 'number';
  return BY_PERSON.has(source) && !colleague ? 'person' : 'other';
}

/** HubSpot tells the newest first. */
export function versionsOf(told: readonly ValueVersion[], appId: number): Version[] {
  return told
    .map((each) => ({
      value: each.value || null,
      at: Date.parse(each.timestamp),
      by: writerOf(each, appId),
    }))
    .reverse()
    .sort((a, b) => a.at - b.at);
}
