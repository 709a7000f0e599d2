import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { versionsOf, writerOf } from '../../../shared/connectors/hubspot/property-history.ts';
import type { ValueVersion } from '../../../shared/connectors/hubspot/schema.ts';

const APP = 4711;
const version = (more: Partial<ValueVersion> = {}): ValueVersion => ({
  value: 'x',
  timestamp: '2026-11-24T12:00:00Z',
  ...more,
});

describe('who wrote a value', () => {
  test.each<[string, Partial<ValueVersion>, string]>([
    ['our app', { sourceType: 'INTEGRATION', sourceId: '4711' }, 'us'],
    ['our app by a batch', { sourceType: 'BATCH_UPDATE', sourceId: '4711' }, 'us'],
    ['another app', { sourceType: 'INTEGRATION', sourceId: '4712' }, 'other'],
    ['an app that is not named', { sourceType: 'INTEGRATION' }, 'other'],
    ['a form whose id looks like our app', { sourceType: 'FORM', sourceId: '4711' }, 'person'],
    ['the link in an e-mail', { sourceType: 'EMAIL', sourceId: '99' }, 'person'],
    [
      'a colleague at the screen',
      { sourceType: 'CRM_UI', sourceId: 'userId:1', updatedByUserId: 1 },
      'other',
    ],
    ['a colleague who answers a mail', { sourceType: 'EMAIL', updatedByUserId: 1 }, 'other'],
    ['an import', { sourceType: 'IMPORT' }, 'other'],
    ['a merge', { sourceType: 'MERGE_OBJECTS' }, 'other'],
    ['nobody', { sourceType: null }, 'other'],
    ['a source that does not exist yet', { sourceType: 'TELEPATHY', sourceId: '4711' }, 'other'],
  ])('%s', (_, told, by) => {
    expect(writerOf(version(told), APP)).toBe(by);
  });
});

describe('a history', () => {
  test('is turned round, an empty value means none, and equal stamps keep their order', () => {
    const told = [
      version({ value: '', timestamp: '2026-11-24T12:00:02.500Z' }),
      version({ value: 'second' }),
      version({ value: 'first' }),
    ];
    const noon = Date.parse('2026-11-24T12:00:00Z');
    expect(versionsOf(told, APP).map(({ value, at }) => [value, at - noon])).toEqual([
      ['first', 0],
      ['second', 0],
      [null, 2_500],
    ]);
  });

  test('never runs backwards and loses nothing, however it is told', () => {
    const stamps = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 20 });
    fc.assert(
      fc.property(stamps, (seconds) => {
        const told = seconds.map((each, n) =>
          version({ value: String(n), timestamp: `2026-11-24T12:00:0${each}Z` }),
        );
        const versions = versionsOf(told, APP);
        expect(versions.map(({ at }) => at)).toEqual(versions.map(({ at }) => at).sort((a, b) => a - b));
        expect(versions.map(({ value }) => Number(value)).sort((a, b) => a - b)).toEqual([...told.keys()]);
      }),
    );
  });
});
