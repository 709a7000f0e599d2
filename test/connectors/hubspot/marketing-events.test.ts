import { describe, expect, test } from 'vitest';
import { hubspotAccount, marketingEvents } from '../../../shared/connectors/hubspot/index.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import type { Write, WriteResult } from '../../../shared/engine/resource.ts';
import { startHubspot } from './world.ts';

const target = marketingEvents({ account: hubspotAccount('main'), externalAccountId: 'town-hall' });
const FULL = {
  name: 'Tosca',
  organizer: 'Town Hall',
  type: 'Opera',
  description: 'By Puccini',
  url: 'https://example.test/tosca',
  start: '2026-12-01T19:30:00.000Z',
  end: '2026-12-01T22:30:00.000Z',
  cancelled: false,
  completed: false,
};
const NAMES = Object.keys(FULL);
const create = (ref: string, fields: Fields = FULL): Write => ({ kind: 'create', ref, fields });
const update = (ref: string, fields: Fields): Write => ({
  kind: 'update',
  ref,
  targetId: `perf-${ref}`,
  fields,
});
const said = (result: WriteResult | undefined) =>
  result && 'fault' in result ? (result.fault?.message ?? '') : 'no fault';

describe('a marketing event', () => {
  test.each(['v3', '2026-03', '2026-09'])('reads as it was written, in %s', async (apiVersion) => {
    await using hubspot = await startHubspot();
    const session = hubspot.session({ secret: { ...hubspot.secret, apiVersion } });
    expect((await target.write(session, [create('9')])).get('9')).toEqual({
      ok: true,
      targetId: 'perf-9',
      created: true,
    });
    expect(await target.readOne(session, 'perf-9', NAMES)).toEqual({ state: 'present', record: FULL });
    expect((await target.list(session)).items).toEqual([{ targetId: 'perf-9', ref: '9' }]);
  });

  test('needs a name only: the organisation holds it, and instants are written as one', async () => {
    await using hubspot = await startHubspot();
    const session = hubspot.session();
    await target.write(session, [
      create('9', { name: 'Tosca', start: '2026-12-01T20:30:00+01:00', type: null }),
    ]);
    expect(await target.readOne(session, 'perf-9', NAMES)).toEqual({
      state: 'present',
      record: {
        ...FULL,
        organizer: 'town-hall',
        type: null,
        description: null,
        url: null,
        end: null,
      },
    });
  });

  test('is cancelled and completed by calls of their own, and may come back', async () => {
    await using hubspot = await startHubspot();
    const session = hubspot.session();
    await target.write(session, [
      create('9', { ...FULL, cancelled: true }),
      create('10', { ...FULL, completed: true }),
    ]);
    expect(session.sent).toEqual([
      'marketing-events.upsert',
      'marketing-events.cancel',
      'marketing-events.complete',
    ]);
    const shown = async (id: string) => {
      const read = await target.readOne(session, id, ['cancelled', 'completed', 'start']);
      return read.state === 'present' ? read.record : read.state;
    };
    expect(await shown('perf-9')).toMatchObject({ cancelled: true, completed: false });
    expect(await shown('perf-10')).toMatchObject({ cancelled: false, completed: true });
    await target.write(session, [update('9', { cancelled: false }), update('10', { completed: false })]);
    expect(await shown('perf-9')).toMatchObject({ cancelled: false });
    await target.write(session, [update('9', { completed: true })]);
    expect(await shown('perf-9')).toEqual({ cancelled: false, completed: true, start: FULL.start });
  });

  test('fifty are created by one call, and changed one by one', async () => {
    await using hubspot = await startHubspot();
    const session = hubspot.session();
    const writes = Array.from({ length: 50 }, (_, n) => create(String(n)));
    await target.write(session, writes);
    expect(session.sent).toEqual(['marketing-events.upsert']);
    await target.write(session, [update('1', { name: 'Aida' }), update('2', { name: 'Norma' })]);
    expect(session.sent.slice(1)).toEqual(['marketing-events.update', 'marketing-events.update']);
  });

  test('one that HubSpot refuses is found among the others', async () => {
    await using hubspot = await startHubspot();
    const session = hubspot.session();
    const { name: _, ...nameless } = FULL;
    const results = await target.write(session, [create('1'), create('2', nameless), create('3')]);
    expect([...results].map(([ref, result]) => [ref, result.ok]).sort()).toEqual([
      ['1', true],
      ['2', false],
      ['3', true],
    ]);
    expect(results.get('2')).toMatchObject({ fault: { kind: 'rejected' } });
  });

  test.each<[Fields, string]>([
    [{ ...FULL, start: 'next week' }, 'start'],
    [{ ...FULL, seats: 12 }, 'seats'],
  ])('a field that is none is named: %j', async (fields, field) => {
    await using hubspot = await startHubspot();
    const results = await target.write(hubspot.session(), [create('1', fields), create('2')]);
    expect(results.get('1')).toMatchObject({ fault: { kind: 'rejected', field } });
    expect(said(results.get('1'))).toContain('correct the mapping');
    expect(results.get('2')).toMatchObject({ ok: true });
  });

  test('belongs to the app that made it', async () => {
    await using hubspot = await startHubspot();
    await target.write(hubspot.session(), [create('9')]);
    const other = hubspot.session({ secret: hubspot.sandbox.otherSecret(hubspot.baseUrl) });
    expect(await target.readOne(other, 'perf-9', NAMES)).toEqual({ state: 'gone' });
    expect((await target.write(other, [update('9', { name: 'Mine' })])).get('9')).toEqual({
      ok: false,
      lost: true,
    });
    expect((await target.list(other)).items).toEqual([]);
  });
});
