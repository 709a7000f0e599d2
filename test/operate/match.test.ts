import { beforeEach, describe, expect, test } from 'vitest';
import { backfillProgress } from '../../shared/engine/backfill.ts';
import { beginBackfills } from '../../shared/hosts/embedded/jobs.ts';
import { type Town, town } from '../engine/town.ts';
import { operate, twoWayTown } from './two-way-town.ts';

let t: Town;
let site: Awaited<ReturnType<typeof operate>>;
beforeEach(async () => {
  t = twoWayTown();
  site = await operate(t);
  return () => site.close();
});

/** Two systems that both have people already. */
function furnish(): void {
  const person = (id: string, email?: string, more: object = {}) =>
    t.people.set(id, { name: id.toUpperCase(), ...(email !== undefined && { email }), ...more });
  person('a', 'a@x.example');
  person('b', 'b@x.example');
  person('c', 'c@x.example');
  person('d', 'd@x.example');
  person('e', 'e@x.example', { hidden: true });
  person('f', 'a@x.example');
  t.rows.set('r-a', { fields: { name: 'A there', email: 'a@x.example' } });
  t.rows.set('r-b', { ref: 'b', fields: { name: 'B there', email: 'old@x.example' } });
  t.rows.set('r-c1', { fields: { email: 'c@x.example' } });
  t.rows.set('r-c2', { fields: { email: 'c@x.example' } });
}

describe('match', () => {
  test('counts and examples by rule, what is ambiguous, new and kept away', async () => {
    furnish();
    const { exit, out, err } = await site.cli('match', 'test-flow');
    expect([exit, err]).toEqual([1, '']);
    expect(out).toBe(
      `6 records of the source looked at, nothing written
  2 will be paired with the one record that was found for them (1 by our reference, 1 by the match rule)
  2 are ambiguous: a person has to say which record is theirs
  1 are new: a record will be made for each
  1 are kept away by the mapping
matched, e.g.
  a  Dear A → r-a
  b  Dear B → r-b
ambiguous, e.g.
  c  Dear C → r-c1, r-c2  (several records of the target match it; merge them there)
  f  Dear F → r-a  (people/a matches the same record)
new, e.g.
  d  Dear D
skipped, e.g.
  e  Dear E  (hidden)
when this is right: npm run intertie -- backfill test-flow --yes
`,
    );
  });

  test('writes, sends and links nothing, and what it says is what the backfill then does', async () => {
    furnish();
    await site.cli('match', 'test-flow');
    expect([t.ports.state.links.size, t.ports.state.messages.size]).toEqual([0, 0]);
    expect(t.calls.filter(({ operation }) => operation === 'target.write')).toEqual([]);
    await t.hint(['a', 'b', 'c', 'd', 'e'], { cause: 'backfill', verify: true });
    await t.run();
    const linked = async (id: string) => (await t.link(id))?.body?.targetId;
    expect([await linked('a'), await linked('b'), await linked('c')]).toEqual(['r-a', 'r-b', undefined]);
    expect((await t.link('c'))?.body?.parked?.kind).toBe('rejected');
    const after = await site.cli('match', 'test-flow', '--json');
    expect(JSON.parse(after.out).counts).toMatchObject({ linked: 3, ambiguous: 2, skipped: 1 });
  });

  test('a record of the target that belongs to another one of the source', async () => {
    t.people.set('a', { name: 'A', email: 'a@x.example' });
    t.rows.set('r', { ref: 'z', fields: { email: 'a@x.example' } });
    const { out } = await site.cli('match', 'test-flow');
    expect(out).toContain('a  Dear A → r  (the record it matches belongs to people/z; it waits until');
  });

  test('an empty source, a limit, and a collection that is not there', async () => {
    expect(await site.cli('match', 'test-flow')).toMatchObject({
      exit: 0,
      out: 'the source lists no record\n',
    });
    furnish();
    expect((await site.cli('match', 'test-flow', '--limit', '2')).out).toContain('2 records of the source');
    expect(await site.cli('match', 'test-flow', '--collection', 'x')).toMatchObject({ exit: 2 });
  });
});

describe('the first backfill of a flow that goes both ways', () => {
  const backfill = (...more: string[]) => site.cli('backfill', 'test-flow', '--no-wait', ...more);

  test('waits for a yes, and names the command to look with', async () => {
    const { exit, err } = await backfill();
    expect(exit).toBe(2);
    expect(err).toContain('npm run intertie -- match test-flow');
    expect(await backfillProgress(t.engine, t.flow, 'people')).toBeUndefined();
    expect((await backfill('--yes')).exit).toBe(0);
    expect(await backfillProgress(t.engine, t.flow, 'people')).toMatchObject({ sent: 0 });
    expect((await backfill()).exit).toBe(0);
  });

  test('on the console wants the box ticked, once', async () => {
    const page = async () => (await fetch(`${site.url}/flows/test-flow`)).text();
    expect(await page()).toMatch(
      /name="yes" value="true" required>[^<]*<code>npm run intertie -- match test-flow/,
    );
    const post = (body: string) =>
      fetch(`${site.url}/api/flows/test-flow/backfill`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        redirect: 'manual',
      });
    expect((await post('return=%2F')).status).toBe(409);
    expect((await post('return=%2F&yes=true')).status).toBe(303);
    expect(await page()).not.toContain('name="yes"');
  });

  test('one that goes one way asks nobody', async () => {
    await site.close();
    t = town();
    site = await operate(t);
    expect((await backfill()).exit).toBe(0);
  });

  test('begins by itself only between sandboxes', async () => {
    await beginBackfills(t.engine, ({ vendor }) => vendor === 'here');
    expect(await backfillProgress(t.engine, t.flow, 'people')).toBeUndefined();
    await beginBackfills(t.engine, () => true);
    expect(await backfillProgress(t.engine, t.flow, 'people')).toBeDefined();
    const oneWay = town();
    await beginBackfills(oneWay.engine, () => false);
    expect(await backfillProgress(oneWay.engine, oneWay.flow, 'people')).toBeDefined();
  });
});
