import { describe, expect, test } from 'vitest';
import type { Constituent } from '../../../shared/connectors/tessitura/index.ts';
import { primaryEmail } from '../../../shared/connectors/tessitura/schema.ts';
import { Fault } from '../../../shared/engine/fault.ts';
import type { Http } from '../../../shared/engine/ports.ts';
import type { Read } from '../../../shared/engine/resource.ts';
import { faultOf } from '../contract.ts';
import { ids, rewriting, rewritingParts, running } from './running.ts';

function present(read: Read<Constituent> | undefined): Constituent {
  if (read?.state !== 'present') throw new Error(`not present but ${JSON.stringify(read)}`);
  return read.record;
}

describe('read in bulk', () => {
  test('a hundred records cost three calls, and every one that exists comes back under its id', async () => {
    const { source, session, sandbox } = await running();
    const reading = session();
    const reads = await source.read(reading, ids(1, 100));
    expect(reading.sent).toEqual(['batch', 'batch', 'batch']);
    for (const id of ids(1, 100)) {
      const stored = sandbox.peek('constituent', id);
      expect(reads.has(id)).toBe(stored !== undefined);
      if (stored) expect(present(reads.get(id)).Id).toBe(Number(id));
    }
  });

  test('without a shared e-mail two calls are enough', async () => {
    const { source, session, edit } = await running();
    edit(4, { Email: 'alone@example.com' });
    const reading = session();
    const reads = await source.read(reading, ['4']);
    expect(reading.sent).toEqual(['batch', 'batch']);
    expect(present(reads.get('4')).emailSharers).toMatchObject([{ constituentId: '4', primary: true }]);
  });

  test('a smaller batch size means more calls, and the same records', async () => {
    const { source, session } = await running();
    const [large, small] = [session(), session({ batchSize: 7 })];
    expect(await source.read(small, ids(1, 40))).toEqual(await source.read(large, ids(1, 40)));
    expect(small.sent.length).toBeGreaterThan(large.sent.length + 8);
  });

  test('null columns are absent and do no harm', async () => {
    const { source, session, edit } = await running();
    edit(4, {
      FirstName: null,
      Prefix: null,
      Suffix: null,
      NameStatus: null,
      Street2: null,
      PostalCode: null,
    });
    const record = present((await source.read(session(), ['4'])).get('4'));
    expect(record).not.toHaveProperty('FirstName');
    expect(record.LastName).toEqual(expect.any(String));
    expect(record.UpdatedDateTime).toMatch(/\.\d{7}[+-]\d{2}:\d{2}$/);
  });

  test('an e-mail stored in capitals with blanks is looked up and matched', async () => {
    const { source, session, edit } = await running();
    edit(4, { Email: 'Shared@Example.com  ' });
    edit(6, { Email: 'shared@example.COM' });
    const reads = await source.read(session(), ['4', '6']);
    for (const id of ['4', '6'])
      expect(
        present(reads.get(id))
          .emailSharers.map((each) => each.constituentId)
          .sort(),
      ).toEqual(['4', '6']);
    expect(primaryEmail(present(reads.get('4')))).toBe('Shared@Example.com  ');
  });

  test('one record that does not fit is unreadable and names the field; the other 99 are there', async () => {
    const { source, session } = await running();
    const http = rewritingParts((part) => {
      if (part.ResponseObject?.Id !== 44) return part;
      const { UpdatedDateTime: _gone, ...rest } = part.ResponseObject;
      return { ...part, ResponseObject: rest };
    });
    const healthy = await source.read(session(), ids(1, 100));
    const reads = await source.read(session({}, http), ids(1, 100));
    const read = reads.get('44');
    expect(read).toMatchObject({
      state: 'unreadable',
      fault: { kind: 'rejected', field: 'UpdatedDateTime' },
    });
    expect([...reads].filter(([, each]) => each.state === 'present')).toHaveLength(healthy.size - 1);
  });

  test('a field of a child is named without its index', async () => {
    const { source, session, edit } = await running();
    edit(4, { Email: 'four@example.com' });
    const http = rewritingParts((part) => {
      for (const address of part.ResponseObject?.ElectronicAddresses ?? []) delete address.Inactive;
      return part;
    });
    const read = (await source.read(session({}, http), ['4'])).get('4');
    expect(read).toMatchObject({ state: 'unreadable', fault: { field: 'ElectronicAddresses[].Inactive' } });
  });

  test('an envelope that does not fit is a changed contract', async () => {
    const { source, session } = await running();
    const http = rewriting((_, answer) => ({
      ...answer,
      body: answer.body.replaceAll('"Responses"', '"Replies"'),
    }));
    const fault = await faultOf(source.read(session({}, http), ['1', '2']));
    expect(fault).toMatchObject({ kind: 'contract-changed', field: 'Responses' });
  });

  test.each([
    ['HTML', '<html>Sign in</html>'],
    ['cut off', '{"Responses":['],
  ])('a 200 that is %s is a changed contract, not an empty reply', async (_, body) => {
    const { source, session } = await running();
    const http = rewriting((_url, answer) => ({ ...answer, body }));
    expect((await faultOf(source.read(session({}, http), ['1'])))?.kind).toBe('contract-changed');
  });
});

describe('who shares an e-mail', () => {
  test('household, A1 and A2 with their places, and whose web login it is', async () => {
    const { source, session, sandbox } = await running({ size: 2_000 });
    const reads = await source.read(session(), ids(1, 100));
    const families = [...reads.values()]
      .map(present)
      .map((record) => record.emailSharers)
      .filter((sharers) => sharers.some((each) => each.nameIndicator === -1) && sharers.length > 1);
    expect(families.length).toBeGreaterThan(0);
    for (const sharers of families) {
      for (const each of sharers) {
        const stored = sandbox.peek('constituent', each.constituentId);
        const type = stored?.ConstituentType as { Description: string };
        expect(each.individual).toBe(type.Description === 'Individual');
        if (!each.individual) expect(each).not.toHaveProperty('nameIndicator');
      }
    }
    expect(families.flat().some((each) => each.hasLogin)).toBe(true);
    expect(families.flat().some((each) => !each.individual)).toBe(true);
  });

  test('every sharer sees the same group, whether they are read together or alone', async () => {
    const { source, session } = await running();
    const reads = await source.read(session(), ids(1, 60));
    const shared = [...reads.entries()].filter(([, read]) => present(read).emailSharers.length > 1);
    expect(shared.length).toBeGreaterThan(3);
    const sorted = (record: Constituent) =>
      record.emailSharers.toSorted((a, b) => Number(a.constituentId) - Number(b.constituentId));
    for (const [id, read] of shared) {
      expect(sorted(present(await source.readOne(session(), id)))).toEqual(sorted(present(read)));
      for (const each of present(read).emailSharers)
        expect(sorted(present(reads.get(each.constituentId)))).toEqual(sorted(present(read)));
    }
  });

  test('a record that the lookup misses is still among the sharers, and the others are described', async () => {
    const { source, session, edit } = await running();
    for (const id of [4, 6]) edit(id, { Email: 'pair@example.com' });
    const http = rewritingParts((part) => {
      const rows = part.ResponseObject;
      if (!Array.isArray(rows) || rows.length !== 2 || !rows[0].Address) return part;
      return { ...part, ResponseObject: rows.filter((row) => row.Constituent.Id === 6) };
    });
    const record = present((await source.read(session({}, http), ['4'])).get('4'));
    expect(record.emailSharers.map((each) => each.constituentId)).toEqual(['4', '6']);
  });

  test('of a placeholder address that hundreds have, only the first 25 are looked at', async () => {
    const { source, session, sandbox, edit } = await running({ size: 400 });
    const all = ids(1, 400).filter((id) => sandbox.peek('constituent', id));
    for (const id of all) edit(id, { Email: 'none@example.com' });
    const reading = session();
    const record = present((await source.read(reading, ['333'])).get('333'));
    expect(record.emailSharers.map((each) => each.constituentId)).toEqual(['333', ...all.slice(0, 25)]);
    expect(reading.sent).toHaveLength(3);
    const some = await source.read(session(), all.slice(0, 60));
    const groups = all
      .slice(0, 60)
      .map((id) => present(some.get(id)).emailSharers.filter((each) => each.constituentId !== id));
    for (const group of groups)
      for (const each of group) expect(all.slice(0, 25)).toContain(each.constituentId);
  });

  test('protection, inactivity and a no to e-mail of the other are told', async () => {
    const { source, session, edit } = await running();
    for (const id of [4, 6])
      edit(id, { Email: 'pair@example.com', EmailPermission: 'Y', AllowMarketing: true });
    const other = async () =>
      present(await source.readOne(session(), '4')).emailSharers.find((each) => each.constituentId === '6');
    expect(await other()).toMatchObject({ protected: false, inactive: false, denied: false });
    edit(6, { ProtectionType: 'Artist', Inactive: true, NameStatus: 'Deceased' });
    expect(await other()).toMatchObject({
      protected: true,
      inactive: true,
      nameStatus: 'Deceased',
      denied: false,
    });
    edit(6, { EmailPermission: 'N' });
    expect(await other()).toMatchObject({ denied: true });
    edit(6, { EmailPermission: 'Y', AllowMarketing: false });
    expect(await other()).toMatchObject({ denied: true });
  });
});

describe('faults inside a batch', () => {
  test('a lost right names the resource and the verb', async () => {
    const { source, session, sandbox } = await running();
    sandbox.setFaults({ 'rights-removed': true });
    const fault = await faultOf(source.read(session(), ['1', '2']));
    expect(fault?.kind).toBe('auth-expired');
    expect(fault?.message).toContain('"View" on CRM/ContactPermissions');
  });

  test('no right to POST /Batch says so', async () => {
    const { source, session } = await running();
    const http = rewriting((_, answer) => ({ ...answer, status: 403, body: '[]' }));
    expect((await faultOf(source.read(session({}, http), ['1'])))?.message).toContain('"Add" on Batch');
  });

  test('a service that fails on every part is unavailable', async () => {
    const { source, session, sandbox } = await running();
    sandbox.setFaults({ 'server-error': true });
    expect((await faultOf(source.read(session(), ['1', '2'])))?.kind).toBe('unavailable');
  });

  test('one record that the service fails on is left out, and read alone it is tried again, counted', async () => {
    const { source, session } = await running();
    const inBulk = rewritingParts((part) =>
      part.ResponseObject?.Id === 44 ? { ...part, StatusCode: 500 } : part,
    );
    const failing: Http = async (request) => {
      const answer = await inBulk(request);
      return request.url.includes('/Constituents/44/') ? { ...answer, status: 500, body: '' } : answer;
    };
    const reads = await source.read(session({}, failing), ids(41, 46));
    expect(reads.has('44')).toBe(false);
    expect(reads.has('45')).toBe(true);
    const read = await source.readOne(session({}, failing), '44');
    expect(read).toMatchObject({ state: 'unreadable', fault: { kind: 'conflict', status: 500 } });
  });

  test('a part on consent that fails is never taken for a no', async () => {
    const { source, session, edit } = await running();
    for (const id of [4, 6])
      edit(id, { Email: 'pair@example.com', EmailPermission: 'Y', AllowMarketing: true });
    let failed = 0;
    const once = rewritingParts((part) => {
      const isConsent =
        Array.isArray(part.ResponseObject) &&
        part.ResponseObject[0]?.Constituent?.Id === 6 &&
        part.ResponseObject[0].Answer;
      if (!isConsent || failed > 0) return part;
      failed += 1;
      return { RequestId: part.RequestId, StatusCode: 500 };
    });
    const reads = await source.read(session({}, once), ['4', '6']);
    expect(failed).toBe(1);
    expect(reads.has('6')).toBe(false);
    expect(present(reads.get('4')).emailSharers.map((each) => each.denied)).toEqual([false, false]);
  });

  test('consent that cannot be read makes its record unreadable and counts as a no for those who share', async () => {
    const { source, session, edit } = await running();
    for (const id of [4, 6])
      edit(id, { Email: 'pair@example.com', EmailPermission: 'Y', AllowMarketing: true });
    const http = rewritingParts((part) => {
      const rows = part.ResponseObject;
      if (!Array.isArray(rows) || rows[0]?.Constituent?.Id !== 6 || !rows[0].Answer) return part;
      return { ...part, ResponseObject: rows.map(({ Type: _gone, ...row }) => row) };
    });
    const reads = await source.read(session({}, http), ['4', '6']);
    expect(reads.get('6')).toMatchObject({
      state: 'unreadable',
      fault: { field: 'ContactPermissions[].Type' },
    });
    expect(present(reads.get('4')).emailSharers).toMatchObject([{ denied: false }, { denied: true }]);
    expect(present(await source.readOne(session({}, http), '4')).emailSharers).toMatchObject([
      { denied: false },
      { denied: true },
    ]);
  });

  test('when the call about sharers fails in part, only records that share are left out', async () => {
    const { source, session, edit } = await running();
    for (const id of [4, 6]) edit(id, { Email: 'pair@example.com' });
    edit(14, { Email: 'alone@example.com' });
    const http = rewritingParts((part) =>
      Array.isArray(part.ResponseObject) && part.ResponseObject[0]?.ConstituentType
        ? { RequestId: part.RequestId, StatusCode: 500 }
        : part,
    );
    const reads = await source.read(session({}, http), ['4', '14']);
    expect([...reads.keys()]).toEqual(['14']);
    expect((await source.readOne(session({}, http), '4')).state).toBe('unreadable');
  });

  test('a 500 for one record in an outage is an outage', async () => {
    const { source, session } = await running();
    const down = rewriting((_, answer) => ({ ...answer, status: 500, body: 'Timeout expired' }));
    expect((await faultOf(source.readOne(session({}, down), '4')))?.kind).toBe('unavailable');
  });
});

describe('the end of a constituent', () => {
  test('purged is gone, merged tells where to', async () => {
    const { source, session, sandbox } = await running();
    sandbox.edit({ record: 'constituent', id: '4', remove: true });
    sandbox.edit({ record: 'constituent', id: '5', remove: true, set: { MergeInto: 6 } });
    expect(await source.readOne(session(), '4')).toEqual({ state: 'gone', erased: true });
    expect(await source.readOne(session(), '5')).toEqual({ state: 'merged', into: '6' });
    expect((await source.read(session(), ['4', '5', '6'])).size).toBe(1);
  });

  test('without the procedures a merge looks like a purge, and no procedure is called', async () => {
    const { source, session, sandbox } = await running();
    sandbox.edit({ record: 'constituent', id: '5', remove: true, set: { MergeInto: 6 } });
    const bare = session({ enumerate: { by: 'list', listId: 101 } });
    expect(await source.readOne(bare, '5')).toEqual({ state: 'gone' });
    expect(bare.sent).toEqual(['constituents.read', 'constituents.find']);
  });

  test.each([
    ['a page of the web server', '<html>404</html>'],
    ['a route that .NET does not know', '{"Message":"No HTTP resource was found"}'],
    ['nothing', ''],
  ])('404 to everything with %s is an outage, not a purge', async (_, body) => {
    const { source, session } = await running();
    const lost = rewriting((_url, answer) => ({ ...answer, status: 404, body }));
    expect((await faultOf(source.readOne(session({}, lost), '4')))?.kind).toBe('unavailable');
    expect((await faultOf(source.read(session({}, lost), ['4'])))?.kind).toBe('contract-changed');
  });

  test('404 of a constituent that the list still shows is an outage, not a purge', async () => {
    const { source, session } = await running();
    const lost = rewriting((url, answer) => (url.includes('/Detail') ? { ...answer, status: 404 } : answer));
    expect((await faultOf(source.readOne(session({}, lost), '4')))?.kind).toBe('unavailable');
  });

  test('an id that is no number is gone, not a crash', async () => {
    const { source, session } = await running();
    expect(await source.readOne(session(), 'a/../b')).toEqual({ state: 'gone' });
  });

  test('a connection that breaks is a fault of the vendor, never a bug', async () => {
    const { source, session, sandbox } = await running();
    sandbox.setFaults({ maintenance: true });
    const fault = await faultOf(source.read(session(), ['1']));
    expect(fault).toBeInstanceOf(Fault);
    expect(fault?.kind).toBe('unavailable');
    sandbox.advance(31 * 60_000);
    expect((await source.read(session(), ['1'])).size).toBe(1);
  });
});
