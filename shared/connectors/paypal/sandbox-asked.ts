import type * as z from 'zod';
import { invalid, type Json, type Reply } from './sandbox-replies.ts';
import { minimalOf } from './sandbox-shown.ts';

/** One request, read whole before anything is done with it. */
export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** `PayPal-Request-Id`. */
  readonly key: string | undefined;
}

/** Draws the answer; again for each repetition of a request, so that it shows the latest state. */
export type Show = () => Reply;

/** The body as the schema says, or 400 with the field. */
export function bodyOf<T>(asked: Asked, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(asked.body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = `/${(issue?.path ?? []).map(String).join('/')}`;
  const missing = issue?.code === 'invalid_type' && issue.message.includes('undefined');
  throw invalid(missing ? 'MISSING_REQUIRED_PARAMETER' : 'INVALID_PARAMETER_VALUE', field);
}

/** Created, or shown again: whole or minimal as `Prefer` asks. */
export function made(body: () => Json, status = 201): Show {
  return () => {
    const whole = body();
    return { status, whole, minimal: { status, body: minimalOf(whole) } };
  };
}

/** Of a read. */
export function shown(whole: Json): Show {
  return () => ({ status: 200, whole });
}
