import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeOf } from '../../../shared/connectors/hubspot/participation-reads.ts';

test('an event may have hyphens in its reference, a contact has none', () => {
  const event = fc.stringMatching(/^[0-9a-z]+(-[0-9a-z]+){0,3}$/);
  const patron = fc.stringMatching(/^[0-9]+$/);
  fc.assert(
    fc.property(event, patron, (e, p) => {
      expect(placeOf(`${e}-${p}`)).toEqual({ ref: `${e}-${p}`, event: e, patron: p });
    }),
  );
});

test.each(['', '77', '-'])('%j is no place, and stands for none', (ref) => {
  expect(placeOf(ref).event).toBe('');
});
