import { describe, expect, test } from 'vitest';
import { hubspotAccount, marketingEvents, participations } from '../../../shared/connectors/hubspot/index.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import type { Write } from '../../../shared/engine/resource.ts';
import { type Hubspot, START, startHubspot } from './world.ts';

const options = { account: hubspotAccount('main'), externalAccountId: 'town-hall' };
const events = marketingEvents(options);
const target = participations(options);
const NAMES = ['state', 'at'];
const minute = (n: number) => new Date(START + n * 60_000).toISOString();

const write = (kind: Write['kind'], ref: string, fields: Fields = {}): Write => ({
  kind,
  ref,
  fields,
  ...(kind === 'create' ? {} : { targetId: ref }),
});
const create = (ref: string, state: string, at = 0) => write('create', ref, { state, at: minute(at) });

/** Events 1 and 2, and contacts of patrons 0 to 9 unless more are wanted. */
async function theatre(patrons = 10): Promise<Hubspot> {
  const hubspot = await startHubspot();
  for (let n = 0; n < patrons; n += 1)
    hubspot.sandbox.edit({
      record: 'contact',
      set: { lastname: `P${n}`, tessitura_constituent_id: String(n) },
    });
  const fields = { name: 'Tosca', start: minute(60), end: minute(200) };
  await events.write(hubspot.session(), [
    { kind: 'create', ref: '1', fields },
    { kind: 'create', ref: '2', fields },
  ]);
  return hubspot;
}

async function shown(hubspot: Hubspot, ref: string): Promise<unknown> {
  const read = await target.readOne(hubspot.session(), ref, NAMES);
  return read.state === 'present' ? read.record : read.state;
}

describe('who takes part', () => {
  test.each(['v3', '2026-03', '2026-09'])('reads as it was written, in %s', async (apiVersion) => {
    await using hubspot = await theatre();
    const session = hubspot.session({ secret: { ...hubspot.secret, apiVersion } });
    const states = ['registered', 'attended', 'cancelled'];
    const writes = states.map((state, n) => create(`1-${n}`, state, n));
    const results = await target.write(session, [...writes, create('2-0', 'registered')]);
    expect([...results.keys()].sort()).toEqual(['1-0', '1-1', '1-2', '2-0']);
    expect([...results.values()].every((each) => each.ok && each.created)).toBe(true);
    const read = await target.read(session, ['1-0', '1-1', '1-2', '2-0', '2-1'], NAMES);
    expect(Object.fromEntries(read)).toEqual({
      '1-0': { state: 'present', record: { state: 'registered', at: minute(0) } },
      '1-1': { state: 'present', record: { state: 'attended', at: minute(1) } },
      '1-2': { state: 'present', record: { state: 'cancelled', at: minute(2) } },
      '2-0': { state: 'present', record: { state: 'registered', at: minute(0) } },
    });
    expect(await shown(hubspot, '2-1')).toBe('gone');
  });

  test('is told with one call for each event and state', async () => {
    await using hubspot = await theatre(100);
    const session = hubspot.session();
    const writes = Array.from({ length: 100 }, (_, n) =>
      create(`1-${n}`, n < 50 ? 'registered' : 'attended'),
    );
    await target.write(session, writes);
    expect(session.sent).toEqual(['contacts.read', 'participations.write', 'participations.write']);
  });

  test('is read with one walk of an event, or singly when few are asked for', async () => {
    await using hubspot = await theatre(250);
    for (const from of [0, 100, 200]) {
      const writes = Array.from({ length: 100 }, (_, n) => create(`1-${from + n}`, 'registered'));
      await target.write(hubspot.session(), writes.slice(0, from === 200 ? 50 : 100));
    }
    const [many, few] = [hubspot.session(), hubspot.session()];
    const ids = Array.from({ length: 100 }, (_, n) => `1-${150 + n}`);
    expect((await target.read(many, ids, NAMES)).size).toBe(100);
    expect(many.sent.filter((each) => each === 'participations.read').length).toBe(3);
    expect((await target.read(few, ['1-240', '1-3'], NAMES)).size).toBe(2);
    expect(few.sent).toEqual(['contacts.read', 'participations.read', 'participations.read']);
  });

  test('may change, also by a write that names only what changed', async () => {
    await using hubspot = await theatre();
    await target.write(hubspot.session(), [create('1-0', 'registered')]);
    await target.write(hubspot.session(), [write('update', '1-0', { state: 'attended', at: minute(61) })]);
    expect(await shown(hubspot, '1-0')).toEqual({ state: 'attended', at: minute(61) });
    await target.write(hubspot.session(), [write('update', '1-0', { at: minute(62) })]);
    expect(await shown(hubspot, '1-0')).toEqual({ state: 'attended', at: minute(62) });
    await target.write(hubspot.session(), [create('1-1', 'registered')]);
    await target.write(hubspot.session(), [write('update', '1-1', { state: 'cancelled' })]);
    expect(await shown(hubspot, '1-1')).toEqual({ state: 'cancelled', at: minute(0) });
  });

  test('a removal cancels, and what is cancelled is not listed', async () => {
    await using hubspot = await theatre();
    await target.write(hubspot.session(), [create('1-0', 'attended'), create('1-1', 'registered')]);
    hubspot.sandbox.advance(60_000);
    const now = { now: () => START + 60_000 };
    const removed = await target.write(hubspot.session(now), [
      write('remove', '1-0'),
      write('remove', '1-5'),
    ]);
    expect([...removed.values()]).toEqual([
      { ok: true, targetId: '1-5', created: false },
      { ok: true, targetId: '1-0', created: false },
    ]);
    expect(await shown(hubspot, '1-0')).toMatchObject({ state: 'cancelled' });
    const listed: string[] = [];
    let page: string | undefined;
    do {
      const { items, next } = await target.list(hubspot.session(), page);
      listed.push(...items.map((each) => each.ref));
      page = next;
    } while (page !== undefined);
    expect(listed).toEqual(['1-1']);
  });

  test('every participant of every event is listed, past a page', async () => {
    await using hubspot = await theatre(120);
    for (const event of ['1', '2'])
      for (const from of [0, 60]) {
        const writes = Array.from({ length: 60 }, (_, n) => create(`${event}-${from + n}`, 'registered'));
        await target.write(hubspot.session(), writes);
      }
    const listed = new Set<string>();
    let page: string | undefined;
    do {
      const { items, next } = await target.list(hubspot.session(), page);
      for (const { ref } of items) listed.add(ref);
      page = next;
    } while (page !== undefined);
    expect(listed.size).toBe(240);
  });
});

describe('a no-show', () => {
  test('is made by HubSpot when the event is completed, and awaited until then', async () => {
    await using hubspot = await theatre();
    await target.write(hubspot.session(), [create('1-0', 'registered'), create('1-1', 'attended', 61)]);
    const hope = write('update', '1-0', { state: 'no_show' });
    expect((await target.write(hubspot.session(), [hope])).get('1-0')).toMatchObject({
      fault: { kind: 'waiting', waitingFor: 'performance/1' },
    });
    const late = create('1-2', 'no_show');
    expect((await target.write(hubspot.session(), [late])).get('1-2')).toMatchObject({
      fault: { kind: 'waiting' },
    });
    const over: Write = { kind: 'update', ref: '1', targetId: 'perf-1', fields: { completed: true } };
    await events.write(hubspot.session(), [over]);
    for (const each of [hope, late]) {
      const done = await target.write(hubspot.session(), [each]);
      expect(done.get(each.ref)).toMatchObject({ ok: true });
      expect(await shown(hubspot, each.ref)).toEqual({ state: 'no_show', at: minute(0) });
    }
    const came = await target.write(hubspot.session(), [write('update', '1-1', { state: 'no_show' })]);
    expect(came.get('1-1')).toMatchObject({ fault: { kind: 'rejected', field: 'state' } });
  });
});

describe('who cannot be told yet', () => {
  test('waits for the contact, or for the event', async () => {
    await using hubspot = await theatre();
    const results = await target.write(hubspot.session(), [
      create('1-77', 'registered'),
      create('3-0', 'registered'),
      create('1-0', 'registered'),
    ]);
    expect(results.get('1-77')).toMatchObject({ fault: { kind: 'waiting', waitingFor: 'patron/77' } });
    expect(results.get('3-0')).toMatchObject({ fault: { kind: 'waiting', waitingFor: 'performance/3' } });
    expect(results.get('1-0')).toMatchObject({ ok: true });
  });

  test.each<[Fields, string]>([
    [{ state: 'asleep', at: minute(0) }, 'state'],
    [{ state: 'registered', at: 'soon' }, 'at'],
    [{ state: 'registered' }, 'at'],
  ])('%j names what is wrong', async (fields, field) => {
    await using hubspot = await theatre();
    const results = await target.write(hubspot.session(), [write('create', '1-0', fields)]);
    expect(results.get('1-0')).toMatchObject({ fault: { kind: 'rejected', field } });
  });
});
