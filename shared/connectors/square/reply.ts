import type * as z from 'zod';

/** A body as the schema says, or the first field that is not. */
export function fitting<T>(
  body: string,
  schema: z.ZodType<T>,
): { fits: true; value: T } | { fits: false; field: string; problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { fits: false, field: 'the body', problem: 'it is not JSON' };
  }
  const result = schema.safeParse(json);
  if (result.success) return { fits: true, value: result.data };
  const issue = result.error.issues[0];
  const parts = (issue?.path ?? []).map((part) => (typeof part === 'number' ? '[]' : `.${String(part)}`));
  const field = parts.join('').replace(/^\./, '') || 'the body';
  return { fits: false, field, problem: issue?.message ?? 'does not fit' };
}
