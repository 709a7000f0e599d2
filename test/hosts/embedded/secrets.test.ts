import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { secrets } from '../../../shared/hosts/embedded/secrets.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'intertie-secrets-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const file = () => join(dir, 'secrets.json');

test('only the owner may read the file, also when it was made by hand', async () => {
  writeFileSync(file(), '{"vendor/main":{"token":"1"}}', { mode: 0o644 });
  await secrets({ dir }).put('vendor/second', { token: '2' });
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({
    'vendor/main': { token: '1' },
    'vendor/second': { token: '2' },
  });
  expect(existsSync(`${file()}.new`)).toBe(false);
});

test('a change by hand is seen without a restart', async () => {
  const book = secrets({ dir });
  await book.put('vendor/main', { token: 'old' });
  const before = await book.get('vendor/main');
  writeFileSync(file(), '{"vendor/main":{"token":"by hand"}}');
  const after = await book.get('vendor/main');
  expect(after?.value).toEqual({ token: 'by hand' });
  expect(after?.version).not.toBe(before?.version);
});

test('puts at the same time are all kept', async () => {
  const book = secrets({ dir });
  await Promise.all(Array.from({ length: 20 }, (_, at) => book.put(`vendor/${at}`, { at })));
  expect(Object.keys(JSON.parse(readFileSync(file(), 'utf8')))).toHaveLength(20);
});

test('names from the prototype of objects are no secrets', async () => {
  expect(await secrets({ dir }).get('constructor')).toBeUndefined();
  expect(await secrets({ dir }).get('__proto__')).toBeUndefined();
});

test.each([
  ['{"vendor/main": {"token": "hush"} "x": 1}', /secrets\.json is not JSON at position \d+/],
  ['', /is not JSON at its end/],
  ['["hush"]', /must be an object of secrets by name/],
  ['{"vendor/main": null}', /"vendor\/main" is null: give it its value/],
])('a malformed file says where, and tells no secret: %s', async (text, expected) => {
  writeFileSync(file(), text);
  const book = secrets({ dir });
  const failure = await book.get('vendor/main').catch((cause: unknown) => cause);
  expect(String(failure)).toMatch(expected);
  expect(String(failure)).not.toContain('hush');
  await expect(book.put('vendor/main', {})).rejects.toThrow(expected);
  expect(readFileSync(file(), 'utf8')).toBe(text);
});
