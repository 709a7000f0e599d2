import type { Fields } from '../../engine/fields.ts';
import type { Write, WriteResult } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { call, callForNothing } from './client.ts';
import { eventBody, momentIn } from './event-fields.ts';
import { MarketingBatchSchema, MarketingEventSchema } from './marketing-schema.ts';
import { recordFailure } from './record-faults.ts';

/** How our events are named. */
export interface EventKey {
  externalAccountId: string;
  prefix: string;
  organizer: string;
}

/** Up to 100 at once; an event that is there already is changed. A refusal that names none is thrown. */
export async function createEvents(
  session: Session,
  writes: readonly Write[],
  key: EventKey,
): Promise<Map<string, WriteResult>> {
  const inputs = writes.map(({ ref, fields }) => {
    const { externalAccountId, prefix, organizer: eventOrganizer } = key;
    return { eventOrganizer, ...eventBody(fields), externalAccountId, externalEventId: prefix + ref };
  });
  const request = {
    operation: 'marketing-events.upsert',
    effect: 'write',
    method: 'POST',
    area: 'marketing-events',
    path: '/events/upsert',
    body: { inputs },
  } as const;
  const { errors } = await call(session, request, MarketingBatchSchema);
  const results = new Map<string, WriteResult>();
  for (const { ref } of writes) results.set(ref, { ok: true, targetId: key.prefix + ref, created: true });
  for (const error of errors ?? []) {
    const named = [error.context?.externalEventId].flat();
    const hit = writes.filter(({ ref }) => writes.length === 1 || named.includes(key.prefix + ref));
    const failure = recordFailure(error, request.operation, []);
    // The call may be repeated in halves, until the event that it is about stands alone.
    if (hit.length === 0 && 'fault' in failure && failure.fault) throw failure.fault;
    for (const { ref } of hit) results.set(ref, failure);
  }
  for (const { ref, fields } of writes)
    if (results.get(ref)?.ok) await conclude(session, key.prefix + ref, fields, key);
  return results;
}

/** Changes what is given and leaves the rest. */
export async function updateEvent(
  session: Session,
  { ref, targetId, fields }: Write,
  key: EventKey,
): Promise<void> {
  const id = targetId ?? key.prefix + ref;
  const body = eventBody(fields);
  if (Object.keys(body).length > 0)
    await call(
      session,
      {
        operation: 'marketing-events.update',
        effect: 'write',
        method: 'PATCH',
        area: 'marketing-events',
        path: pathOf(id, key),
        body,
      },
      MarketingEventSchema,
    );
  await conclude(session, id, fields, key);
}

/** One that is not there is no error. */
export async function removeEvent(session: Session, { ref, targetId }: Write, key: EventKey): Promise<void> {
  await callForNothing(session, {
    operation: 'marketing-events.delete',
    effect: 'write',
    method: 'DELETE',
    area: 'marketing-events',
    path: pathOf(targetId ?? key.prefix + ref, key),
  });
}

/** Cancelled and completed are acts of their own at HubSpot: the second one makes no-shows of who only registered. */
async function conclude(session: Session, id: string, fields: Fields, key: EventKey): Promise<void> {
  const request = { effect: 'write', method: 'POST', area: 'marketing-events' } as const;
  if (fields.cancelled === true) {
    const path = pathOf(id, key, '/cancel');
    await call(session, { ...request, operation: 'marketing-events.cancel', path }, MarketingEventSchema);
  }
  if (fields.completed === true) {
    const path = pathOf(id, key, '/complete');
    const body = await timesOf(session, id, fields, key);
    await call(
      session,
      { ...request, operation: 'marketing-events.complete', path, body },
      MarketingEventSchema,
    );
  }
}

/** HubSpot wants the real times of an event that is over. */
async function timesOf(session: Session, id: string, fields: Fields, key: EventKey) {
  const given = { start: fields.start ?? null, end: fields.end ?? null };
  const request = {
    operation: 'marketing-events.get',
    effect: 'read',
    method: 'GET',
    area: 'marketing-events',
    path: pathOf(id, key),
  } as const;
  const known = given.start && given.end ? undefined : await call(session, request, MarketingEventSchema);
  const start = given.start ?? known?.startDateTime;
  return {
    startDateTime: momentIn('start', start),
    // An event without an end is over when it began, as far as anybody knows.
    endDateTime: momentIn('end', given.end ?? known?.endDateTime ?? start),
  };
}

function pathOf(id: string, { externalAccountId }: EventKey, what = ''): string {
  return `/events/${encodeURIComponent(id)}${what}?${new URLSearchParams({ externalAccountId })}`;
}
