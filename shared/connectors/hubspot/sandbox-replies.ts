import { hash } from 'node:crypto';
import type { Context } from 'hono';
import type * as z from 'zod';
import type { Problem } from './sandbox-properties.ts';
import type { Row, Values } from './sandbox-store.ts';
import type { World } from './sandbox-world.ts';

/** Ends a request with an error answer of HubSpot's. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  const type = { 'content-type': 'application/json;charset=utf-8' };
  return new Response(JSON.stringify(body), { status, headers: { ...type, ...headers } });
}

/** HubSpot's error body; `more` are the fields of the case. */
export function errorBody(
  message: string,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return { status: 'error', message, correlationId: correlationId(message), ...more };
}

export function validation(message: string): Refusal {
  return new Refusal(400, errorBody(message, { category: 'VALIDATION_ERROR' }));
}

/** A refused value, as HubSpot words it: the details once as JSON in the message, once as a list. */
export function problemBody({ property, code, message }: Problem): Record<string, unknown> {
  const inside = JSON.stringify([{ isValid: false, message, error: code, name: property }]);
  return errorBody(`Property values were not valid: ${inside}`, {
    category: 'VALIDATION_ERROR',
    errors: [{ message, code, context: { propertyName: [property] } }],
  });
}

export function conflictBody(existing: number): Record<string, unknown> {
  return errorBody(`Contact already exists. Existing ID: ${existing}`, { category: 'CONFLICT' });
}

export function notFound(): Refusal {
  return new Refusal(404, errorBody('resource not found', { category: 'OBJECT_NOT_FOUND' }));
}

/** The body as the schema says, or 400. */
export async function bodyOf<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const parsed = parseJson(await context.req.text());
  if (parsed === undefined) throw validation('Invalid input JSON on line 1, column 1');
  const result = schema.safeParse(parsed);
  if (result.success) return result.data;
  throw validation(`Invalid input JSON: ${result.error.issues[0]?.path.join('.') ?? ''}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const DEFAULT_PROPERTIES = [
  'createdate',
  'email',
  'firstname',
  'hs_object_id',
  'lastmodifieddate',
  'lastname',
];

/** A contact as the object endpoints show it: properties without a value are null, unknown ones left out. */
export function recordOf(world: World, row: Row, asked: readonly string[]): Record<string, unknown> {
  const names = asked.length
    ? ['createdate', 'hs_object_id', 'lastmodifieddate', ...asked]
    : DEFAULT_PROPERTIES;
  const values = world.store.values(row);
  const properties: Record<string, string | null> = {};
  for (const name of names) {
    if (world.store.properties.has(name)) properties[name] = propertyOf(row, values, name);
  }
  return {
    id: String(row.id),
    properties,
    createdAt: new Date(row.created).toISOString(),
    updatedAt: new Date(row.updated).toISOString(),
    archived: false,
  };
}

export function propertyOf(row: Row, values: Values, name: string): string | null {
  switch (name) {
    case 'hs_object_id':
      return String(row.id);
    case 'createdate':
      return new Date(row.created).toISOString();
    case 'lastmodifieddate':
      return new Date(row.updated).toISOString();
    default:
      return values.get(name) ?? null;
  }
}

function correlationId(text: string): string {
  const [, ...parts] = hash('sha256', text).match(/^(.{8})(.{4})(.{4})(.{4})(.{12})/) ?? [];
  return parts.join('-');
}
