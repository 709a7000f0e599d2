import type { Context } from 'hono';
import * as z from 'zod';
import type { EventKey, MarketingEvent } from './sandbox-marketing-events.ts';
import { countsOf } from './sandbox-participations.ts';
import { bodyOf, errorBody, json, notFound, Refusal, validation } from './sandbox-replies.ts';
import { appOf, type World } from './sandbox-world.ts';

const Instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)));
const FieldsSchema = z.object({
  eventName: z.string().min(1).optional(),
  eventOrganizer: z.string().min(1).optional(),
  eventType: z.string().optional(),
  eventDescription: z.string().optional(),
  eventUrl: z.string().optional(),
  startDateTime: Instant.optional(),
  endDateTime: Instant.optional(),
  customProperties: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  eventCancelled: z.boolean().optional(),
  eventCompleted: z.boolean().optional(),
});
const EventSchema = FieldsSchema.extend({
  externalAccountId: z.string().min(1),
  externalEventId: z.string().min(1),
  eventName: z.string().min(1),
  eventOrganizer: z.string().min(1),
});
const UpsertSchema = z.object({ inputs: z.array(EventSchema).max(100) });
const CompleteSchema = z.object({ startDateTime: Instant, endDateTime: Instant });
type Fields = z.infer<typeof FieldsSchema>;

/** Creates or changes up to 100 events of this app. */
export async function upsertEvents(world: World, context: Context): Promise<Response> {
  const { inputs } = await bodyOf(context, UpsertSchema);
  const { id: appId } = appOf(world, context.req.header('authorization'));
  const results = inputs.map(({ externalAccountId, externalEventId, ...fields }) =>
    shown(put(world, { appId, externalAccountId, externalEventId }, fields)),
  );
  const at = new Date(world.now()).toISOString();
  return json({ status: 'COMPLETE', results, startedAt: at, completedAt: at });
}

/** One event, new or changed; a body that names another one than the path is refused. */
export async function putEvent(world: World, context: Context): Promise<Response> {
  const { externalAccountId, externalEventId, ...fields } = await bodyOf(context, EventSchema);
  const named = context.req.param('event') ?? externalEventId;
  if (named !== externalEventId) throw validation(`The path names ${named}, the body ${externalEventId}`);
  const { id: appId } = appOf(world, context.req.header('authorization'));
  return json(shown(put(world, { appId, externalAccountId, externalEventId }, fields)));
}

/** By the app's own ids: the events of other apps are not found. */
export function getEvent(world: World, context: Context): Response {
  return json(withCounts(eventOf(world, context)));
}

/** The events of all apps, page by page, with the app that made each. */
export function listEvents(world: World, context: Context): Response {
  const limit = Number(context.req.query('limit') ?? 10);
  if (!(limit >= 1 && limit <= 100)) throw validation('limit must be between 1 and 100');
  const start = Number(context.req.query('after') ?? 0);
  const all = [...world.marketing.all];
  const results = all.slice(start, start + limit).map((event) => ({
    ...withCounts(event),
    appInfo: { id: String(event.appId), name: 'An app' },
  }));
  const after = String(start + limit);
  return json({
    results,
    ...(start + limit < all.length && { paging: { next: { after, link: '' } } }),
  });
}

/** By HubSpot's id, whosever it is. */
export function getByObjectId(world: World, context: Context): Response {
  return json(withCounts(eventByObjectId(world, context)));
}

/** Sets the fields that are given. */
export async function patchEvent(world: World, context: Context): Promise<Response> {
  const fields = await bodyOf(context, FieldsSchema);
  return json(shown(put(world, eventOf(world, context), fields)));
}

/** By HubSpot's id; refused to every app but the one that made it. */
export async function patchByObjectId(world: World, context: Context): Promise<Response> {
  const event = eventByObjectId(world, context);
  if (event.appId !== appOf(world, context.req.header('authorization')).id)
    throw new Refusal(
      403,
      errorBody('This marketing event was created by another app', { category: 'FORBIDDEN' }),
    );
  return json(shown(put(world, event, await bodyOf(context, FieldsSchema))));
}

/** It took place: who had registered and did not come is a no-show from now on. */
export async function completeEvent(world: World, context: Context): Promise<Response> {
  const event = eventOf(world, context);
  const fields = await bodyOf(context, CompleteSchema);
  return json(shown(world.marketing.put(event, { fields, completed: true })));
}

/** It does not take place. */
export function cancelEvent(world: World, context: Context): Response {
  return json(shown(world.marketing.put(eventOf(world, context), { cancelled: true })));
}

/** Deleting what is not there succeeds. */
export function deleteEvent(world: World, context: Context): Response {
  world.marketing.remove(keyOf(world, context));
  return new Response(null, { status: 204 });
}

/** The event that the path and the app mean. */
export function eventOf(world: World, context: Context): MarketingEvent {
  const event = world.marketing.get(keyOf(world, context));
  if (!event) throw notFound();
  return event;
}

/** The event that HubSpot's own id in the path means. */
export function eventByObjectId(world: World, context: Context): MarketingEvent {
  const event = world.marketing.byObjectId(context.req.param('objectId') ?? '');
  if (!event) throw notFound();
  return event;
}

/** `externalAccountId` is a part of the path in some calls and of the query in others. */
function keyOf(world: World, context: Context): EventKey {
  const externalAccountId = context.req.param('account') ?? context.req.query('externalAccountId');
  if (externalAccountId === undefined) throw validation('externalAccountId is required');
  const { id: appId } = appOf(world, context.req.header('authorization'));
  return { appId, externalAccountId, externalEventId: context.req.param('event') ?? '' };
}

function put(
  world: World,
  key: EventKey,
  { eventCancelled, eventCompleted, ...fields }: Fields,
): MarketingEvent {
  return world.marketing.put(
    { appId: key.appId, externalAccountId: key.externalAccountId, externalEventId: key.externalEventId },
    {
      fields,
      ...(eventCancelled !== undefined && { cancelled: eventCancelled }),
      ...(eventCompleted !== undefined && { completed: eventCompleted }),
    },
  );
}

function shown(event: MarketingEvent): Record<string, unknown> {
  return {
    id: event.objectId,
    objectId: event.objectId,
    customProperties: [],
    ...event.fields,
    eventCancelled: event.cancelled,
    eventCompleted: event.completed,
    createdAt: new Date(event.created).toISOString(),
    updatedAt: new Date(event.updated).toISOString(),
  };
}

function withCounts(event: MarketingEvent): Record<string, unknown> {
  const { registered, attended, cancelled, noShows } = countsOf(event);
  const counts = { registrants: registered, attendees: attended, cancellations: cancelled, noShows };
  return { ...shown(event), externalEventId: event.externalEventId, ...counts };
}
