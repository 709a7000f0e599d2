import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { flows } from '../../functions/flows.ts';
import { patronFields } from '../../functions/ticketing-marketing/patron.ts';
import { leaseDuration, visibilityTimeout } from '../../shared/engine/flow.ts';
import { testSession } from '../connectors/session.ts';
import { mapMember, membersPayroll } from './example-flow.ts';
import { payroll, rehearsals } from './example-vendors.ts';

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

  test('moves a member from one of its vendors to the other', async () => {
    const session = testSession({ account: 'example/main', secret: {} });
    const [{ source, target, map, owns }] = membersPayroll.collections;
    rehearsals.set('7', { name: ' Clara ' });
    const read = await source.readOne(session, '7');
    const mapped = map(read.state === 'present' ? read.record : undefined, { now: 0 });
    if (mapped.kind !== 'present') throw new Error('Clara has a name');
    const results = await target.write(session, [{ ref: '7', kind: 'create', fields: mapped.fields }]);
    expect(results.get('7')).toEqual({ ok: true, targetId: 'p1', created: true });
    expect(await target.readOne(session, 'p1', owns)).toEqual({ state: 'present', record: mapped.fields });
    expect(payroll.get('p1')?.ref).toBe('7');
  });
});
