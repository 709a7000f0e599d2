import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TrailEntry } from '../../../shared/engine/trail.ts';
import { openTrail } from '../../../shared/hosts/embedded/trail.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'intertie-trail-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const entry = (id: string): TrailEntry => ({
  at: 1,
  flow: 'f',
  collection: 'c',
  id,
  trace: 't',
  cause: 'scan',
  outcome: 'updated',
  attempt: 0,
  fields: ['é'],
});

/** The ids in the files, oldest first; fails on a line that is not JSON. */
function written(): string[] {
  const age = (name: string) => Number(/\d+/.exec(name)?.[0] ?? 0);
  const files = readdirSync(dir).toSorted((a, b) => age(b) - age(a));
  const lines = files.flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n'));
  return lines.filter(Boolean).map((line) => JSON.parse(line).id);
}

test('one JSON line per entry, in order, after close', async () => {
  const trail = openTrail({ dir });
  trail.write([entry('1'), entry('2')]);
  trail.write([]);
  trail.write([entry('3')]);
  await trail.close();
  expect(written()).toEqual(['1', '2', '3']);
  expect(JSON.parse(readFileSync(join(dir, 'trail.jsonl'), 'utf8').split('\n')[0] ?? '')).toEqual(entry('1'));
});

test('a later start appends', async () => {
  for (const id of ['1', '2']) {
    const trail = openTrail({ dir });
    trail.write([entry(id)]);
    await trail.close();
  }
  expect(written()).toEqual(['1', '2']);
});

test('half a line of a killed process does not spoil the next', async () => {
  appendFileSync(join(dir, 'trail.jsonl'), '{"id":"torn"}\n{"id":"to');
  const trail = openTrail({ dir });
  trail.write([entry('next')]);
  await trail.close();
  const lines = readFileSync(join(dir, 'trail.jsonl'), 'utf8').split('\n');
  expect(lines[1]).toBe('{"id":"to');
  expect(JSON.parse(lines[2] ?? '').id).toBe('next');
});

test('files are rotated at their size, and eight are kept with the newest entries', async () => {
  const { length } = JSON.stringify(entry('100'));
  const trail = openTrail({ dir, fileBytes: 3 * (length + 10) });
  for (let at = 100; at < 140; at += 1) {
    trail.write([entry(String(at))]);
    await trail.close();
  }
  expect(readdirSync(dir)).toHaveLength(8);
  const ids = written();
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, at) => String(140 - ids.length + at)));
  expect(ids.length).toBeGreaterThanOrEqual(3 * 7);
});

test('the last outcomes are at hand, newest first, 200 of them', async () => {
  const trail = openTrail({ dir });
  expect(trail.lastOutcomes(10)).toEqual([]);
  for (let at = 0; at < 1_000; at += 1) trail.write([entry(String(at))]);
  expect(trail.lastOutcomes(3).map(({ id }) => id)).toEqual(['999', '998', '997']);
  expect(trail.lastOutcomes(1_000)).toHaveLength(200);
  await trail.close();
});

test('a file that cannot be written is told, never thrown, and writing goes on once it can', async () => {
  const lost: number[] = [];
  const trail = openTrail({ dir: join(dir, 'later'), lost: (lines) => lost.push(lines) });
  trail.write([entry('1'), entry('2')]);
  await trail.close();
  expect(lost).toEqual([2]);
  mkdirSync(join(dir, 'later'));
  trail.write([entry('3')]);
  await trail.close();
  expect(
    readFileSync(join(dir, 'later', 'trail.jsonl'), 'utf8')
      .trim()
      .split('\n'),
  ).toHaveLength(1);
});
