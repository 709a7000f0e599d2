import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { flows } from '../../functions/flows.ts';
import { patronFields } from '../../functions/ticketing-marketing/patron.ts';
import { leaseDuration, visibilityTimeout } from '../../shared/engine/flow.ts';
import { mapMember, membersPayroll } from './example-flow.ts';

describe.each(flows.map((flow) => [flow.name, flow] as const))('%s', (name, flow) => {
  test('lives in the folder of its name, with its runbook', () => {
    expect(flow.whereToLook.runbook).toBe(`functions/${name}/README.md`);
    expect(existsSync(new URL(`../../${flow.whereToLook.runbook}`, import.meta.url))).toBe(true);
  });

  test('says in one sentence what the business suffers', () => {
    expect(flow.whenItBreaks.impact).toMatch(/^[A-Z].{40,250}\.$/);
    // Words of the machinery mean nothing to the person who is woken up.
    expect(flow.whenItBreaks.impact).not.toMatch(/queue|sync|lambda|api|payload|DLQ|record/i);
  });

  test('has timers that fit together', () => {
    for (const collection of flow.collections)
      expect(leaseDuration(collection)).toBeLessThan(visibilityTimeout(flow));
  });
});

test('flows have different names', () => {
  expect(new Set(flows.map((each) => each.name)).size).toBe(flows.length);
});

test('the patron collection owns the fields that its mapping sets, and not the reference', () => {
  const patron = flows.find((each) => each.name === 'ticketing-marketing')?.collection('patron');
  expect(patron?.owns).toEqual(patronFields);
  expect(patron?.owns).not.toContain('tessitura_constituent_id');
});

describe('the example of functions/README.md', () => {
  test('is a flow', () => {
    expect(membersPayroll.accounts.map((each) => each.vendor)).toEqual(['rehearsals', 'payroll']);
    expect(membersPayroll.collection('member')?.whenMerged).toBe('keep');
  });

  test.each([
    [{ name: ' Clara ' }, { kind: 'present', fields: { name: 'Clara', left: false } }],
    [
      { name: 'Bo', retiredOn: '2026-01-01' },
      { kind: 'present', fields: { name: 'Bo', left: true } },
    ],
    [{ name: ' ' }, { kind: 'rejected', field: 'name', because: 'is empty: fill it in at Rehearsals' }],
  ])('maps %j', (member, expected) => {
    expect(mapMember(member)).toEqual(expected);
  });
});
