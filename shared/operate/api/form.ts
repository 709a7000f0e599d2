import type { Context } from 'hono';
import * as z from 'zod';
import { Problem } from './problem.ts';

/** Where a form of the console goes back to: a path of this host and nothing else. */
const ReturnSchema = z.string().regex(/^\/(?![/\\])[^\r\n]*$/, 'must be a path of this host');

/** The body of a POST, from a form of the console or as JSON. An empty body is `{}`. */
export interface Posted {
  fields: Readonly<Record<string, unknown>>;
  /** Set when a form of the console sent it. */
  back?: string;
}

const ObjectSchema = z.record(z.string(), z.unknown());

export async function readPosted(context: Context): Promise<Posted> {
  const type = context.req.header('content-type') ?? '';
  const text = await context.req.text();
  if (text.length > 64 * 1024)
    throw new Problem(413, 'the body is larger than 64 KB', 'send one change at a time');
  // `curl -d '{…}'` names the wrong type; what it means is plain.
  const isForm = type.startsWith('application/x-www-form-urlencoded') && !text.trimStart().startsWith('{');
  if (isForm) return fromForm(new URLSearchParams(text));
  if (text.trim() === '') return { fields: {} };
  const parsed = ObjectSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new Problem(400, 'the body must be a JSON object', 'send {} when there is nothing to say');
  return { fields: parsed.data };
}

/** Strict: an unknown, missing or wrong field is a 400 that names it. */
export function parseFields<T>(schema: z.ZodType<T>, fields: unknown): T {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? `field "${issue.path.join('.')}": ` : '';
  throw new Problem(
    400,
    `${where}${issue?.message ?? 'invalid'}`,
    'the README lists what this address takes',
  );
}

function fromForm(form: URLSearchParams): Posted {
  const { return: back, ...fields } = Object.fromEntries(form);
  return back === undefined ? { fields } : { fields, back: parseFields(ReturnSchema, back) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'the body is not JSON', 'send a JSON object, with content-type: application/json');
  }
}
