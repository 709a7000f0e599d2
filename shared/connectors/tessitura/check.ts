import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import { scanAuditLog } from './audit-feed.ts';
import { batch, call, secretOf } from './client.ts';
import { MEND } from './faults.ts';
import { localStamp, offsetAt, offsetMinutes } from './local-time.ts';
import { mergedInto, scanByProcedure } from './procedures.ts';
import { StatusSchema } from './wire.ts';

const HOUR = 3_600_000;

/** Proves the sign-in, the right to /Batch, the change feed and the time zone of the secret. */
export async function check(session: Session): Promise<string> {
  const secret = await secretOf(session);
  const health = { operation: 'status', method: 'GET', resource: 'Diagnostics', effect: 'read' } as const;
  const status = await call(session, { ...health, path: 'Diagnostics/Status' }, StatusSchema);
  checkTimeZone(secret.timeZone, status.TimeStamp);
  await batch(session, [{ operation: 'status', resource: 'Diagnostics', path: 'Diagnostics/Status' }]);
  const window = { from: session.now() - HOUR, to: session.now() };
  const byProcedure = secret.changes === 'procedure';
  const { items, next } = await (byProcedure ? scanByProcedure : scanAuditLog)(session, window);
  if (secret.enumerate.by === 'procedure') await mergedInto(session, '1');
  const feed = byProcedure ? 'LP_INTERTIE_CHANGES' : 'the audit log';
  return `Tessitura answers (${status.TimeZone ?? 'no time zone told'}); ${feed} shows ${items.length}${next ? '+' : ''} constituent changes in the last hour`;
}

/** A wrong zone would shift every scan by hours. */
function checkTimeZone(zone: string, timeStamp: string): void {
  const at = Date.parse(timeStamp);
  const told = offsetMinutes(/(Z|[+-]\d{2}:\d{2})$/.exec(timeStamp)?.[0] ?? 'none');
  if (Number.isNaN(at) || told === undefined || told === offsetAt(zone, at)) return;
  throw new Fault('auth-expired', {
    vendor: 'tessitura',
    operation: 'status',
    field: 'timeZone',
    mend: MEND,
    message: `the clock of the service is at ${localStamp(at, told).slice(-6)}, which is not what timeZone "${zone}" in the secret gives; set the time zone of the Tessitura server`,
  });
}
