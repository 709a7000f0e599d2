import type { Session } from '../../engine/session.ts';
import { exchange, isSuccess } from './client.ts';
import { type Call, faultFrom, vendorError } from './faults.ts';

/** Whether the mark was set. `because` = the vendor's words, safe to show: what is still open has to be settled first. */
export type PurgeAnswer = { ok: true } | { ok: false; because: string };

/**
 * Marks a constituent to be purged; the organisation's own nightly job does it. Warnings (open transactions, an
 * order for a performance to come) refuse it unless they are ignored. Any other trouble is a fault.
 */
export function schedulePurge(
  session: Session,
  constituentId: string,
  options: { ignoreWarnings?: boolean } = {},
): Promise<PurgeAnswer> {
  return mark(session, constituentId, 'Schedule', { IgnoreWarnings: options.ignoreWarnings ?? false });
}

/** Takes the mark away again; refused once the purge has been carried out. */
export function unschedulePurge(session: Session, constituentId: string): Promise<PurgeAnswer> {
  return mark(session, constituentId, 'Unschedule', undefined);
}

async function mark(
  session: Session,
  constituentId: string,
  step: 'Schedule' | 'Unschedule',
  body: unknown,
): Promise<PurgeAnswer> {
  const asked: Call = {
    operation: `purge.${step.toLowerCase()}`,
    method: 'POST',
    resource: 'CRM/Constituents',
    effect: 'write',
  };
  const path = `CRM/Constituents/${encodeURIComponent(constituentId)}/Purge/${step}`;
  const response = await exchange(session, { ...asked, path, ...(body === undefined ? {} : { body }) });
  if (isSuccess(response.status)) return { ok: true };
  if (response.status !== 400) throw faultFrom(asked, response);
  return { ok: false, because: vendorError(response.body).words };
}
