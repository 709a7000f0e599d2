import { beforeEach, describe, expect, test } from 'vitest';
import type { Fields } from '../../shared/engine/fields.ts';
import type { Town } from '../engine/town.ts';
import { operate, twoWayTown } from './two-way-town.ts';

let t: Town;
let site: Awaited<ReturnType<typeof operate>>;
beforeEach(async () => {
  t = twoWayTown();
  for (const [id, name] of [
    ['p1', 'Ann'],
    ['p2', 'Bob'],
    ['p3', 'Cid'],
  ] as const)
    t.people.set(id, { name, email: `${id}@a.example` });
  await t.hint(['p1', 'p2', 'p3']);
  await t.run();
  site = await operate(t);
  return () => site.close();
});

const row = (ref: string): Record<string, Fields[string]> => {
  const found = [...t.rows.values()].find((each) => each.ref === ref);
  if (!found) throw new Error(`no row of ${ref}`);
  return found.fields;
};
const plan = (...more: string[]) => site.cli('plan', 'test-flow', ...more);

/** Everything durable but budgets, which whoever calls a vendor shares. */
function durable(): string {
  const { documents, links, messages, letters } = t.ports.state;
  const kept = [...documents].filter(([key]) => !key.startsWith('account/'));
  return JSON.stringify([kept, [...links], [...messages], [...letters]]);
}

describe('plan', () => {
  test('says on which side each field would be written, and ends with 2', async () => {
    t.people.set('p1', { name: 'Ann', email: 'new@a.example' });
    row('p2').name = 'Rob';
    const { exit, out, err } = await plan();
    expect([exit, err]).toEqual([2, '']);
    expect(out).toMatch(
      /people\/p1 {2}written at Mail t\d\n {2}Mail {5}email {2}p1@a\.example → new@a\.example\n/,
    );
    expect(out).toMatch(/people\/p2 {2}written at Tickets\n {2}Tickets {2}name {2}Bob → Rob\n/);
    expect(out).not.toContain('p3');
    expect(out).toMatch(/3 records looked at: 2 written \(1 of them at the source\)\n$/);
  });

  test('nothing to do ends with 0, and what was asked for by name is shown all the same', async () => {
    expect(await plan()).toEqual({ exit: 0, out: '3 records looked at: nothing would change\n', err: '' });
    expect((await plan('--records', 'people/p2')).out).toContain('people/p2  stays as it is\n');
  });

  test('new, removed, parked and paired records', async () => {
    t.people.set('p4', { name: 'Dee', email: 'dee@a.example' });
    t.people.set('p5', { name: 'Eve', email: 'eve@a.example' });
    t.rows.set('t9', { fields: { name: 'Eva', email: 'eve@a.example' } });
    t.people.set('p2', { name: 'Bob', email: 'p2@a.example', hidden: true });
    const { exit, out } = await plan('--records', 'p4,p5,p2,p9');
    expect(exit).toBe(2);
    expect(out).toMatch(
      /people\/p4 {2}new at Mail\n {2}Mail {5}name {3}Dee\n {2}Mail {5}email {2}dee@a\.example\n/,
    );
    expect(out).toContain(
      'people/p5  paired with Mail t9, found by the match rule\n  Mail     name  Eva → Eve\n',
    );
    expect(out).toMatch(/people\/p2 {2}taken off Mail t\d: hidden/);
    expect(out).toContain('people/p9  stays as it is: deleted at the source');
  });

  test('a field that waits for a person is left alone, and that alone is no change', async () => {
    t.people.set('p1', { name: 'Anne', email: 'p1@a.example' });
    row('p1').name = 'Anna';
    const { exit, out } = await plan();
    expect(exit).toBe(0);
    expect(out).toContain('people/p1  stays as it is\n  waits for a decision: name\n');
  });

  test('lines fit 100 columns, and values stay on theirs', async () => {
    t.people.set('p1', { name: `A${'n'.repeat(300)}\nb`, email: `${'x'.repeat(200)}@a.example` });
    const { out } = await plan('--records', 'p1');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(out.split('\n')).toHaveLength(5);
  });

  test('--json is one object per line, values whole', async () => {
    t.people.set('p1', { name: 'Ann', email: `${'x'.repeat(200)}@a.example` });
    row('p2').name = 'Rob';
    const { exit, out } = await plan('--json');
    expect(exit).toBe(2);
    const items = out
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(items).toMatchObject([
      {
        id: 'p1',
        action: 'update',
        changes: true,
        fields: [{ name: 'email', planned: expect.stringMatching(/^x{200}/) }],
      },
      { id: 'p2', fields: [], back: [{ name: 'name', current: 'Bob', planned: 'Rob' }] },
    ]);
  });

  test('moves no cursor, takes no lease, sends and writes nothing', async () => {
    t.people.set('p1', { name: 'Anne', email: 'new@a.example' });
    row('p2').name = 'Rob';
    const before = durable();
    const calls = t.calls.length;
    for (const how of [[], ['--since', '2h'], ['--records', 'p1,p2,p9']])
      expect((await plan(...how)).exit).toBe(2);
    expect(durable()).toBe(before);
    const made = new Set(t.calls.slice(calls).map(({ operation }) => operation));
    expect(made.has('target.write')).toBe(false);
    expect(made).toContain('source.scan');
    expect(JSON.stringify(t.ports.state.trail)).not.toMatch(/new@a|Rob/);
  });

  test.each([
    { argv: ['--records', 'p1,,p2'], says: 'patron/1,patron/2' },
    { argv: ['--since', 'yesterday'], says: '2h' },
    { argv: ['--limit', '0'], says: 'above 0' },
    { argv: ['--limt', '1'], says: 'Did you mean --limit?' },
    { argv: ['--collection', 'nope'], says: 'its collections are: people' },
    { argv: ['--records', 'p'.repeat(201)], says: 'records of this flow are named people/<id>' },
    { argv: ['--mapping-from', '--evil'], says: 'is no name of a git ref' },
    { argv: ['--mapping-from', 'no-such-ref'], says: 'git knows no ref "no-such-ref"' },
  ])('$argv cannot be told, and ends with 1', async ({ argv, says }) => {
    const { exit, err } = await plan(...argv);
    expect(err).toContain(says);
    expect(exit).toBe(1);
  });

  test('a vendor that does not answer ends with 1 and what it said', async () => {
    t.trouble.fail = ({ operation }) => {
      if (operation === 'target.read') throw new Error('no');
    };
    expect((await plan()).exit).toBe(1);
    expect((await site.cli('plan', 'nope')).exit).toBe(1);
  });
});

describe('which records', () => {
  test('--limit looks at no more', async () => {
    expect((await plan('--limit', '2')).out).toContain('2 records looked at');
  });

  test('--since asks both sides what changed, and knows the records of the target by their link or reference', async () => {
    site.close();
    const windows: { side: string; from: number; to: number }[] = [];
    t = twoWayTown({
      source: {
        scan: async (_session, { from, to, page }) => {
          windows.push({ side: 'left', from, to });
          return page === undefined
            ? { items: [{ id: 'p1', changeId: 'a' }], next: '2' }
            : {
                items: [
                  { id: 'p1', changeId: 'b' },
                  { id: 'p2', changeId: 'c' },
                ],
              };
        },
      },
      target: {
        overlap: 1_000,
        scan: async (_session, { from, to }) => {
          windows.push({ side: 'right', from, to });
          return { items: ['t1', 't3', 'made-by-hand', 'by-reference'].map((id) => ({ id, changeId: id })) };
        },
      },
    });
    for (const id of ['p1', 'p2', 'p3', 'p4']) t.people.set(id, { name: id });
    await t.hint(['p1', 'p2', 'p3']);
    await t.run();
    t.rows.set('made-by-hand', { fields: { name: 'x' } });
    t.rows.set('by-reference', { ref: 'p4', fields: { name: 'p4' } });
    site = await operate(t);
    const at = t.clock.now() - 60_000;
    const { out } = await plan('--since', new Date(at).toISOString());
    expect(out).toContain('people/p4  paired with Mail by-reference, found by our reference');
    expect(out).toContain('4 records looked at: 1 written');
    expect(out).toContain('1 changed record of the target belong to none');
    const [first] = windows;
    expect(windows).toEqual([
      { side: 'left', from: at - 60_000, to: first?.to },
      { side: 'left', from: at - 60_000, to: first?.to },
      { side: 'right', from: at - 1_000, to: first?.to },
    ]);
  });

  test('a page of another listing is refused', async () => {
    const response = await fetch(`${site.url}/api/flows/test-flow/records?page=7`);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('page')]);
  });
});
