import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consentHistory, consentIn } from '../../../shared/connectors/hubspot/consent-fields.ts';
import type { HubspotRecord, ValueVersion } from '../../../shared/connectors/hubspot/schema.ts';

const APP = 4711;
const consent = { field: 'email_consent', subscriptionId: 801_001 };
const ALL = 'hs_email_optout';
const TOPIC = 'hs_email_optout_801001';
const PERSON = { sourceType: 'EMAIL' };
const US = { sourceType: 'INTEGRATION', sourceId: '4711' };

/** Given oldest first, as [minute, value, who]; HubSpot tells it newest first. */
function told(...versions: [number, string, object][]): ValueVersion[] {
  return versions
    .map(([minute, value, who]) => ({ value, timestamp: new Date(minute * 60_000).toISOString(), ...who }))
    .reverse();
}

const contact = (histories: Record<string, ValueVersion[]>): HubspotRecord => ({
  id: '1',
  properties: Object.fromEntries(Object.entries(histories).map(([name, list]) => [name, list[0]?.value])),
  propertiesWithHistory: histories,
});

const history = (record: HubspotRecord) =>
  consentHistory(consent, record, APP).map(({ value, at, by }) => [at / 60_000, value, by]);

describe('a consent', () => {
  test.each([
    ['nobody said anything', {}, null],
    ['empty texts say nothing', { [ALL]: '', [TOPIC]: null }, null],
    ['no to the topic', { [ALL]: 'false', [TOPIC]: 'true' }, 'denied'],
    ['no to everything beats a yes to the topic', { [ALL]: 'true', [TOPIC]: 'false' }, 'denied'],
    ['a yes', { [ALL]: '', [TOPIC]: 'false' }, 'granted'],
    ['a yes to everything is none to the topic', { [ALL]: 'false', [TOPIC]: '' }, null],
  ])('%s', (_, properties, state) => {
    expect(consentIn(consent, properties)).toBe(state);
  });

  test('to every e-mail needs no subscription type', () => {
    expect(consentIn({ field: 'any' }, { [ALL]: 'false', [TOPIC]: 'true' })).toBe('granted');
  });
});

describe('its history', () => {
  test('shows a no to the topic and a no to everything as two', () => {
    const record = contact({
      [TOPIC]: told([1, 'false', US], [2, 'true', PERSON]),
      [ALL]: told([3, 'true', PERSON]),
    });
    expect(history(record)).toEqual([
      [1, 'granted', 'us'],
      [2, 'denied', 'person'],
      [3, 'denied', 'person'],
    ]);
  });

  test('one act on both properties is never half of it', () => {
    const record = contact({
      [ALL]: told([1, 'true', PERSON], [5, 'false', PERSON]),
      [TOPIC]: told([1, 'true', PERSON], [5, 'false', PERSON]),
    });
    expect(history(record)).toEqual([
      [1, 'denied', 'person'],
      [1, 'denied', 'person'],
      [5, 'granted', 'person'],
      [5, 'granted', 'person'],
    ]);
  });

  test('half a no that is taken back is no new no', () => {
    const record = contact({
      [ALL]: told([1, 'true', PERSON], [5, '', { sourceType: 'CRM_UI' }]),
      [TOPIC]: told([1, 'true', PERSON]),
    });
    expect(history(record).at(-1)).toEqual([1, 'denied', 'person']);
  });

  test('a no that goes with the old address is nobody’s yes; a yes later is', () => {
    const form = { sourceType: 'FORM' };
    const record = contact({
      email: told([0, 'old@example.test', US], [5, 'new@example.test', form]),
      [TOPIC]: told([1, 'true', PERSON], [5, 'false', form], [9, 'true', PERSON], [10, 'false', PERSON]),
    });
    expect(history(record)).toEqual([
      [1, 'denied', 'person'],
      [5, 'granted', 'us'],
      [9, 'denied', 'person'],
      [10, 'granted', 'person'],
    ]);
  });

  test('a yes that comes with a new address is not known to be the person’s', () => {
    const record = contact({
      email: told([0, 'old@example.test', US], [5, 'new@example.test', PERSON]),
      [TOPIC]: told([5, 'false', PERSON]),
    });
    expect(history(record)).toEqual([[5, 'granted', 'other']]);
  });

  test('the first address of a contact takes nothing from a yes', () => {
    const record = contact({
      email: told([1, 'first@example.test', PERSON]),
      [TOPIC]: told([1, 'false', PERSON]),
    });
    expect(history(record)).toEqual([[1, 'granted', 'person']]);
  });

  test('always ends with what the contact shows, or says nothing', () => {
    const values = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('true', 'false', ''), fc.constant(US)),
      { maxLength: 8 },
    );
    const ordered = values.map((list) => told(...list.sort(([a], [b]) => a - b)));
    fc.assert(
      fc.property(ordered, ordered, (all, topic) => {
        const record = contact({ [ALL]: all, [TOPIC]: topic });
        const last = consentHistory(consent, record, APP).at(-1);
        expect(last?.value ?? null).toBe(consentIn(consent, record.properties));
      }),
    );
  });
});
