import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventBody, eventFieldsIn } from '../../../shared/connectors/hubspot/event-fields.ts';

const text = fc.option(fc.string({ minLength: 1 }));
const moment = fc
  .date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .map((each) => each.toISOString());
const fields = fc.record(
  {
    name: text,
    organizer: text,
    type: text,
    description: text,
    url: text,
    start: moment,
    end: moment,
    cancelled: fc.constant(false),
    completed: fc.constant(false),
  },
  { requiredKeys: [] },
);

test('what is written reads as it was, field by field', () => {
  fc.assert(
    fc.property(fields, (given) => {
      expect(eventFieldsIn(eventBody(given), Object.keys(given))).toEqual(given);
    }),
  );
});

test('a flag that is true is an act, not a field', () => {
  expect(eventBody({ cancelled: true, completed: true, name: 'Tosca' })).toEqual({ eventName: 'Tosca' });
});

test('an instant may be said in any zone, and one that is none is named', () => {
  expect(eventBody({ start: '2026-12-01T20:30:00+01:00' })).toEqual({
    startDateTime: '2026-12-01T19:30:00.000Z',
  });
  expect(() => eventBody({ end: 'late' })).toThrow('end: it must be an instant');
});
