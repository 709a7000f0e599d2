import { expect, test } from 'vitest';
import { minutes } from '../../shared/operate/commands-act.ts';
import {
  ago,
  auditText,
  backfillText,
  count,
  duration,
  moment,
  plural,
  shown,
} from '../../shared/operate/format.ts';

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min'],
  [3_600_000, '1 h'],
  [48 * 3_600_000, '2 days'],
])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

test('moments and counts', () => {
  expect(moment(0)).toBe('1970-01-01 00:00:00 UTC');
  expect(ago(undefined, 5)).toBe('never');
  expect(ago(0, 61_000)).toBe('1 min ago');
  expect(count(14_203)).toBe('14,203');
  expect(plural(1, 'record')).toBe('1 record');
  expect(plural(2, 'record')).toBe('2 records');
});

test('nothing, blank and false are told apart', () => {
  expect([shown(null), shown(undefined), shown(''), shown(false), shown(0)]).toEqual([
    '–',
    '–',
    '(blank)',
    'false',
    '0',
  ]);
});

test('the sentences of backfill and audit', () => {
  expect(backfillText({ sent: 1_200, total: 2_000 })).toBe('1,200 of 2,000 sent');
  expect(backfillText({ sent: 1, finishedAt: 5 })).toBe('finished, 1 record');
  expect(auditText({ agree: 14_203, differ: 0, explained: 4 })).toBe('14,203 of 14,207 agree, 4 explained');
  expect(auditText({ agree: 1, differ: 2, explained: 0 })).toBe('1 of 3 agree, 2 differ');
});

test('lengths of a pause', () => {
  expect([minutes('30m'), minutes('2h'), minutes('1d')]).toEqual([30, 120, 1_440]);
  for (const wrong of ['', '0m', '30', 'm', '2w', '-1h', '1.5h'])
    expect(() => minutes(wrong), wrong).toThrow('30m');
});
