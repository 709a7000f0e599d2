import { expect, test } from 'vitest';
import * as z from 'zod';
import { connectors } from '../../functions/connectors.ts';
import { fieldsOf, typedValue } from '../../shared/operate/prompt.ts';

test.each(connectors)('every field of the secret of $title can be asked for', ({ secret }) => {
  const fields = fieldsOf(secret);
  expect(fields.length).toBeGreaterThan(2);
  expect(fields.some((field) => field.required)).toBe(true);
});

test('what is typed becomes what the field means; nothing typed leaves it out', () => {
  const schema = z.strictObject({
    portal: z.number().describe('Account'),
    name: z.string().default('main'),
    live: z.boolean().optional(),
    secrets: z.array(z.string()),
  });
  const fields = fieldsOf(schema);
  expect(fields.map(({ name, kind, required }) => [name, kind, required])).toEqual([
    ['portal', 'number', true],
    ['name', 'text', false],
    ['live', 'boolean', false],
    ['secrets', 'json', true],
  ]);
  const typed = ['42', '', 'yes', '["a","b"]'].map((text, at) => fields[at] && typedValue(fields[at], text));
  expect(typed).toEqual([42, undefined, true, ['a', 'b']]);
  expect(fields[3] && typedValue(fields[3], 'alone')).toEqual(['alone']);
});

test('a secret of several shapes is asked for as a file', () => {
  expect(() => fieldsOf(z.union([z.string(), z.number()]))).toThrow(/several shapes/);
});
