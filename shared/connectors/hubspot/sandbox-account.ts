import type { Context } from 'hono';
import * as z from 'zod';
import { define, type PropertyDefinition } from './sandbox-properties.ts';
import { bodyOf, errorBody, json, notFound, Refusal } from './sandbox-replies.ts';
import type { ObjectStore } from './sandbox-store.ts';
import type { World } from './sandbox-world.ts';

/** Seconds an OAuth access token lives. */
const TOKEN_LIFE = 1_800;

/** The refresh grant; the refresh token stays the same. */
export async function issueToken(world: World, context: Context): Promise<Response> {
  world.count('oauth.token');
  const form = new URLSearchParams(await context.req.text());
  const refuse = (status: string, message: string) =>
    json({ status, message, correlationId: 'sandbox' }, 400);
  if (world.on.has('outage')) return new Response('upstream trouble', { status: 503 });
  if (form.get('grant_type') !== 'refresh_token') return refuse('BAD_GRANT_TYPE', 'unsupported grant_type');
  if (form.get('client_id') !== world.clientId)
    return refuse('BAD_CLIENT_ID', 'missing or unknown client id');
  if (form.get('client_secret') !== world.clientSecret)
    return refuse('BAD_CLIENT_SECRET', 'missing or invalid client secret');
  if (form.get('refresh_token') !== world.refreshToken || world.on.has('token-revoked'))
    return refuse('BAD_REFRESH_TOKEN', 'missing or invalid refresh token');
  const token = `sandbox-oauth-${world.seed.toString(36)}-${world.tokens.size + 1}`;
  world.tokens.set(token, world.now() + TOKEN_LIFE * 1_000);
  const reply = {
    access_token: token,
    refresh_token: world.refreshToken,
    expires_in: TOKEN_LIFE,
    token_type: 'bearer',
  };
  return json(reply);
}

export function accountDetails(world: World): Response {
  return json({
    portalId: world.portalId,
    accountType: 'DEVELOPER_TEST',
    timeZone: world.timeZone,
    companyCurrency: 'USD',
    additionalCurrencies: [],
    utcOffset: '-05:00',
    utcOffsetMilliseconds: -18_000_000,
    uiDomain: 'app.hubspot.com',
    dataHostingLocation: 'na1',
  });
}

const NewPropertySchema = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  label: z.string(),
  groupName: z.string(),
  type: z.enum(['string', 'enumeration', 'number', 'date', 'datetime', 'bool']),
  fieldType: z.string(),
  hasUniqueValue: z.boolean().default(false),
  options: z.array(z.object({ value: z.string() })).default([]),
});

export function listProperties(store: ObjectStore): Response {
  return json({ results: [...store.properties.values()].map(shown) });
}

export function getProperty(store: ObjectStore, context: Context): Response {
  const property = store.properties.get(context.req.param('name') ?? '');
  if (!property) throw notFound();
  return json(shown(property));
}

export async function createProperty(world: World, store: ObjectStore, context: Context): Promise<Response> {
  const { name, label, type, hasUniqueValue, options } = await bodyOf(context, NewPropertySchema);
  if (store.properties.has(name))
    throw new Refusal(409, errorBody(`A property named '${name}' already exists.`, { category: 'CONFLICT' }));
  const property = define(name, { label, type, hasUniqueValue, options: options.map((each) => each.value) });
  store.properties.set(name, property);
  world.changes.count += 1;
  return json(shown(property), 201);
}

/** Somebody at the account deletes a property, or brings it back; its values are not lost. */
export function deleteProperty(store: ObjectStore, name: string, isGone: boolean): void {
  if (isGone) store.properties.delete(name);
  const definition = store.kind.properties().get(name);
  if (!isGone && definition && !store.properties.has(name)) store.properties.set(name, definition);
}

function shown({ readOnly, options, ...property }: PropertyDefinition): Record<string, unknown> {
  return {
    ...property,
    groupName: 'contactinformation',
    fieldType: options.length ? 'select' : 'text',
    description: '',
    options: options.map((value, displayOrder) => ({ label: value, value, displayOrder, hidden: false })),
    modificationMetadata: { readOnlyValue: readOnly, readOnlyDefinition: false, archivable: true },
    formField: false,
  };
}
