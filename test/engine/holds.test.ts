import { describe, expect, test } from 'vitest';
import { alertsOf, type FlowHealth, gatherHealth } from '../../shared/engine/health.ts';
import { approve, discard, release, replay, verdictOf } from '../../shared/engine/operate.ts';
import { fault, type Town, town } from './town.ts';

const MINUTE = 60_000;

async function filled(count: number, options: Parameters<typeof town>[0] = {}): Promise<Town> {
  const t = town(options);
  for (let id = 0; id < count; id += 1) t.people.set(String(id), { name: `n${id}`, email: `${id}@x.org` });
  await t.hint([...t.people.keys()]);
  await t.run();
  await t.clock.advance(MINUTE);
  return t;
}

async function health(t: Town): Promise<FlowHealth> {
  return gatherHealth(t.engine, t.flow, {
    newParkings: 0,
    oldestUnfinished: undefined,
    startedAt: t.clock.now(),
  });
}

describe('a change of too many records', () => {
  test('removals over the ceiling hold the flow; one word lets them through', async () => {
    const t = await filled(100);
    for (let id = 0; id < 50; id += 1) t.people.delete(String(id));
    await t.hint([...Array(50).keys()].map(String));
    await t.run(10 * MINUTE);
    expect(t.rows.size).toBe(100);
    const [alert] = alertsOf(t.flow, await health(t)).filter((each) => each.key.endsWith('held-mass-change'));
    expect(alert?.text).toContain('npm run intertie -- approve test-flow');
    expect(await approve(t.engine, t.flow)).toBe(true);
    await t.run(10 * MINUTE);
    expect(t.rows.size).toBe(50);
    expect(alertsOf(t.flow, await health(t))).toEqual([]);
  });

  test('ten of a hundred removals pass, the eleventh does not', async () => {
    const t = await filled(100);
    for (let id = 0; id < 10; id += 1) t.people.delete(String(id));
    await t.hint([...Array(10).keys()].map(String));
    await t.run();
    expect(t.rows.size).toBe(90);
    t.people.delete('10');
    await t.hint(['10']);
    await t.run(5 * MINUTE);
    expect(t.rows.size).toBe(90);
  });

  test('emptying a field of many counts as removing', async () => {
    const t = await filled(100);
    for (const [id, person] of t.people) t.people.set(id, { name: person.name });
    await t.hint([...t.people.keys()]);
    await t.run(5 * MINUTE);
    expect([...t.rows.values()].filter((row) => row.fields.email === null)).toHaveLength(0);
    expect((await t.engine.gate(t.flow).state())?.hold?.kind).toBe('mass-change');
  });

  test('the count forgets after a day', async () => {
    const t = await filled(100);
    for (let day = 0; day < 3; day += 1) {
      for (let id = 0; id < 8; id += 1) t.people.delete(String(day * 8 + id));
      await t.hint([...Array(8).keys()].map((id) => String(day * 8 + id)));
      await t.run();
      await t.clock.advance(25 * 3_600_000);
    }
    expect(t.rows.size).toBe(76);
  });

  test('approve says no when nothing is held for it', async () => {
    const t = await filled(1);
    expect(await approve(t.engine, t.flow)).toBe(false);
  });
});

describe('a changed contract', () => {
  test('a reply that no longer fits holds the flow, writes nothing, and ends when a probe succeeds', async () => {
    const t = town();
    for (let id = 0; id < 300; id += 1) t.people.set(String(id), { name: `n${id}` });
    let broken = true;
    t.trouble.fail = (call) => {
      if (broken && call.operation === 'source.read')
        throw fault('contract-changed', {
          vendor: 'here',
          message: 'people: field "name" is missing',
          field: 'name',
        });
    };
    await t.hint([...t.people.keys()]);
    await t.run(30 * MINUTE);
    expect(t.rows.size).toBe(0);
    expect(t.ports.state.letters.size).toBe(0);
    // The first look and a probe every five minutes, not one look per record.
    expect(t.calls.filter((call) => call.operation === 'source.read').length).toBeLessThan(12);
    const alerts = alertsOf(t.flow, await health(t));
    expect(alerts.map((each) => each.title).join()).toContain('field "name" is missing');
    broken = false;
    await t.run(20 * MINUTE);
    expect(t.rows.size).toBe(300);
  });

  test('many records that fail in the same way are held, not parked one by one', async () => {
    const t = town({ target: { batchSize: 5 } });
    for (let id = 0; id < 200; id += 1) t.people.set(String(id), { name: `n${id}` });
    let broken = true;
    t.trouble.refuse = () =>
      broken ? fault('rejected', { message: 'unknown property', field: 'name' }) : undefined;
    await t.hint([...t.people.keys()]);
    await t.run(10 * MINUTE);
    expect((await t.engine.gate(t.flow).state())?.hold?.reason).toContain('unknown property');
    expect(t.ports.state.letters.size).toBeLessThan(15);
    broken = false;
    expect(await release(t.engine, t.flow)).toBe(true);
    await t.run(10 * MINUTE);
    await replay(t.engine, t.flow, 'all');
    await t.run(10 * MINUTE);
    expect(t.rows.size).toBe(200);
  });

  test('a new deployment ends the hold', async () => {
    const t = town();
    await t.engine.gate(t.flow).hold('contract', 'a field is missing');
    expect(await t.engine.gate(t.flow).pass()).toMatchObject({ open: false });
    const { openEngine } = await import('../../shared/engine/engine.ts');
    const next = openEngine({ ports: t.ports, flows: [t.flow], deployment: 'd2' });
    expect(await next.gate(t.flow).pass()).toEqual({ open: true, probe: false });
  });
});

describe('an account that is held', () => {
  test('refused credentials hold the account with one page; a new secret ends it', async () => {
    const t = await filled(3);
    await t.ports.secrets.put('there/main', { token: 'old' });
    let revoked = true;
    let calls = 0;
    t.trouble.fail = (call) => {
      if (!call.operation.startsWith('target') || !revoked) return;
      calls += 1;
      throw fault('auth-expired', { message: 'the token was revoked' });
    };
    for (const id of t.people.keys()) t.people.set(id, { name: `new ${id}` });
    await t.hint([...t.people.keys()]);
    await t.run(60 * MINUTE);
    expect(calls).toBe(1);
    expect(alertsOf(t.flow, await health(t)).map((each) => each.title)).toEqual([
      expect.stringContaining('account there/main is held: the token was revoked'),
    ]);
    revoked = false;
    await t.ports.secrets.put('there/main', { token: 'new' });
    await t.run(5 * MINUTE);
    expect([...t.rows.values()].map((row) => row.fields.name)).toEqual(['new 0', 'new 1', 'new 2']);
  });
});

describe('an operator', () => {
  test('pauses with a reason and an end, and resumes', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    await t.engine.gate(t.flow).pause('stock-taking', t.clock.now() + 10 * MINUTE);
    await t.hint(['1']);
    await t.run(9 * MINUTE);
    expect(t.rows.size).toBe(0);
    await t.run(10 * MINUTE);
    expect(t.rows.size).toBe(1);
    await t.engine.gate(t.flow).pause('again');
    expect(await t.engine.gate(t.flow).resume()).toBe(true);
    expect(await t.engine.gate(t.flow).resume()).toBe(false);
  });

  test('replays with a verdict that tells what it means', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    t.trouble.refuse = () => fault('rejected', { message: 'no' });
    await t.hint(['1']);
    await t.run();
    expect(verdictOf(await t.link('1'), 'd1').kind).toBe('safe');
    expect(verdictOf(await t.link('1'), 'd2').kind).toBe('mapping-changed');
    t.trouble.refuse = () => undefined;
    const replayed = await replay(t.engine, t.flow, 'all');
    expect(replayed).toMatchObject({ sent: 1, items: [{ id: '1', verdict: { kind: 'safe' } }] });
    await t.run();
    expect(verdictOf(await t.link('1'), 'd1').kind).toBe('already-applied');
    expect(t.rows.size).toBe(1);
  });

  test('discards a parked record with a reason; a later change of it is delivered', async () => {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    t.trouble.refuse = () => fault('rejected', { message: 'no' });
    await t.hint(['1']);
    await t.run();
    const name = { collection: 'people', id: '1' };
    expect(await discard(t.engine, t.flow, name, 'a test account')).toBe(true);
    expect(await discard(t.engine, t.flow, name, 'a test account')).toBe(false);
    expect((await t.link('1'))?.body?.outcomes[0]).toMatchObject({
      outcome: 'discarded',
      reason: 'a test account',
    });
    t.trouble.refuse = () => undefined;
    await t.clock.advance(MINUTE);
    await t.hint(['1']);
    await t.run();
    expect(t.rows.size).toBe(1);
  });
});
