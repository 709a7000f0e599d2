import { describe, expect, test } from 'vitest';
import { emptyBody, type LinkBody, type Parked } from '../../shared/engine/link.ts';
import { discard, type Verdict, verdictOf } from '../../shared/engine/operate.ts';
import type { Link } from '../../shared/engine/ports.ts';
import { fault, type Town, town } from './town.ts';

const parked: Parked = { reason: 'r', fingerprint: 'f', since: 1, kind: 'rejected', deployment: 'd1' };

function link(body: Partial<LinkBody> | undefined, more: Partial<Link> = {}): Link {
  return {
    key: { flow: 'f', collection: 'c', id: '1' },
    body: body && { ...emptyBody, ...body },
    lease: undefined,
    takeovers: 0,
    waiters: [],
    ...more,
  };
}

describe('verdictOf', () => {
  const leased = { lease: { token: 't', until: 1 } };

  test.each<[string, Link | undefined, Verdict['kind']]>([
    ['never seen', undefined, 'safe'],
    ['claimed but never settled', link(undefined, leased), 'safe'],
    ['delivered', link({ hash: 'h' }), 'already-applied'],
    ['parked by this code', link({ parked }), 'safe'],
    ['parked before codes had names', link({ parked: { ...parked, deployment: undefined } }), 'safe'],
    ['parked by another code', link({ parked: { ...parked, deployment: 'd0' } }), 'mapping-changed'],
    ['parked with a doubt', link({ parked, doubt: true }), 'needs-verification'],
    [
      'parked with a doubt, by another code',
      link({ parked: { ...parked, deployment: 'd0' }, doubt: true }),
      'needs-verification',
    ],
    ['parked and in work', link({ parked }, leased), 'needs-verification'],
    [
      'a killer',
      link({ parked: { ...parked, kind: 'worker-died', deployment: 'd0' } }),
      'needs-verification',
    ],
  ])('%s', (_what, known, kind) => {
    const verdict = verdictOf(known, 'd1');
    expect(verdict.kind).toBe(kind);
    expect(verdict.why).not.toBe('');
  });
});

describe('discard', () => {
  async function withParked(): Promise<Town> {
    const t = town();
    t.people.set('1', { name: 'Ada' });
    t.trouble.refuse = () => fault('rejected');
    await t.hint(['1']);
    await t.run();
    return t;
  }

  test('takes a parked record off the list, with the reason, and a later change is delivered', async () => {
    const t = await withParked();
    expect((await t.link('1'))?.body?.parked).toBeDefined();
    expect(await discard(t.engine, t.flow, { collection: 'people', id: '1' }, 'a test record')).toBe(true);
    const after = (await t.link('1'))?.body;
    expect(after?.parked).toBeUndefined();
    expect(after?.outcomes[0]).toMatchObject({ outcome: 'discarded', reason: 'a test record' });
    expect(t.ports.state.trail.at(-1)).toMatchObject({
      outcome: 'discarded',
      id: '1',
      reason: 'a test record',
    });
    t.trouble.refuse = () => undefined;
    await t.hint(['1']);
    await t.run();
    expect(t.rows.size).toBe(1);
  });

  test('says no for one that is not parked, not known, or in work, and changes nothing', async () => {
    const t = await withParked();
    await discard(t.engine, t.flow, { collection: 'people', id: '1' }, 'once');
    const before = (await t.link('1'))?.body;
    expect(await discard(t.engine, t.flow, { collection: 'people', id: '1' }, 'twice')).toBe(false);
    expect((await t.link('1'))?.body).toEqual(before);
    expect(await discard(t.engine, t.flow, { collection: 'people', id: '2' }, 'who')).toBe(false);
    expect((await t.link('2'))?.body).toBeUndefined();
    const key = { flow: t.flow.name, collection: 'people', id: '1' };
    await t.ports.links.claim([{ key, token: 'other', until: t.clock.now() + 60_000 }], 0);
    expect(await discard(t.engine, t.flow, { collection: 'people', id: '1' }, 'busy')).toBe(false);
  });
});
