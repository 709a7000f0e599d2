import * as z from 'zod';
import { invalid } from './sandbox-replies.ts';

/** A body or a query as the schema says, in Square's words otherwise. */
export function askedAs<T>(value: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.');
    throw invalid('UNKNOWN_BODY_PARAMETER', `Unknown parameter: ${field}`, field);
  }
  const field = path.join('.');
  if (issue?.code === 'invalid_type' && issue.message.includes('undefined'))
    throw invalid('MISSING_REQUIRED_PARAMETER', `Missing required parameter: ${field}`, field);
  if (issue?.code === 'too_big' && issue.origin === 'string')
    throw invalid('VALUE_TOO_LONG', `Field must not be greater than ${issue.maximum} in length`, field);
  throw invalid('INVALID_VALUE', `Invalid value for ${field}`, field);
}

/** An amount in a request. */
export const AskedMoneySchema = z.strictObject({
  amount: z.int(),
  currency: z.string().regex(/^[A-Z]{3}$/),
});

/** Under which a request is repeated. */
export const KeySchema = z.string().min(1).max(45);

/** What every list takes; times in milliseconds since 1970. */
export const PAGING = {
  begin_time: z.string().transform(timeOf).optional(),
  end_time: z.string().transform(timeOf).optional(),
  sort_order: z.enum(['ASC', 'DESC']).default('DESC'),
  cursor: z.string().optional(),
  limit: z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number)
    .optional(),
  location_id: z.string().optional(),
};

function timeOf(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalid('INVALID_TIME', `Invalid time: ${text}`);
  return at;
}
