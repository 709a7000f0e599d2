import { describe, expect, test } from 'vitest';
import { contacts, hubspotAccount } from '../../../shared/connectors/hubspot/index.ts';
import type { History } from '../../../shared/engine/history.ts';
import type { Read } from '../../../shared/engine/resource.ts';
import { type Hubspot, START, startHubspot } from './world.ts';

const target = contacts({ account: hubspotAccount('main') });
const minute = 60_000;

async function create(hubspot: Hubspot, ref: string, fields: Record<string, string>): Promise<string> {
  const done = (await target.write(hubspot.session(), [{ kind: 'create', ref, fields }])).get(ref);
  return done?.ok ? done.targetId : 'nothing was created';
}

const told = (read: Read<unknown> | undefined, field: string) =>
  (historyOf(read)[field] ?? []).map(({ value, at, by }) => [value, (at - START) / minute, by]);

function historyOf(read: Read<unknown> | undefined): History {
  return read?.state === 'present' ? (read.history ?? {}) : {};
}

describe('the history of a contact', () => {
  test('is told oldest first, with who wrote what', async () => {
    await using hubspot = await startHubspot();
    const { sandbox } = hubspot;
    const id = await create(hubspot, '7', { phone: '1', city: 'Bath' });
    sandbox.advance(minute);
    sandbox.edit({ record: 'contact', id, set: { phone: '2' }, by: 'staff' });
    sandbox.advance(minute);
    sandbox.edit({ record: 'contact', id, set: { phone: '' }, by: 'person' });
    sandbox.advance(minute);
    const other = hubspot.session({ secret: sandbox.otherSecret(hubspot.baseUrl) });
    await target.write(other, [{ kind: 'update', ref: '7', targetId: id, fields: { phone: '4' } }]);
    sandbox.advance(minute);
    await target.write(hubspot.session(), [
      { kind: 'update', ref: '7', targetId: id, fields: { phone: '5' } },
    ]);
    const expected = [
      ['1', 0, 'us'],
      ['2', 1, 'other'],
      [null, 2, 'person'],
      ['4', 3, 'other'],
      ['5', 4, 'us'],
    ];
    const batch = (await target.read(hubspot.session(), [id], ['phone', 'city'], ['phone'])).get(id);
    const one = await target.readOne(hubspot.session(), id, ['phone', 'city'], ['phone']);
    for (const read of [batch, one]) {
      expect(read).toMatchObject({ state: 'present', record: { phone: '5', city: 'Bath' } });
      expect(told(read, 'phone')).toEqual(expected);
      expect(Object.keys(historyOf(read))).toEqual(['phone']);
    }
  });

  test('is asked for 50 contacts at a time, as HubSpot demands, and else for 100', async () => {
    await using hubspot = await startHubspot();
    const writes = Array.from({ length: 100 }, (_, n) => ({
      kind: 'create' as const,
      ref: String(n),
      fields: { city: 'Bath' },
    }));
    const done = await target.write(hubspot.session(), writes);
    const ids = [...done.values()].map((each) => (each.ok ? each.targetId : ''));
    const [plain, telling] = [hubspot.session(), hubspot.session()];
    expect((await target.read(plain, ids, ['city'])).size).toBe(100);
    expect((await target.read(telling, ids, ['city'], ['city'])).size).toBe(100);
    expect([plain.sent.length, telling.sent.length]).toEqual([1, 2]);
  });

  test('is not told where the secret does not say which app is ours', async () => {
    await using hubspot = await startHubspot();
    const id = await create(hubspot, '7', { city: 'Bath' });
    const { appId: _, ...secret } = hubspot.secret;
    const read = await target.readOne(hubspot.session({ secret }), id, ['city'], ['city']);
    expect(read).toEqual({ state: 'present', record: { city: 'Bath' } });
  });
});
