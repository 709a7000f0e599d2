import type { Context } from 'hono';
import {
  listDefinitions,
  readGlobal,
  readLegacy,
  readStatuses,
  writeGlobal,
  writeLegacy,
  writeStatus,
  writeStatuses,
} from './sandbox-consent-routes.ts';
import type { Doors } from './sandbox-doors.ts';
import {
  cancelEvent,
  completeEvent,
  deleteEvent,
  eventByObjectId,
  eventOf,
  getByObjectId,
  getEvent,
  listEvents,
  patchByObjectId,
  patchEvent,
  putEvent,
  upsertEvents,
} from './sandbox-marketing-routes.ts';
import { breakdown, countsOf, recordByEmail, recordByVid } from './sandbox-participations.ts';
import { json } from './sandbox-replies.ts';

/** What people want to be sent. */
export function addConsent(doors: Doors, base: string): void {
  const { world } = doors;
  doors.read('get', `${base}/definitions`, 'subscriptions.definitions', (context) =>
    listDefinitions(world, context),
  );
  if (base.endsWith('/v3')) {
    doors.read('get', `${base}/status/email/:email`, 'subscriptions.read', (context) =>
      readLegacy(world, context),
    );
    for (const verb of ['subscribe', 'unsubscribe'])
      doors.write('post', `${base}/${verb}`, 'subscriptions.write', (context) => writeLegacy(world, context));
    return;
  }
  doors.write('post', `${base}/statuses/batch/write`, 'subscriptions.write-batch', (context) =>
    writeStatuses(world, context),
  );
  const one = `${base}/statuses/:email`;
  doors.read('get', one, 'subscriptions.read', (context) => readStatuses(world, context));
  doors.write('post', one, 'subscriptions.write', (context) => writeStatus(world, context));
  doors.read('get', `${one}/unsubscribe-all`, 'subscriptions.read-all', (context) =>
    readGlobal(world, context),
  );
  doors.write('post', `${one}/unsubscribe-all`, 'subscriptions.unsubscribe-all', (context) =>
    writeGlobal(world, context),
  );
}

/** Events and who came to them. */
export function addMarketing(doors: Doors, base: string): void {
  const { world } = doors;
  const one = `${base}/events/:event`;
  doors.write('post', `${base}/events/upsert`, 'marketing-events.upsert', (context) =>
    upsertEvents(world, context),
  );
  doors.write('post', `${base}/events`, 'marketing-events.create', (context) => putEvent(world, context));
  doors.write('put', one, 'marketing-events.upsert', (context) => putEvent(world, context));
  doors.read('get', one, 'marketing-events.get', (context) => getEvent(world, context));
  doors.write('patch', one, 'marketing-events.update', (context) => patchEvent(world, context));
  doors.write('delete', one, 'marketing-events.delete', (context) => deleteEvent(world, context));
  doors.write('post', `${one}/complete`, 'marketing-events.complete', (context) =>
    completeEvent(world, context),
  );
  doors.write('post', `${one}/cancel`, 'marketing-events.cancel', (context) => cancelEvent(world, context));
  for (const path of [base, `${base}/`])
    doors.read('get', path, 'marketing-events.list', (context) => listEvents(world, context));
  addAttendance(doors, base);
  doors.read('get', `${base}/:objectId`, 'marketing-events.get', (context) => getByObjectId(world, context));
  doors.write('patch', `${base}/:objectId`, 'marketing-events.update', (context) =>
    patchByObjectId(world, context),
  );
}

function addAttendance(doors: Doors, base: string): void {
  const { world } = doors;
  const attend = `${base}/attendance/:event/:state`;
  doors.write('post', `${attend}/create`, 'attendance.create', (context) =>
    recordByVid(world, context, eventOf(world, context)),
  );
  doors.write('post', `${attend}/email-create`, 'attendance.email-create', (context) =>
    recordByEmail(world, context, eventOf(world, context)),
  );
  const mine = `${base}/participations/:account/:event`;
  const any = `${base}/participations/:objectId`;
  const own = (context: Context) => eventOf(world, context);
  const byId = (context: Context) => eventByObjectId(world, context);
  const contact = `${base}/participations/contacts/:contact/breakdown`;
  doors.read('get', contact, 'participations.of-contact', (context) =>
    breakdown(world, context, world.marketing.all),
  );
  doors.read('get', `${any}/breakdown`, 'participations.read', (context) =>
    breakdown(world, context, [byId(context)]),
  );
  doors.read('get', `${mine}/breakdown`, 'participations.read', (context) =>
    breakdown(world, context, [own(context)]),
  );
  doors.read('get', mine, 'participations.count', (context) => json(countsOf(own(context))));
  doors.read('get', any, 'participations.count', (context) => json(countsOf(byId(context))));
}
