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
        expect(read).toEqual({ state: 'present', record: written.get(byTarget.get(targetId) ?? '') });
    }
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
