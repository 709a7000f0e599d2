import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bounceHistory, bounceIn, withoutBounce } from '../../../shared/connectors/hubspot/bounce-field.ts';
import type { HubspotRecord } from '../../../shared/connectors/hubspot/schema.ts';

const OURS = 77;
const field = { field: 'email_bounced', reasons: /^unknown_user$/i };
const REASON = 'hs_email_hard_bounce_reason_enum';

interface Told {
  name: 'email' | typeof REASON;
  value: string;
  at: number;
}

/** As HubSpot tells it: newest first, and the newest is what the record shows. */
function contact(told: readonly Told[]): HubspotRecord {
  const of = (name: string) =>
    told
      .filter((each) => each.name === name)
      .map(({ value, at }) => ({ value, timestamp: new Date(at).toISOString(), sourceType: 'CRM_UI' }))
      .reverse();
  const email = of('email');
  const reason = of(REASON);
  return {
    id: '1',
    archived: false,
    properties: { email: email[0]?.value ?? null, [REASON]: reason[0]?.value ?? null },
    propertiesWithHistory: { email, [REASON]: reason },
  };
}

const email = (value: string, at: number): Told => ({ name: 'email', value, at });
const reason = (value: string, at: number): Told => ({ name: REASON, value, at });

describe('what a contact shows', () => {
  test.each<[string, Told[], { email: string | null; bounced: string }]>([
    ['mail arrives', [email('a@x.example', 1)], { email: 'a@x.example', bounced: 'none' }],
    [
      'mail comes back',
      [email('a@x.example', 1), reason('UNKNOWN_USER', 2)],
      { email: null, bounced: 'a@x.example' },
    ],
    [
      'for a reason that says nothing of the address',
      [email('a@x.example', 1), reason('MAILBOX_FULL', 2)],
      { email: 'a@x.example', bounced: 'none' },
    ],
    [
      'from an address of before, the reason being there still',
      [email('a@x.example', 1), reason('UNKNOWN_USER', 2), email('b@x.example', 3)],
      { email: 'b@x.example', bounced: 'none' },
    ],
    [
      'and was let in again',
      [email('a@x.example', 1), reason('UNKNOWN_USER', 2), reason('', 3)],
      { email: 'a@x.example', bounced: 'none' },
    ],
    [
      'and the address was taken off',
      [email('a@x.example', 1), reason('UNKNOWN_USER', 2), email('', 3)],
      { email: null, bounced: 'none' },
    ],
    ['without an address', [reason('UNKNOWN_USER', 2)], { email: null, bounced: 'none' }],
  ])('%s', (_, told, shown) => {
    expect(bounceIn(field, contact(told), OURS)).toEqual(shown);
  });

  const told = fc.array(
    fc.oneof(
      fc.constantFrom('a@x.example', 'b@x.example', '').map((value) => ({ name: 'email' as const, value })),
      fc
        .constantFrom('UNKNOWN_USER', 'MAILBOX_FULL', '')
        .map((value) => ({ name: REASON as typeof REASON, value })),
    ),
    { maxLength: 8 },
  );

  test('is what its history ends with', () => {
    fc.assert(
      fc.property(told, (acts) => {
        const record = contact(acts.map((act, at) => ({ ...act, at: at + 1 })));
        const { email: shown, bounced } = bounceIn(field, record, OURS);
        const last = (of: 'email' | 'bounced') =>
          bounceHistory(field, record, { appId: OURS, of }).at(-1)?.value;
        expect([last('email') ?? null, last('bounced') ?? 'none']).toEqual([shown, bounced]);
      }),
    );
  });
});

test('a reason that changes nothing is nobody’s edit of the e-mail', () => {
  const record = contact([email('a@x.example', 1), reason('MAILBOX_FULL', 2)]);
  expect(bounceHistory(field, record, { appId: OURS, of: 'email' })).toHaveLength(1);
  expect(bounceHistory(field, record, { appId: OURS, of: 'bounced' })).toEqual([]);
});

describe('what is written', () => {
  const write = (fields: Record<string, string>, kind: 'update' | 'create' = 'update') =>
    withoutBounce({ ref: '1', kind, fields }, field).fields;

  test.each([
    ['its end takes the address off', { email_bounced: 'none' }, { email: null }],
    ['unless there is a new one', { email_bounced: 'none', email: 'b@x.example' }, { email: 'b@x.example' }],
    ['a bounce cannot be written', { email_bounced: 'a@x.example', city: 'Bath' }, { city: 'Bath' }],
    ['nor is anything else touched', { city: 'Bath' }, { city: 'Bath' }],
  ])('%s', (_, fields, written) => {
    expect(write(fields as Record<string, string>)).toEqual(written);
  });

  test('a new contact has an address or none', () => {
    expect(write({ email_bounced: 'none', city: 'Bath' }, 'create')).toEqual({ city: 'Bath' });
  });
});
