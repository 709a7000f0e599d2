import * as z from 'zod';
import { Refusal } from './sandbox-replies.ts';

/** A decoded form or query: text, lists and nested names. */
export type Tree = { [name: string]: string | string[] | Tree };

/** `a[b]=c` is nested, `a[]=b` and `a[0]=b` are lists. */
export function decodeForm(text: string): Tree {
  const tree: Tree = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const [head = '', ...rest] = name.replaceAll(']', '').split('[');
    put(tree, [head, ...rest], value);
  }
  return tree;
}

function put(tree: Tree, [head = '', ...rest]: readonly string[], value: string): void {
  const next = rest[0];
  if (next === undefined) {
    tree[head] = value;
  } else if (rest.length === 1 && /^\d*$/.test(next)) {
    const list = tree[head];
    if (Array.isArray(list)) list.push(value);
    else tree[head] = [value];
  } else {
    const inner = tree[head];
    const branch: Tree = typeof inner === 'object' && !Array.isArray(inner) ? inner : Object.create(null);
    tree[head] = branch;
    put(branch, rest, value);
  }
}

/** Parameters as the schema says, in Stripe's words otherwise; `expand` is any call's. */
export function paramsOf<T>(tree: Tree, schema: z.ZodType<T>): T {
  const { expand: _, ...rest } = tree;
  const result = schema.safeParse(rest);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const [head = '', ...path] = (issue?.path ?? []).map(String);
  const param = [head, ...path.map((each) => `[${each}]`)].join('');
  if (issue?.code === 'unrecognized_keys') {
    const unknown = issue.keys[0] ?? '';
    const named = param === '' ? unknown : `${param}[${unknown}]`;
    const message = `Received unknown parameter: ${named}`;
    throw new Refusal(400, { code: 'parameter_unknown', message, param: named });
  }
  const absent = issue?.code === 'invalid_type' && issue.message.includes('undefined');
  const code = absent
    ? 'parameter_missing'
    : (issue?.message.match(/^parameter_[a-z_]+$/)?.[0] ?? 'parameter_invalid');
  const message = absent ? `Missing required param: ${param}.` : `Invalid ${param}`;
  throw new Refusal(400, { code, message, param });
}

/** The objects that the answer shall contain instead of their ids. */
export function expandOf({ expand }: Tree): readonly string[] {
  return Array.isArray(expand) ? expand : [];
}

export const WholeSchema = z
  .string()
  .regex(/^-?\d{1,15}$/, 'parameter_invalid_integer')
  .transform(Number);
export const FlagSchema = z.enum(['true', 'false']).transform((text) => text === 'true');
export const MetadataSchema = z.record(z.string().max(40), z.string().max(500)).default({});

/** What every list takes. */
export const PAGING = {
  limit: WholeSchema.optional(),
  starting_after: z.string().optional(),
  ending_before: z.string().optional(),
  created: z
    .union([
      WholeSchema,
      z.strictObject({
        gt: WholeSchema.optional(),
        gte: WholeSchema.optional(),
        lt: WholeSchema.optional(),
        lte: WholeSchema.optional(),
      }),
    ])
    .optional(),
};
