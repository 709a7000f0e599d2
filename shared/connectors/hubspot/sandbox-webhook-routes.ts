import type { Context, Hono } from 'hono';
import * as z from 'zod';
import { bodyOf, errorBody, json, notFound, Refusal, validation } from './sandbox-replies.ts';
import { NOT_SUBSCRIBABLE, type Subscription } from './sandbox-subscriptions.ts';
import type { World } from './sandbox-world.ts';

const TYPE =
  /^(contact|company)\.(propertyChange|creation|deletion|merge|restore|associationChange|privacyDeletion)$/;
const NewSchema = z.object({
  eventType: z.string().regex(TYPE),
  propertyName: z.string().optional(),
  active: z.boolean().default(false),
});
const PatchSchema = z.object({ active: z.boolean() });
const SettingsSchema = z.object({
  targetUrl: z.url(),
  throttling: z.object({ maxConcurrentRequests: z.number().int().min(6) }),
});

/** Where the app's webhooks go and what they tell. A developer's key opens it (`hapikey`), no account's token. */
export function addWebhookSettings(app: Hono, world: World, base: string): void {
  const { outbox } = world;
  const mine = (handle: (context: Context) => Response | Promise<Response>) => (context: Context) => {
    checkDeveloper(world, context);
    return handle(context);
  };
  app.get(
    `${base}/settings`,
    mine(() => settings(world)),
  );
  app.put(
    `${base}/settings`,
    mine(async (context) => {
      outbox.aim((await bodyOf(context, SettingsSchema)).targetUrl);
      return settings(world);
    }),
  );
  app.delete(
    `${base}/settings`,
    mine(() => {
      outbox.aim(undefined);
      return new Response(null, { status: 204 });
    }),
  );
  app.get(
    `${base}/subscriptions`,
    mine(() => json({ results: outbox.subscriptions.all.map(shown) })),
  );
  app.post(
    `${base}/subscriptions`,
    mine((context) => subscribe(world, context)),
  );
  app.get(
    `${base}/subscriptions/:id`,
    mine((context) => json(shown(found(world, context)))),
  );
  app.patch(
    `${base}/subscriptions/:id`,
    mine(async (context) => {
      const subscription = found(world, context);
      subscription.active = (await bodyOf(context, PatchSchema)).active;
      return json(shown(subscription));
    }),
  );
  app.delete(
    `${base}/subscriptions/:id`,
    mine((context) => {
      outbox.subscriptions.remove(found(world, context).id);
      return new Response(null, { status: 204 });
    }),
  );
}

async function subscribe({ outbox }: World, context: Context): Promise<Response> {
  const { eventType, propertyName, active } = await bodyOf(context, NewSchema);
  const needsProperty = eventType.endsWith('.propertyChange');
  if (needsProperty !== (propertyName !== undefined))
    throw validation('propertyName is required for propertyChange subscriptions, and only for them');
  if (NOT_SUBSCRIBABLE.includes(propertyName ?? ''))
    throw validation(`The property ${propertyName} cannot be subscribed to`);
  const taken = outbox.subscriptions.all.some(
    (each) => each.type === eventType && each.property === propertyName,
  );
  if (taken) throw validation(`There is a subscription to ${eventType} ${propertyName ?? ''} already`);
  return json(shown(outbox.subscriptions.add(eventType, propertyName, active)), 201);
}

function settings({ outbox }: World): Response {
  if (outbox.url === undefined) throw notFound();
  const at = new Date(0).toISOString();
  const throttling = { maxConcurrentRequests: 10 };
  return json({ targetUrl: outbox.url, throttling, createdAt: at, updatedAt: at });
}

function found({ outbox }: World, context: Context): Subscription {
  const subscription = outbox.subscriptions.get(Number(context.req.param('id')));
  if (!subscription) throw notFound();
  return subscription;
}

function checkDeveloper(world: World, context: Context): void {
  if (context.req.query('hapikey') !== world.developerKey)
    throw new Refusal(
      401,
      errorBody('A developer API key is needed', { category: 'INVALID_AUTHENTICATION' }),
    );
  if (context.req.param('appId') !== String(world.app.id)) throw notFound();
}

function shown({ id, type, property, active, created }: Subscription): Record<string, unknown> {
  const createdAt = new Date(created).toISOString();
  const propertyName = property === undefined ? {} : { propertyName: property };
  return { id: String(id), eventType: type, ...propertyName, active, createdAt };
}
