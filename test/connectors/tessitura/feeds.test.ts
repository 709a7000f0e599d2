import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesOf } from '../../../shared/connectors/tessitura/audit-feed.ts';
import { connector } from '../../../shared/connectors/tessitura/index.ts';
import type { Http, Page } from '../../../shared/engine/ports.ts';
import type { Change } from '../../../shared/engine/resource.ts';
import { faultOf } from '../contract.ts';
import { nodeHttp } from '../session.ts';
import { ids, rewriting, running, START } from './running.ts';

const MINUTE = 60_000;
type Setting = Awaited<ReturnType<typeof running>>;

async function scanAll({ source, session }: Setting, from: number, to: number, changes: object = {}) {
  const found: Change[] = [];
  const scanning = session(changes);
  let page: string | undefined;
  do {
    const reply = await source.scan(scanning, page === undefined ? { from, to } : { from, to, page });
    found.push(...reply.items);
    page = reply.next;
  } while (page !== undefined);
  return { found, calls: scanning.sent.length };
}

describe.each([
  ['audit log', { changes: 'audit-log' }],
  ['procedure', { changes: 'procedure' }],
])('changes from the %s', (_, secret) => {
  test('every part of a constituent that changes rings its constituent', async () => {
    const setting = await running();
    setting.edit(4, { LastName: 'New' });
    setting.edit(11, { Phone: '212 555 0111' });
    setting.edit(12, { Street1: '1 Main St' });
    setting.edit(13, { Email: 'thirteen@example.com' });
    setting.edit(14, { EmailPermission: 'N' });
    const { found } = await scanAll(setting, START - MINUTE, START + MINUTE, secret);
    expect(found.map((each) => each.id)).toEqual(expect.arrayContaining(['4', '11', '12', '13', '14']));
  });

  test('only the window, both ends included', async () => {
    const setting = await running();
    setting.edit(4, { LastName: 'Early' });
    setting.sandbox.advance(10 * MINUTE);
    setting.edit(6, { LastName: 'Late' });
    const at = (from: number, to: number) =>
      scanAll(setting, from, to, secret).then(({ found }) => found.map((each) => each.id));
    expect(await at(START, START)).toEqual(['4']);
    expect(await at(START + 1, START + 9 * MINUTE)).toEqual([]);
    expect(await at(START + 10 * MINUTE, START + 11 * MINUTE)).toEqual(['6']);
  });

  test('page by page nothing is lost and nothing comes twice', async () => {
    const setting = await running({ size: 1_500 });
    const edited = ids(1, 1_450).filter((id) => setting.sandbox.peek('constituent', id));
    for (const id of edited) setting.edit(id, { LastName: `New ${id}` });
    const { found, calls } = await scanAll(setting, START, START, secret);
    expect(found.map((each) => each.id).sort()).toEqual(edited.sort());
    expect(new Set(found.map((each) => each.changeId)).size).toBe(edited.length);
    expect(calls).toBeGreaterThan(1);
  });

  test.runIf(secret.changes === 'audit-log')('a service that caps the page size loses nothing', async () => {
    const setting = await running();
    for (const id of ids(11, 20))
      if (setting.sandbox.peek('constituent', id)) setting.edit(id, { LastName: 'New' });
    const all = (await scanAll(setting, START, START)).found;
    const capping: Http = (request) =>
      nodeHttp()({ ...request, url: request.url.replace('pageSize=100', 'pageSize=3') });
    const found: Change[] = [];
    for (let page: string | undefined = '1'; page !== undefined; ) {
      const reply: Page<Change> = await setting.source.scan(setting.session({}, capping), {
        from: START,
        to: START,
        page,
      });
      found.push(...reply.items);
      page = reply.next;
    }
    expect(found).toEqual(all);
    expect(found.length).toBeGreaterThan(6);
  });

  test('a change that commits after its window was scanned is inside the overlap of the next', async () => {
    const setting = await running();
    setting.sandbox.setFaults({ 'stale-audit': true });
    setting.edit(4, { LastName: 'Slow' });
    expect((await scanAll(setting, START - MINUTE, START, secret)).found).toEqual([]);
    setting.sandbox.advance(6 * MINUTE);
    const next = { from: START - setting.source.overlap, to: START + 6 * MINUTE };
    expect((await scanAll(setting, next.from, next.to, secret)).found).toMatchObject([{ id: '4' }]);
  });

  test('both passes of the hour that autumn repeats are seen', async () => {
    const first = Date.parse('2026-11-01T05:50:00Z');
    const setting = await running({ now: () => first });
    setting.edit(4, { LastName: 'First pass' });
    setting.sandbox.advance(30 * MINUTE);
    setting.edit(6, { LastName: 'Second pass' });
    const { found } = await scanAll(setting, first - MINUTE, first + 31 * MINUTE, secret);
    expect(found.map((each) => each.id)).toEqual(['4', '6']);
  });

  test('our own writes ring too', async () => {
    const setting = await running();
    const { sandbox, session, source, secret: stored } = setting;
    const before = await source.readOne(session(), '4');
    expect(before.state).toBe('present');
    const stamp = sandbox.peek('constituent', '4')?.UpdatedDateTime;
    const parts = [stored.user, stored.group, stored.location, stored.password].join(':');
    const response = await fetch(`${stored.baseUrl}/CRM/Constituents/4`, {
      method: 'PUT',
      headers: { authorization: `Basic ${Buffer.from(parts).toString('base64')}` },
      body: JSON.stringify({ UpdatedDateTime: stamp, LastName: 'Ours' }),
    });
    expect(response.status).toBe(200);
    expect((await scanAll(setting, START, START, secret)).found).toMatchObject([{ id: '4' }]);
  });
});

describe('audit entries', () => {
  const auditTables = {
    ...{ constituent: ['T_CUSTOMER'], child: ['T_PHONE'], email: [], phone: ['T_PHONE'] },
    ...{ permission: [], affiliation: [], order: [] },
  };
  const secret = { auditTables, user: 'intertie' };
  const log = (
    Id: number,
    ...AuditDetails: { AuditTable: string; EntityId?: number; ParentEntityId?: number }[]
  ) => ({ Id, AuditDetails });

  test('an entry about several constituents is several changes', () => {
    const entry = log(
      9,
      { AuditTable: 'T_CUSTOMER', EntityId: 1 },
      { AuditTable: 't_phone', EntityId: 70, ParentEntityId: 2 },
    );
    expect(changesOf([entry], secret)).toEqual([
      { id: '1', changeId: '9/1' },
      { id: '2', changeId: '9/2' },
    ]);
  });

  test('tables that are not configured are passed over', () => {
    expect(changesOf([log(9, { AuditTable: 'T_ORDER', EntityId: 1, ParentEntityId: 2 })], secret)).toEqual(
      [],
    );
  });

  test('entries of which none tells its constituent are a changed contract, not a quiet day', () => {
    expect(() => changesOf([log(9, { AuditTable: 'T_PHONE', EntityId: 70 })], secret)).toThrow(
      'ParentEntityId',
    );
  });

  test('whatever the log holds, change ids are unique and every known entry is kept', () => {
    const detail = fc.record({
      AuditTable: fc.constantFrom('T_CUSTOMER', 'T_PHONE', 'T_ORDER'),
      EntityId: fc.integer({ min: 1, max: 5 }),
      ParentEntityId: fc.integer({ min: 1, max: 5 }),
    });
    const entries = fc.array(fc.array(detail, { maxLength: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(entries, (all) => {
        const changes = changesOf(
          all.map((AuditDetails, Id) => ({ Id, AuditDetails })),
          secret,
        );
        expect(new Set(changes.map((each) => each.changeId)).size).toBe(changes.length);
        const wanted = all.flatMap((details, Id) =>
          details.flatMap((each) => {
            if (each.AuditTable === 'T_ORDER') return [];
            return `${Id}/${each.AuditTable === 'T_CUSTOMER' ? each.EntityId : each.ParentEntityId}`;
          }),
        );
        expect(new Set(changes.map((each) => each.changeId))).toEqual(new Set(wanted));
      }),
    );
  });
});

describe('every id', () => {
  async function listAll({ source, session }: Setting, changes: object) {
    const found: string[] = [];
    const totals = new Set<number | undefined>();
    const listing = session(changes);
    let page: string | undefined;
    do {
      const reply = await source.list(listing, page);
      found.push(...reply.items);
      totals.add(reply.total);
      page = reply.next;
    } while (page !== undefined);
    return { found, totals: [...totals], calls: listing.sent.length };
  }
  const byList = { enumerate: { by: 'list', listId: 101 } };

  test('the list and the procedure show the same ids, ascending, without the merged', async () => {
    const setting = await running({ size: 2_500 });
    setting.sandbox.edit({ record: 'constituent', id: '4', remove: true });
    const added = setting.sandbox.edit({ record: 'constituent', set: { LastName: 'New' } });
    const list = await listAll(setting, byList);
    const procedure = await listAll(setting, {});
    expect(list.found).toEqual(procedure.found);
    expect(list.found).toEqual(list.found.toSorted((a, b) => Number(a) - Number(b)));
    expect(list.found).toContain(added);
    expect(list.found).not.toContain('4');
    const { records } = setting.sandbox.state('');
    expect(list.totals).toEqual([records.constituents]);
    expect(list.found).toHaveLength(records.constituents ?? 0);
  });

  test('a list is fetched once for all its pages', async () => {
    const { calls } = await listAll(await running({ size: 2_500 }), byList);
    expect(calls).toBe(1);
  });

  test('a page in the middle can be had by a worker that has not seen the first', async () => {
    const setting = await running({ size: 2_500 });
    const all = (await listAll(setting, byList)).found;
    const fresh = await running({ size: 2_500 });
    const page = await fresh.source.list(fresh.session(byList), all[999]);
    expect(page.items[0]).toBe(all[1000]);
  });

  test('a list that does not exist says so', async () => {
    const { source, session } = await running();
    const fault = await faultOf(source.list(session({ enumerate: { by: 'list', listId: 5 } })));
    expect(fault).toMatchObject({ kind: 'rejected', status: 404 });
  });
});

describe('check', () => {
  test('one line about the feed', async () => {
    const { session, edit } = await running();
    edit(4, { LastName: 'New' });
    expect(await connector.check(session())).toContain('the audit log shows 1 constituent changes');
    expect(await connector.check(session({ changes: 'procedure' }))).toContain('LP_INTERTIE_CHANGES shows 1');
  });

  test('a time zone that is not the server’s is refused and named', async () => {
    const { session } = await running();
    const fault = await faultOf(connector.check(session({ timeZone: 'Europe/London' })));
    expect(fault).toMatchObject({ kind: 'auth-expired', field: 'timeZone' });
    expect(fault?.message).toContain('-04:00');
  });

  test('a procedure that is not installed is told', async () => {
    const { session } = await running();
    const http = rewriting((url, answer) =>
      url.endsWith('/Custom/Execute')
        ? { ...answer, status: 400, body: '[{"Description":"not registered"}]' }
        : answer,
    );
    const fault = await faultOf(connector.check(session({ changes: 'procedure' }, http)));
    expect(fault?.message).toContain('not registered');
  });
});
