import { beforeEach, describe, expect, test } from 'vitest';
import { markOf, workItems } from '../../shared/engine/work-items.ts';
import type { Town } from '../engine/town.ts';
import { operate, twoWayTown, withOpenItem } from './two-way-town.ts';

let t: Town;
let site: Awaited<ReturnType<typeof operate>>;
beforeEach(async () => {
  t = twoWayTown();
  await withOpenItem(t);
  site = await operate(t);
  return () => site.close();
});

const ITEM = 'people/p1';
const decide = (...more: string[]) => site.cli('decide', 'test-flow', ITEM, 'name', ...more);

describe('items', () => {
  test('shows both values, why, since when, and the words that the record is recognised by', async () => {
    const { exit, out, err } = await site.cli('items');
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^test-flow: 1 work item, oldest first\n {2}people\/p1 {2}Dear Anne {2}\d+ \w+ ago\n/,
    );
    expect(out).toContain('    name: both sides changed it at about the same time\n');
    expect(out).toContain('      Tickets (left)   Anne\n      Mail (right)     Anna\n');
    expect((await site.cli('items', 'test-flow')).out).toBe(out);
  });

  test('--json is the answer', async () => {
    const { out } = await site.cli('items', 'test-flow', '--json');
    expect(JSON.parse(out)).toMatchObject({
      sides: { left: 'Tickets', right: 'Mail' },
      count: 1,
      items: [{ collection: 'people', id: 'p1', field: 'name', left: 'Anne', right: 'Anna' }],
    });
  });

  test('a source that does not answer costs the words, not the list', async () => {
    t.trouble.fail = ({ operation }) => {
      if (operation.startsWith('source')) throw new Error('no');
    };
    expect((await site.cli('items')).out).toContain('  people/p1  ');
  });

  test('the record says on which side a field would be written', async () => {
    await decide('--keep', 'left');
    await t.run();
    for (const row of t.rows.values()) Object.assign(row.fields, { name: 'Annie', email: 'other@a.example' });
    const response = await fetch(`${site.url}/api/flows/test-flow/records/p1`);
    expect(await response.json()).toMatchObject({
      fields: [
        { name: 'name', wanted: 'Anne', current: 'Annie', differs: true, towards: 'source' },
        {
          name: 'email',
          wanted: 'ann@a.example',
          current: 'other@a.example',
          differs: true,
          towards: 'target',
        },
      ],
    });
  });

  test('nothing of the values is written anywhere but to the person who asked', async () => {
    await site.cli('items');
    await decide('--keep', 'left');
    await t.run();
    expect(JSON.stringify(t.ports.state.trail)).not.toMatch(/Ann/);
    expect(site.errors).toEqual([]);
  });

  test('the status and the record count it, and the record keeps what was overruled', async () => {
    expect((await site.cli('status')).out).toContain('work items: 1');
    const { out } = await site.cli('trace', 'test-flow', 'p1');
    expect(out).toContain('DECIDE name: both sides');
    expect(out).toMatch(/\? name {3}Anne {2}≠ {2}Anna\n/);
    await decide('--keep', 'Mail');
    await t.run();
    expect((await site.cli('status')).out).toContain('work items: 0');
    expect((await site.cli('items')).out).toBe('nothing waits for a decision\n');
    expect((await site.cli('trace', 'test-flow', 'p1')).out).toMatch(/overruled .* name of Tickets {2}Anne/);
  });
});

describe('decide', () => {
  test.each([
    { keep: 'left', name: 'Anne' },
    { keep: 'right', name: 'Anna' },
    { keep: 'tickets', name: 'Anne' },
    { keep: 'Mail', name: 'Anna' },
  ])('--keep $keep carries $name to both sides', async ({ keep, name }) => {
    expect((await decide('--keep', keep)).exit).toBe(0);
    await t.run();
    expect(t.people.get('p1')?.name).toBe(name);
    expect([...t.rows.values()].map(({ fields }) => fields.name)).toEqual([name]);
    expect(await workItems(t.ports, t.flow)).toEqual([]);
  });

  test.each([
    { argv: ['people/p1', 'email', '--keep', 'left'], says: 'nothing is open on field "email"' },
    { argv: ['people/p1', 'record', '--keep', 'left'], says: 'nothing is open on record people/p1' },
    { argv: ['people/p9', 'name', '--keep', 'left'], says: 'items test-flow' },
    { argv: ['people/p1', 'name', '--keep', 'Post'], says: 'say left (Tickets) or right (Mail)' },
    { argv: ['people/p1', 'name'], says: '--keep' },
  ])('$argv is refused with the next step', async ({ argv, says }) => {
    const { exit, out, err } = await site.cli('decide', 'test-flow', ...argv);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain(says);
  });

  test('a name that nobody knows makes no link', async () => {
    await site.cli('decide', 'test-flow', 'people/p9', 'name', '--keep', 'left');
    expect(await t.link('p9')).toBeUndefined();
  });

  test('a record that somebody has decided, or that a worker holds, says so', async () => {
    await decide('--keep', 'left');
    expect((await decide('--keep', 'right')).err).toContain('has been decided meanwhile');
    const key = { flow: 'test-flow', collection: 'people', id: 'p1' };
    const now = t.clock.now();
    await t.ports.links.claim([{ key, token: 'w', until: now + 60_000 }], now);
    expect((await decide('--keep', 'right')).err).toContain('in work just now');
  });

  test('what was decided on values that have changed since is refused', async () => {
    const post = (mark: string) =>
      fetch(`${site.url}/api/flows/test-flow/items/people%2Fp1/decide`, {
        method: 'POST',
        body: JSON.stringify({ field: 'name', keep: 'left', mark }),
        headers: { 'content-type': 'application/json' },
      });
    const stale = await post(markOf({ left: 'Anne', right: 'Another' }));
    expect([stale.status, JSON.stringify(await stale.json())]).toEqual([
      409,
      expect.stringContaining('have changed since'),
    ]);
    expect((await post(markOf({ left: 'Anne', right: 'Anna' }))).status).toBe(200);
  });

  test('a page of another origin decides nothing', async () => {
    const response = await fetch(`${site.url}/api/flows/test-flow/items/people%2Fp1/decide`, {
      method: 'POST',
      body: 'field=name&keep=left',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'https://evil.example',
      },
    });
    expect(response.status).toBe(403);
    expect(await workItems(t.ports, t.flow)).toHaveLength(1);
  });
});
