import type { Context } from 'hono';
import * as z from 'zod';
import { type MarketingEvent, type Participation, SUBSCRIBER_STATES } from './sandbox-marketing-events.ts';
import { bodyOf, json, notFound, validation } from './sandbox-replies.ts';
import { actOf } from './sandbox-rules.ts';
import { write } from './sandbox-single.ts';
import type { World } from './sandbox-world.ts';

const InteractionSchema = {
  interactionDateTime: z.number().int(),
  properties: z.record(z.string(), z.string()).optional(),
};
const VidsSchema = z.object({ inputs: z.array(z.object({ vid: z.number().int(), ...InteractionSchema })) });
const EmailsSchema = z.object({
  inputs: z.array(
    z.object({
      email: z.string(),
      contactProperties: z.record(z.string(), z.string()).optional(),
      ...InteractionSchema,
    }),
  ),
});
type Interaction = { interactionDateTime: number; properties?: Record<string, string> | undefined };

/** Of contacts that exist; who does not is left out of the answer, and nobody is created. */
export async function recordByVid(world: World, context: Context, event: MarketingEvent): Promise<Response> {
  const { inputs } = await bodyOf(context, VidsSchema);
  const results = inputs.flatMap(({ vid, ...told }) => {
    const row = world.contacts.get(vid);
    if (!row) return [];
    interact(world, context, event, { contactId: row.id, ...told });
    return [{ vid }];
  });
  return json(complete(world, results));
}

/** By e-mail address: who is not a contact becomes one. */
export async function recordByEmail(
  world: World,
  context: Context,
  event: MarketingEvent,
): Promise<Response> {
  const { inputs } = await bodyOf(context, EmailsSchema);
  const results = inputs.map(({ email, contactProperties = {}, ...told }) => {
    const held = world.contacts.holder('email', email);
    const asked = { row: undefined, properties: { ...contactProperties, email }, act: actOf(world, context) };
    const contactId = held ?? write(world, { store: world.contacts, ...asked }).id;
    interact(world, context, event, { contactId, ...told });
    return { vid: contactId, email };
  });
  return json(complete(world, results));
}

/** How many stand where. */
export function countsOf(event: MarketingEvent) {
  const all = [...event.participations.values()];
  const standing = (state: string) => all.filter((each) => stateOf(event, each) === state).length;
  return {
    registered: all.filter((each) => each.registered).length,
    attended: standing('ATTENDED'),
    cancelled: standing('CANCELLED'),
    noShows: standing('NO_SHOW'),
  };
}

/** A page of who stands where, of one event or of one contact. */
export function breakdown(world: World, context: Context, events: Iterable<MarketingEvent>): Response {
  const { state, contactIdentifier } = context.req.query();
  const who = context.req.param('contact') ?? contactIdentifier;
  const contactId = who === undefined ? undefined : contactOf(world, who);
  const all = [...events].flatMap((event) =>
    [...event.participations.values()]
      .filter((each) => contactId === undefined || each.contactId === contactId)
      .filter((each) => state === undefined || stateOf(event, each) === state)
      .map((each) => ({ event, each })),
  );
  const limit = Number(context.req.query('limit') ?? 10);
  if (!(limit >= 1 && limit <= 100)) throw validation('limit must be between 1 and 100');
  const start = Number(context.req.query('after') ?? 0);
  const results = all.slice(start, start + limit).map(({ event, each }) => shown(world, event, each));
  const after = String(start + limit);
  const paging = start + limit < all.length ? { paging: { next: { after, link: '' } } } : {};
  return json({ total: all.length, results, ...paging });
}

/** After the event, who had registered and neither came nor cancelled. */
function stateOf(event: MarketingEvent, { state }: Participation): string {
  return state === 'REGISTERED' && event.completed ? 'NO_SHOW' : state;
}

function interact(
  world: World,
  context: Context,
  event: MarketingEvent,
  { contactId, interactionDateTime: at, properties = {} }: Interaction & { contactId: number },
): void {
  const state = SUBSCRIBER_STATES[context.req.param('state') ?? ''];
  if (!state) throw validation(`subscriberState must be one of ${Object.keys(SUBSCRIBER_STATES).join(', ')}`);
  const seconds = (instant(properties.leftAt) - instant(properties.joinedAt)) / 1_000;
  const durationSeconds = Number.isNaN(seconds) ? 0 : Math.max(0, Math.floor(seconds));
  world.marketing.interact(event, { contactId, state, at, durationSeconds });
}

/** ISO 8601 or milliseconds since 1970. */
function instant(text: string | undefined): number {
  return text === undefined ? Number.NaN : /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}

function contactOf(world: World, identifier: string): number {
  const id = identifier.includes('@') ? world.contacts.holder('email', identifier) : Number(identifier);
  const row = id === undefined ? undefined : world.contacts.get(id);
  if (!row) throw notFound();
  return row.id;
}

function shown(world: World, event: MarketingEvent, each: Participation): Record<string, unknown> {
  const row = world.contacts.get(each.contactId);
  const values = row ? world.contacts.values(row) : new Map<string, string>();
  const contact = { contactId: String(each.contactId), email: values.get('email') ?? null };
  const { externalAccountId, externalEventId, objectId: marketingEventId } = event;
  return {
    id: `${marketingEventId}-${each.contactId}`,
    createdAt: new Date(each.created).toISOString(),
    associations: {
      contact: {
        ...contact,
        firstname: values.get('firstname') ?? null,
        lastname: values.get('lastname') ?? null,
      },
      marketingEvent: { marketingEventId, externalAccountId, externalEventId, name: event.fields.eventName },
    },
    properties: {
      occurredAt: each.at,
      attendanceState: stateOf(event, each),
      attendanceDurationSeconds: each.durationSeconds,
    },
  };
}

function complete(world: World, results: unknown[]): Record<string, unknown> {
  const at = new Date(world.now()).toISOString();
  return { status: 'COMPLETE', results, startedAt: at, completedAt: at };
}
