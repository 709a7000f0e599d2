import { hash } from 'node:crypto';
import type { Context } from 'hono';
import type * as z from 'zod';
import type { Problem } from './sandbox-properties.ts';
import type { Row, Values } from './sandbox-row.ts';
import type { ObjectStore } from './sandbox-store.ts';

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

export function conflictBody({ kind }: ObjectStore, existing: number): Record<string, unknown> {
  const title = kind.name.charAt(0).toUpperCase() + kind.name.slice(1);
  return errorBody(`${title} already exists. Existing ID: ${existing}`, { category: 'CONFLICT' });
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

/** What a read asks for. */
export interface Asked {
  readonly properties: readonly string[];
  readonly history?: readonly string[] | undefined;
}

/** A record as the object endpoints show it: properties without a value are null, unknown ones left out. */
export function recordOf(store: ObjectStore, row: Row, asked: Asked): Record<string, unknown> {
  const { kind } = store;
  const wanted = [...asked.properties, ...(asked.history ?? [])];
  const names = wanted.length ? ['createdate', 'hs_object_id', kind.modifiedProperty, ...wanted] : kind.shown;
  const values = store.values(row);
  const archived = store.deleted(row.id) !== undefined;
  const known = (name: string) => store.properties.has(name);
  return {
    id: String(row.id),
    properties: Object.fromEntries(names.filter(known).map((name) => [name, propertyOf(row, values, name)])),
    ...(asked.history?.length && {
      propertiesWithHistory: Object.fromEntries(
        asked.history.filter(known).map((name) => [name, historyOf(store, row, name)]),
      ),
    }),
    createdAt: new Date(row.created).toISOString(),
    updatedAt: new Date(row.updated).toISOString(),
    archived,
    ...(archived && { archivedAt: new Date(row.updated).toISOString() }),
  };
}

/** Newest first. */
function historyOf(store: ObjectStore, row: Row, name: string): unknown[] {
  return store.history.of(row, name, store.values(row).get(name)).map(({ value, at, author }) => ({
    value,
    timestamp: new Date(at).toISOString(),
    sourceType: author.sourceType,
    ...(author.sourceId !== undefined && { sourceId: author.sourceId }),
    ...(author.sourceLabel !== undefined && { sourceLabel: author.sourceLabel }),
    ...(author.userId !== undefined && { updatedByUserId: author.userId }),
  }));
}

/** A value as reads and the search see it; null = none. */
export function propertyOf(row: Row, values: Values, name: string): string | null {
  switch (name) {
    case 'hs_object_id':
      return String(row.id);
    case 'createdate':
      return new Date(row.created).toISOString();
    case 'lastmodifieddate':
    case 'hs_lastmodifieddate':
      return new Date(row.updated).toISOString();
    default:
      return values.get(name) ?? null;
  }
}

function correlationId(text: string): string {
  const [, ...parts] = hash('sha256', text).match(/^(.{8})(.{4})(.{4})(.{4})(.{12})/) ?? [];
  return parts.join('-');
}
