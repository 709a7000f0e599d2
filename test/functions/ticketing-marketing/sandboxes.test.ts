import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ticketingMarketing } from '../../../functions/ticketing-marketing/flow.ts';
import { mapPatron, patronFields } from '../../../functions/ticketing-marketing/patron.ts';
import { hubspotSandbox } from '../../../shared/connectors/hubspot/sandbox.ts';
import {
  type Constituent,
  constituents,
  tessituraAccount,
} from '../../../shared/connectors/tessitura/index.ts';
import { tessituraSandbox } from '../../../shared/connectors/tessitura/sandbox.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import type { Mapped } from '../../../shared/engine/flow.ts';
import type { Session } from '../../../shared/engine/session.ts';
import { type Running, serveSandbox } from '../../connectors/contract.ts';
import { testSession } from '../../connectors/session.ts';

const SIZE = 400;
const source = constituents({
  account: tessituraAccount('main'),
  include: ['memberships', 'attendance'],
});
/** In the season that the sandbox's tickets are for. */
const NOW = Date.parse('2026-06-10T12:00:00-04:00');
const target = ticketingMarketing.collections[0].target;

/** Every patron of a sandbox box office, nasty ones included, read and mapped as the flow does. */
let running: Running[];
let patrons: Map<string, { record: Constituent; mapped: Mapped }>;
let hubspot: Session;

beforeAll(async () => {
  running = [
    await serveSandbox(tessituraSandbox({ seed: 11, size: SIZE, rateScale: Infinity, now: () => NOW })),
    await serveSandbox(hubspotSandbox({ seed: 11, size: 0, rateScale: Infinity })),
  ];
  const tessitura = testSession({ account: 'tessitura/main', secret: running[0]?.secret });
  hubspot = testSession({ account: 'hubspot/main', secret: running[1]?.secret });
  patrons = new Map();
  for (const ids of chunks(await everyId(tessitura), source.batchSize)) {
    for (const [id, read] of await source.read(tessitura, ids)) {
      if (read.state !== 'present') continue;
      patrons.set(id, { record: read.record, mapped: mapPatron(read.record, { now: NOW }) });
    }
  }
}, 60_000);

afterAll(async () => {
  await Promise.all(running.map((each) => each.stop()));
});

describe('the patrons of a sandbox', () => {
  test('are of every kind, and none is rejected', () => {
    const kinds = Map.groupBy(patrons.values(), ({ mapped }) =>
      mapped.kind === 'absent' ? mapped.because : mapped.kind,
    );
    expect([...kinds.keys()].sort()).toEqual(['not an individual', 'present', 'protected']);
    expect(kinds.get('present')?.length).toBeGreaterThan(SIZE / 2);
  });

  test('fill every field in somebody', () => {
    const filled = new Set(
      contacts().flatMap(([, fields]) => Object.keys(fields).filter((name) => fields[name] !== null)),
    );
    expect([...filled].sort()).toEqual([...patronFields].sort());
  });

  test('are members of every status, by themselves and through their household', () => {
    const seen = (name: string) => new Set(contacts().map(([, fields]) => fields[name]));
    expect(seen('tessitura_membership_status')).toEqual(new Set(['active', 'lapsing', 'lapsed', 'none']));
    expect(seen('tessitura_membership_via_household')).toEqual(new Set(['true', 'false', null]));
    expect(seen('tessitura_membership_org').size).toBeGreaterThan(2);
    expect(seen('tessitura_visits_12m').size).toBeGreaterThan(2);
  });

  test('are counted from what the box office has of them', () => {
    for (const [, { record, mapped }] of patrons) {
      if (mapped.kind !== 'present') continue;
      const attended = (record.AttendanceHistory ?? []).map((row) => row.Performance?.Id);
      expect(Number(mapped.fields.tessitura_visits_12m)).toBeLessThanOrEqual(new Set(attended).size);
      expect(mapped.fields.tessitura_last_attended === null).toBe(attended.length === 0);
      expect(mapped.recheckAt ?? Number.POSITIVE_INFINITY).toBeGreaterThan(NOW);
    }
  });

  test('no two contacts hold one e-mail, and whoever has none for that reason names a contact that has', () => {
    const holders = contacts().flatMap(([id, { email }]) => (email ? [[email, id] as const] : []));
    expect(new Set(holders.map(([email]) => email)).size).toBe(holders.length);
    const withEmail = new Set(holders.map(([, id]) => id));
    const sharing = contacts().flatMap(([, fields]) => fields.tessitura_email_shared_with ?? []);
    expect(sharing.length).toBeGreaterThan(0);
    for (const owner of sharing) expect(withEmail).toContain(owner);
  });

  test('are taken by HubSpot as they are, and read back as they were written', async () => {
    for (const batch of chunks(contacts(), target.batchSize)) {
      const writes = batch.map(([ref, fields]) => ({ ref, kind: 'create' as const, fields }));
      const results = await target.write(hubspot, writes);
      expect([...results.values()].filter((each) => !each.ok)).toEqual([]);
      const byTarget = new Map(
        [...results].flatMap(([ref, each]) => (each.ok ? [[each.targetId, ref] as const] : [])),
      );
      expect(byTarget.size).toBe(batch.length);
      const stored = await target.read(hubspot, [...byTarget.keys()], patronFields);
      const written = new Map(batch);
      for (const [targetId, read] of stored)
        expect(read).toEqual({
          state: 'present',
          record: { email_consent: null, ...written.get(byTarget.get(targetId) ?? '') },
        });
    }
  });
});

describe('an evening at the box office', () => {
  /** One patron as the flow sees it now, after the box office's clock. */
  async function storyOf(id: number) {
    const at = { ms: NOW };
    const server = await serveSandbox(tessituraSandbox({ seed: 11, size: SIZE, now: () => at.ms }));
    running.push(server);
    const { sandbox } = server;
    const session = testSession({ account: 'tessitura/main', secret: server.secret, now: () => at.ms });
    const look = async (who = id) => {
      const read = await source.readOne(session, String(who));
      if (read.state !== 'present') throw new Error(`not present but ${read.state}`);
      return mapPatron(read.record, { now: at.ms });
    };
    const fields = async () => {
      const mapped = await look();
      return mapped.kind === 'present' ? mapped.fields : {};
    };
    return { sandbox, look, fields, at };
  }
  const amount = (fields: Fields) => Number(fields.tessitura_lifetime_tickets);

  test('a ticket is bought, scanned twice, the evening passes, another is returned', async () => {
    const { sandbox, fields, look, at } = await storyOf(14);
    const before = await fields();
    const ticket = sandbox.edit({ record: 'ticket', set: { Constituent: 14, Amount: 40 } });
    const bought = await fields();
    expect(bought.tessitura_next_performance).toBe('2026-06-10');
    expect(amount(bought)).toBe(amount(before) + 40);
    for (const _ of ['in', 'again']) sandbox.edit({ record: 'scan', set: { Ticket: ticket } });
    const scanned = await look();
    expect(scanned).toMatchObject({
      recheckAt: Date.parse('2026-06-10T19:30:00-04:00'),
      fields: {
        tessitura_last_attended: '2026-06-10',
        tessitura_visits_12m: String(Number(before.tessitura_visits_12m) + 1),
      },
    });
    at.ms = Date.parse('2026-06-10T19:30:00-04:00');
    expect((await fields()).tessitura_next_performance).toBe(before.tessitura_next_performance);
    const other = sandbox.edit({ record: 'ticket', set: { Constituent: 14, Day: '2026-06-12', Amount: 99 } });
    expect((await fields()).tessitura_next_performance).toBe('2026-06-12');
    sandbox.edit({ record: 'ticket', id: other, remove: true });
    const returned = await fields();
    expect(returned.tessitura_next_performance).toBe(before.tessitura_next_performance);
    expect(amount(returned)).toBe(amount(bought));
  });

  test('a household joins, its people are members, time lapses it, a renewal brings it back', async () => {
    const { sandbox, look, at } = await storyOf(0);
    const household = Array.from({ length: SIZE }, (_, index) => index + 1).find((id) =>
      JSON.stringify(sandbox.peek('constituent', String(id))?.ConstituentType ?? '').includes('Household'),
    );
    if (household === undefined) throw new Error('no household in the sandbox');
    const before = await look(household);
    const set = { Constituent: household, Level: 'Partner' };
    const joined = sandbox.edit({ record: 'membership', set });
    const after = await look(household);
    if (before.kind !== 'absent' || after.kind !== 'absent') throw new Error('a household is no contact');
    expect(after.basis).not.toBe(before.basis);
    const people = [household + 1, household + 2].map(String);
    expect(after.affects).toEqual(expect.arrayContaining(people));
    const statusOf = async () => {
      const mapped = await look(household + 1);
      return mapped.kind === 'present' ? mapped.fields : {};
    };
    const via = { tessitura_membership_via_household: 'true', tessitura_membership_level: 'Partner' };
    expect(await statusOf()).toMatchObject({ ...via, tessitura_membership_status: 'active' });
    at.ms = Date.parse('2027-06-09T12:00:00-04:00');
    expect(await statusOf()).toMatchObject({ ...via, tessitura_membership_status: 'lapsing' });
    sandbox.edit({ record: 'membership', id: joined });
    expect(await statusOf()).toMatchObject({ ...via, tessitura_membership_status: 'active' });
    at.ms = Date.parse('2027-06-11T12:00:00-04:00');
    expect(await statusOf()).toMatchObject({ ...via, tessitura_membership_renewed: '2027-06-10' });
  });
});

function contacts(): [string, Fields][] {
  return [...patrons].flatMap(([id, { mapped }]): [string, Fields][] =>
    mapped.kind === 'present' ? [[id, mapped.fields]] : [],
  );
}

async function everyId(session: Session): Promise<string[]> {
  const ids: string[] = [];
  let page: string | undefined;
  do {
    const { items, next } = await source.list(session, page);
    ids.push(...items);
    page = next;
  } while (page !== undefined);
  return ids;
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  );
}
