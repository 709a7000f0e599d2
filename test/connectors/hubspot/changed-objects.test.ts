import { describe, expect, test } from 'vitest';
import { INDEX_LAG } from '../../../shared/connectors/hubspot/changed-objects.ts';
import { contacts, hubspotAccount } from '../../../shared/connectors/hubspot/index.ts';
import type { Change } from '../../../shared/engine/resource.ts';
import type { TestSession } from '../session.ts';
import { START, startHubspot } from './world.ts';

const target = contacts({ account: hubspotAccount('main') });

async function changes(session: TestSession, from: number, to: number): Promise<Change[]> {
  const all: Change[] = [];
  let page: string | undefined;
  do {
    const next = await target.scan?.(session, { from, to, ...(page === undefined ? {} : { page }) });
    all.push(...(next?.items ?? []));
    page = next?.next;
  } while (page !== undefined);
  return all;
}

describe('a scan of contacts', () => {
  test('finds more than 10,000 that changed in one moment, each once', async () => {
    await using hubspot = await startHubspot({ rateScale: Number.POSITIVE_INFINITY });
    for (let n = 0; n < 10_050; n += 1)
      hubspot.sandbox.edit({ record: 'contact', set: { lastname: `L${n}` } });
    hubspot.sandbox.advance(INDEX_LAG);
    const session = hubspot.session();
    const found = await changes(session, START + INDEX_LAG, START + INDEX_LAG);
    expect(found.length).toBe(10_050);
    expect(new Set(found.map((each) => each.id)).size).toBe(10_050);
    expect(new Set(found.map((each) => each.changeId)).size).toBe(10_050);
    expect(session.sent.length).toBe(51);
  });

  test('windows that follow each other find a change once, as late as the index needs', async () => {
    await using hubspot = await startHubspot();
    const id = hubspot.sandbox.edit({ record: 'contact', set: { lastname: 'Meyer' } });
    hubspot.sandbox.advance(1_000);
    const session = hubspot.session();
    expect(await changes(session, START - 1_000, START + 1_000)).toEqual([]);
    hubspot.sandbox.advance(INDEX_LAG);
    const found = await changes(session, START + 1_001, START + INDEX_LAG + 1_000);
    expect(found.map((each) => each.id)).toEqual([id]);
    expect(await changes(session, START + INDEX_LAG + 1_001, START + 10 * INDEX_LAG)).toEqual([]);
  });

  test('a contact that changed again has another change id', async () => {
    await using hubspot = await startHubspot();
    const id = hubspot.sandbox.edit({ record: 'contact', set: { lastname: 'Meyer' } });
    hubspot.sandbox.advance(INDEX_LAG);
    const first = await changes(hubspot.session(), 0, START + INDEX_LAG);
    hubspot.sandbox.edit({ record: 'contact', id, set: { lastname: 'Meier' } });
    hubspot.sandbox.advance(INDEX_LAG);
    const second = await changes(hubspot.session(), 0, START + 3 * INDEX_LAG);
    expect([first.length, second.length]).toEqual([1, 1]);
    expect(first[0]?.changeId).not.toBe(second[0]?.changeId);
  });
});
