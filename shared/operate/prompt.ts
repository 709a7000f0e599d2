import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import * as z from 'zod';
import { CommandProblem } from './client.ts';

/** What a JSON schema says of an object's fields. */
const ObjectShape = z.object({
  properties: z.record(
    z.string(),
    z.object({ description: z.string().optional(), type: z.string().optional() }),
  ),
  required: z.array(z.string()).default([]),
});

export interface Field {
  name: string;
  description: string;
  kind: 'text' | 'number' | 'boolean' | 'json';
  required: boolean;
}

/** The fields of a secret, in the order of its schema. Throws where it is not one plain object. */
export function fieldsOf(schema: z.ZodType): Field[] {
  const parsed = ObjectShape.safeParse(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }));
  if (!parsed.success)
    throw new CommandProblem('this secret has several shapes', {
      hint: "write it as JSON, as the connector's README shows, and give it with --file",
    });
  const { properties, required } = parsed.data;
  return Object.entries(properties).map(([name, { description = '', type }]) => ({
    name,
    description,
    kind: kindOf(type),
    required: required.includes(name),
  }));
}

function kindOf(type: string | undefined): Field['kind'] {
  if (type === 'string') return 'text';
  if (type === 'number' || type === 'integer') return 'number';
  return type === 'boolean' ? 'boolean' : 'json';
}

/** What was typed, as the field means it; undefined leaves an optional field out. */
export function typedValue({ kind }: Field, typed: string): unknown {
  const text = typed.trim();
  if (text === '') return undefined;
  switch (kind) {
    case 'text':
      return text;
    case 'number':
      return Number(text);
    case 'boolean':
      return /^(y|yes|true|1)$/i.test(text);
    case 'json':
      return parsedOr(text);
  }
}

/** A list or an object is typed as JSON; a bare word stands for a list of one. */
function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return [text];
  }
}

const HIDDEN = /secret|token|password|key|grant/i;

/** Asks for each field on the terminal; what is secret is not shown. */
export async function askFields(schema: z.ZodType): Promise<Record<string, unknown>> {
  const fields = fieldsOf(schema);
  if (!process.stdin.isTTY)
    throw new CommandProblem('there is no terminal to ask for credentials', {
      hint: 'give them as JSON with --file',
    });
  let hide = false;
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      if (!hide) process.stderr.write(chunk);
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  const given: Record<string, unknown> = {};
  try {
    for (const field of fields) {
      process.stderr.write(
        `${field.name}${field.required ? '' : ' (may stay empty)'}: ${field.description}\n> `,
      );
      hide = HIDDEN.test(field.name);
      const value = typedValue(field, await terminal.question(''));
      if (hide) process.stderr.write('\n');
      hide = false;
      if (value !== undefined) given[field.name] = value;
    }
  } finally {
    terminal.close();
  }
  return given;
}
