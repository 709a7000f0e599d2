import { describe, expect, test } from 'vitest';
import {
  type Constituent,
  type ConstituentEdit,
  constituents,
  constituentWriter,
  historyOf,
  tessituraAccount,
} from '../../../shared/connectors/tessitura/index.ts';
import { primaryEmail, primaryEmailRow } from '../../../shared/connectors/tessitura/schema.ts';
import { type Http, HttpFailure } from '../../../shared/engine/ports.ts';
import type { SourceResult } from '../../../shared/engine/resource.ts';
import { faultOf } from '../contract.ts';
import { nodeHttp } from '../session.ts';
import { ids, running, START } from './running.ts';

const account = tessituraAccount('main');
const source = constituents({ account, tells: true });
const writer = constituentWriter({ account });
const NO = { state: 'denied', at: START } as const;
const YES = { state: 'granted', at: START } as const;

async function office() {
  const setting = await running();
  const session = (http?: Http) => setting.session({ webUsers: ['webapi'] }, http);
  const read = async (id: string): Promise<Constituent> => {
    const found = await source.readOne(session(), id);
    if (found.state !== 'present') throw new Error(`${id} is ${found.state}`);
    return found.record;
  };
  const everybody = async (): Promise<Constituent[]> => {
    const reads = [...(await source.read(session(), ids(1, 100))).values()];
    return reads.flatMap((each) => (each.state === 'present' ? [each.record] : []));
  };
  const some = async (wanted: (record: Constituent) => boolean): Promise<Constituent> => {
    const found = (await everybody()).find(wanted);
    if (!found) throw new Error('nobody like that in the sandbox');
    return found;
  };
  const write = async (record: Constituent, edit: ConstituentEdit): Promise<SourceResult | undefined> => {
    const id = String(record.Id);
    return (await writer.write(session(), [{ id, record, edit }])).get(id);
  };
  return { ...setting, session, read, some, write, everybody };
}

const free = (each: Constituent) => !each.primaryEmailHasLogin && each.emailSharers.length === 1;
const mayMail = (each: Constituent) => primaryEmailRow(each)?.AllowMarketing === true;
const answers = (record: Constituent, category: RegExp) =>
  record.ContactPermissions.filter(({ Type }) => category.test(Type.Category?.Description ?? '')).map(
    ({ Answer }) => Answer,
  );
const emailRows = (record: Constituent) =>
  record.ElectronicAddresses.filter((each) => each.IsEmail && !each.Inactive).map((each) => each.Address);

describe('names', () => {
  test('are written with the lock of the record, everything else stays', async () => {
    const { some, read, write } = await office();
    const before = await some((each) => each.Prefix != null && each.MiddleName != null);
    expect(await write(before, { names: { first: 'Zoë', middle: null } })).toEqual({ ok: true });
    const after = await read(String(before.Id));
    expect(after).toMatchObject({ FirstName: 'Zoë', LastName: before.LastName, Prefix: before.Prefix });
    expect(after.MiddleName).toBeUndefined();
  });

  test('somebody was faster: a conflict, and nothing is written', async () => {
    const { some, read, write, edit } = await office();
    const before = await some(free);
    edit(before.Id, { LastName: 'Theirs' });
    const result = await write(before, { names: { first: 'Ours' } });
    expect(result).toMatchObject({ ok: false, fault: { kind: 'conflict' } });
    expect(await read(String(before.Id))).toMatchObject({ FirstName: before.FirstName, LastName: 'Theirs' });
  });

  test('somebody is faster between our look and our write: the service refuses', async () => {
    const setting = await office();
    const before = await setting.some(free);
    const http: Http = async (request) => {
      if (request.body?.includes('"PUT"')) setting.edit(before.Id, { LastName: 'Theirs' });
      return nodeHttp()(request);
    };
    const id = String(before.Id);
    const edit = { names: { first: 'Ours' } };
    const result = (await writer.write(setting.session(http), [{ id, record: before, edit }])).get(id);
    expect(result).toMatchObject({ ok: false, fault: { kind: 'conflict', status: 409 } });
  });

  test('a name that is too long is refused with column and length, never cut or sent', async () => {
    const { some, write, read } = await office();
    const before = await some(free);
    const result = await write(before, { names: { first: 'x'.repeat(21) } });
    expect(result).toMatchObject({ ok: false, fault: { kind: 'rejected', field: 'FirstName' } });
    expect(result?.ok === false && result.fault.message).toContain('20 characters');
    expect((await read(String(before.Id))).FirstName).toBe(before.FirstName);
    expect(await write(before, { names: { last: 'y'.repeat(55), middle: 'z'.repeat(20) } })).toEqual({
      ok: true,
    });
  });
});

describe('e-mail', () => {
  test('a new one becomes primary, the old one inactive, and consent goes with it', async () => {
    const { some, read, write } = await office();
    const before = await some((each) => free(each) && primaryEmailRow(each)?.AllowMarketing === false);
    expect(await write(before, { email: { address: 'new@example.org' } })).toEqual({ ok: true });
    const after = await read(String(before.Id));
    expect(primaryEmailRow(after)).toMatchObject({ Address: 'new@example.org', AllowMarketing: false });
    expect(emailRows(after)).not.toContain(primaryEmail(before));
  });

  test('one that was deleted meanwhile is a conflict', async () => {
    const { some, write, sandbox } = await office();
    const before = await some((each) => free(each) && primaryEmail(each) !== undefined);
    const id = String(primaryEmailRow(before)?.Id);
    sandbox.edit({ record: 'electronic-address', id, remove: true });
    const result = await write(before, { email: { address: 'new@example.org' } });
    expect(result).toMatchObject({ ok: false, fault: { kind: 'conflict' } });
  });

  test('an address that the patron already has is taken, not doubled', async () => {
    const { some, read, write } = await office();
    const before = await some(
      (each) => free(each) && primaryEmail(each) !== undefined && emailRows(each).length > 1,
    );
    const other = emailRows(before).find((each) => each !== primaryEmail(before)) ?? '';
    expect(await write(before, { email: { address: other.toUpperCase() } })).toEqual({ ok: true });
    const after = await read(String(before.Id));
    expect(primaryEmail(after)).toBe(other);
    expect(after.ElectronicAddresses).toHaveLength(before.ElectronicAddresses.length);
  });

  test('one that a web login uses is not touched, also when the login is newer than our read', async () => {
    const { some, read, write } = await office();
    const before = await some((each) => each.primaryEmailHasLogin === true);
    for (const record of [before, { ...before, primaryEmailHasLogin: false }]) {
      const result = await write(record, { email: { address: 'new@example.org' } });
      expect(result).toMatchObject({ ok: false, fault: { kind: 'rejected', field: 'Address' } });
    }
    expect(primaryEmail(await read(String(before.Id)))).toBe(primaryEmail(before));
  });

  test('a patron without one gets one', async () => {
    const { some, read, write } = await office();
    const before = await some((each) => primaryEmail(each) === undefined);
    expect(await write(before, { email: { address: 'first@example.org' } })).toEqual({ ok: true });
    expect(primaryEmail(await read(String(before.Id)))).toBe('first@example.org');
  });

  test('one to which mail comes back is inactive', async () => {
    const { some, read, write } = await office();
    const before = await some((each) => free(each) && primaryEmail(each) !== undefined);
    expect(await write(before, { ended: primaryEmail(before)?.toUpperCase() ?? '' })).toEqual({ ok: true });
    expect(primaryEmail(await read(String(before.Id)))).toBeUndefined();
  });

  test('one that the service does not take is rejected with its column', async () => {
    const { some, write } = await office();
    const before = await some((each) => free(each) && primaryEmail(each) !== undefined);
    const result = await write(before, { email: { address: `${'x'.repeat(90)}@example.org` } });
    expect(result).toMatchObject({ ok: false, fault: { kind: 'rejected', field: 'Address', status: 400 } });
  });
});

describe('phone', () => {
  test('one is added by kind, and one is written over by id', async () => {
    const { some, read, write } = await office();
    const before = await some(
      (each) => !each.PhoneNumbers.some(({ PhoneType }) => PhoneType.Description === 'Cell'),
    );
    expect(await write(before, { phones: [{ kind: /^cell/i, number: '+12125550123' }] })).toEqual({
      ok: true,
    });
    const after = await read(String(before.Id));
    const added = after.PhoneNumbers.find(({ PhoneType }) => PhoneType.Description === 'Cell');
    expect(added).toMatchObject({ PhoneNumber: '+12125550123', Inactive: false });
    const change = { phones: [{ id: added?.Id ?? 0, kind: /^cell/i, number: '+12125550124' }] };
    expect(await write(after, change)).toEqual({ ok: true });
    expect((await read(String(before.Id))).PhoneNumbers).toHaveLength(after.PhoneNumbers.length);
  });

  test('a kind that the organisation does not have is refused', async () => {
    const { some, write } = await office();
    const result = await write(await some(free), { phones: [{ kind: /^pager/i, number: '1' }] });
    expect(result).toMatchObject({ ok: false, fault: { kind: 'rejected', field: 'PhoneType' } });
  });
});

describe('consent', () => {
  test('a no to e-mail reaches everybody who has the address', async () => {
    const { some, read, write } = await office();
    const before = await some((each) => each.emailSharers.length > 1 && mayMail(each));
    expect(await write(before, { consent: { email: NO } })).toEqual({ ok: true });
    for (const { constituentId } of before.emailSharers) {
      const rows = (await read(constituentId)).ElectronicAddresses;
      const same = rows.filter(
        (row) => row.Address.trim().toLowerCase() === primaryEmail(before)?.trim().toLowerCase(),
      );
      expect(same.map((row) => row.AllowMarketing)).not.toContain(true);
    }
  });

  test('it becomes an answer only when nothing remains that may be written to, or when it is global', async () => {
    const { some, read, write } = await office();
    const several = (each: Constituent) => free(each) && mayMail(each) && emailRows(each).length > 1;
    const yes = (each: Constituent) => !answers(each, /^email/i).includes('N');
    const before = await some((each) => several(each) && yes(each));
    expect(await write(before, { consent: { email: NO } })).toEqual({ ok: true });
    const after = await read(String(before.Id));
    expect(answers(after, /^email/i)).toEqual(answers(before, /^email/i));
    expect(await write(after, { consent: { email: { ...NO, global: true } } })).toEqual({ ok: true });
    expect(answers(await read(String(before.Id)), /^email/i)).toEqual(['N']);
  });

  test('the only address: the answer is no as well, and a later yes takes both back', async () => {
    const { some, read, write } = await office();
    const before = await some((each) => free(each) && mayMail(each) && emailRows(each).length === 1);
    expect(await write(before, { consent: { email: NO } })).toEqual({ ok: true });
    const denied = await read(String(before.Id));
    expect([primaryEmailRow(denied)?.AllowMarketing, answers(denied, /^email/i)]).toEqual([false, ['N']]);
    expect(await write(denied, { consent: { email: YES } })).toEqual({ ok: true });
    const granted = await read(String(before.Id));
    expect([primaryEmailRow(granted)?.AllowMarketing, answers(granted, /^email/i)]).toEqual([true, ['Y']]);
  });

  test('a yes is the own one: the others who share the address keep their no', async () => {
    const { some, read, write } = await office();
    const before = await some((each) => each.emailSharers.length > 1 && mayMail(each));
    await write(before, { consent: { email: NO } });
    expect(await write(await read(String(before.Id)), { consent: { email: YES } })).toEqual({ ok: true });
    const [, other] = before.emailSharers;
    const theirs = await read(other?.constituentId ?? '');
    expect(primaryEmailRow(theirs)?.AllowMarketing).toBe(false);
  });

  test('no calls, no letters', async () => {
    const { some, read, write } = await office();
    const before = await some((each) => each.PhoneNumbers.length > 0);
    expect(await write(before, { consent: { phone: NO, mail: NO } })).toEqual({ ok: true });
    const after = await read(String(before.Id));
    expect(after.PhoneNumbers.map((each) => each.AllowTelemarketing)).not.toContain(true);
    expect([answers(after, /^phone/i), answers(after, /^mail/i)]).toEqual([['N'], ['N']]);
  });

  test('two that share an address, one no and one yes in the same write: the no holds', async () => {
    const { some, read, session } = await office();
    const one = await some((each) => each.emailSharers.length > 1 && mayMail(each));
    const two = await read(one.emailSharers[1]?.constituentId ?? '');
    const edits = [
      { id: String(one.Id), record: one, edit: { consent: { email: NO } } },
      { id: String(two.Id), record: two, edit: { consent: { email: YES } } },
    ];
    const results = await writer.write(session(), edits);
    expect([...results.values()]).toEqual([{ ok: true }, { ok: true }]);
    expect(primaryEmailRow(await read(String(two.Id)))?.AllowMarketing).toBe(false);
  });
});

describe('bulk', () => {
  test('fifty edits are two calls and fifty results; a refused one does not keep the others', async () => {
    const { everybody, session } = await office();
    const people = (await everybody()).slice(0, 50);
    const edits = people.map((record, at) => ({
      id: String(record.Id),
      record: at === 7 ? { ...record, UpdatedDateTime: 'old' } : record,
      edit: { names: { middle: 'Q' }, consent: { email: NO } },
    }));
    const writing = session();
    const results = await writer.write(writing, edits);
    expect(writing.sent).toEqual(['batch', 'batch']);
    expect(results.size).toBe(people.length);
    const failed = [...results].filter(([, each]) => !each.ok).map(([id]) => id);
    expect(failed).toEqual([String(people[7]?.Id)]);
  });

  const lastWord = async (answered: 'failed' | 'lost') => {
    const { everybody, session } = await office();
    const [record] = await everybody();
    if (!record) throw new Error('nobody in the sandbox');
    const http: Http = async (request) => {
      const isWrite = request.body?.includes('"PUT"') ?? false;
      const reply = await nodeHttp()(request);
      if (isWrite && answered === 'lost') throw new HttpFailure('connection reset', true);
      return isWrite ? { ...reply, status: 500, body: '' } : reply;
    };
    const edits = [{ id: String(record.Id), record, edit: { names: { middle: 'Q' } } }];
    return faultOf(writer.write(session(http), edits));
  };

  test('an answer that is lost, and a service that fails over a write: nobody knows', async () => {
    const kinds = [await lastWord('lost'), await lastWord('failed')];
    expect(kinds.map((fault) => fault?.kind)).toEqual(['unknown-outcome', 'unknown-outcome']);
  });

  test('a service that is away before anything was written is unavailable', async () => {
    const { everybody, session, sandbox } = await office();
    const edits = (await everybody())
      .slice(0, 2)
      .map((record) => ({ id: String(record.Id), record, edit: { names: { middle: 'Q' } } }));
    sandbox.setFaults({ outage: true });
    expect((await faultOf(writer.write(session(), edits)))?.kind).toBe('unavailable');
  });

  test('without the right to write the account is held', async () => {
    const { everybody, session, sandbox } = await office();
    const edits = (await everybody())
      .slice(0, 2)
      .map((record) => ({ id: String(record.Id), record, edit: { names: { middle: 'Q' } } }));
    sandbox.setFaults({ 'write-rights-removed': true });
    const fault = await faultOf(writer.write(session(), edits));
    expect(fault).toMatchObject({ kind: 'auth-expired' });
    expect(fault?.message).toContain('"Edit" on CRM/Constituents');
  });

  test('nothing to write makes no call', async () => {
    const { session } = await office();
    const quiet = session();
    expect((await writer.write(quiet, [])).size).toBe(0);
    expect(quiet.sent).toEqual([]);
  });
});

describe('who may be meant by a record of the target', () => {
  test('people in use with exactly that e-mail, whatever its case', async () => {
    const { some, session } = await office();
    const one = await some(
      (each) =>
        free(each) &&
        primaryEmail(each) !== undefined &&
        each.Inactive.Id === 1 &&
        each.ProtectionType == null,
    );
    const shared = await some(
      (each) => each.emailSharers.some(({ individual }) => !individual) && each.emailSharers.length > 1,
    );
    const matching = session();
    const found = await writer.match(matching, [
      { targetId: 'a', fields: { email: primaryEmail(one)?.trim().toUpperCase() ?? '' } },
      { targetId: 'b', fields: { email: primaryEmail(shared)?.trim() ?? '' } },
      { targetId: 'c', fields: { email: 'nobody@example.org' } },
      { targetId: 'd', fields: {} },
    ]);
    expect(found.get('a')).toEqual([String(one.Id)]);
    const people = shared.emailSharers.filter((each) => each.individual && !each.inactive && !each.protected);
    expect([...(found.get('b') ?? [])].sort()).toEqual(people.map((each) => each.constituentId).sort());
    expect([found.get('c'), found.get('d')]).toEqual([[], []]);
    expect(matching.sent).toEqual(['batch', 'batch']);
  });
});

describe('what a record tells', () => {
  const values = (each: Constituent) => ({ name: each.FirstName ?? null, email: primaryEmail(each) ?? null });

  test('who wrote what: staff, the patron on the web site, and we', async () => {
    const { some, read, write, edit, sandbox } = await office();
    const before = await some((each) => free(each) && primaryEmail(each) !== undefined);
    const id = String(before.Id);
    edit(id, { FirstName: 'Staff' });
    sandbox.edit({ record: 'constituent', id, set: { Email: 'own@example.org' }, by: 'person' });
    sandbox.advance(1_000);
    expect(await write(await read(id), { names: { first: 'Ours' } })).toEqual({ ok: true });
    const history = historyOf(await read(id), values);
    expect(history?.name?.map(({ value, by }) => [value, by])).toEqual([
      ['Staff', 'other'],
      ['Ours', 'us'],
    ]);
    expect(history?.email).toMatchObject([{ value: 'own@example.org', by: 'person' }]);
    expect(history?.name?.[1]?.at).toBe(START + 1_000);
  });

  test('a new primary e-mail of ours is one version, ours', async () => {
    const { some, read, write } = await office();
    const before = await some((each) => free(each) && primaryEmail(each) !== undefined);
    await write(before, { email: { address: 'new@example.org' } });
    const versions = historyOf(await read(String(before.Id)), values)?.email;
    expect(versions?.at(-1)).toMatchObject({ value: 'new@example.org', by: 'us' });
    expect(versions?.every(({ by }) => by === 'us')).toBe(true);
  });

  test('a log that lags behind: the row says who it was', async () => {
    const { some, read, sandbox, edit } = await office();
    const id = String((await some(free)).Id);
    edit(id, { FirstName: 'First' });
    sandbox.setFaults({ 'stale-audit': true });
    sandbox.edit({ record: 'constituent', id, set: { FirstName: 'Lagging' }, by: 'person' });
    const lagging = historyOf(await read(id), values)?.name;
    expect(lagging?.map(({ value, by }) => [value, by])).toEqual([
      ['First', 'other'],
      ['Lagging', 'person'],
    ]);
  });

  test('a batch costs one call more, and an audit log without right or by procedure tells nothing', async () => {
    const { session, secret } = await running();
    const plain = session();
    await constituents({ account }).read(plain, ids(11, 19));
    const telling = session();
    await source.read(telling, ids(11, 19));
    expect(telling.sent.length - plain.sent.length).toBe(1);
    const forbidding: Http = async (request) =>
      request.url.includes('AuditLogs') ? { status: 403, headers: {}, body: '[]' } : nodeHttp()(request);
    for (const quiet of [session({}, forbidding), session({ changes: 'procedure' })]) {
      const read = (await source.read(quiet, ['11'])).get('11');
      expect(read?.state === 'present' && read.record.writes).toBeUndefined();
    }
    expect(secret.user).toBe('intertie');
  });
});
