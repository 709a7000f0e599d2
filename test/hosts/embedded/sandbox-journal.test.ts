import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../../shared/connectors/sandbox.ts';
import { applyControl, type ControlCommand } from '../../../shared/hosts/embedded/sandbox-control.ts';
import { type Journal, openJournal, replayJournal } from '../../../shared/hosts/embedded/sandbox-journal.ts';
import { loadSandbox } from '../../../shared/hosts/embedded/sandbox-load.ts';
import { journaledFetch } from '../../../shared/hosts/embedded/sandbox-recorder.ts';

const header = { vendor: 'hubspot', seed: 3, size: 0 };
const auth = { authorization: 'Bearer sandbox-access-3', 'content-type': 'application/json' };
let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'intertie-journal-'));
  path = join(dir, 'vendor.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A sandbox as its process runs it, from what the journal says. */
async function begin(): Promise<{
  sandbox: Sandbox;
  journal: Journal;
  call: ReturnType<typeof caller>;
  control(command: ControlCommand): void;
}> {
  const journal = openJournal(path, header);
  let then: number | undefined;
  const sandbox = await loadSandbox('hubspot', { seed: 3, size: 0, now: () => then ?? Date.now() });
  await replayJournal(sandbox, journal.past, (at) => {
    then = at;
  });
  then = undefined;
  const control = (command: ControlCommand) => {
    applyControl(sandbox, command);
    journal.append({ at: Date.now(), control: command });
  };
  return { sandbox, journal, call: caller(sandbox, journal), control };
}

function caller(sandbox: Sandbox, journal: Journal) {
  const fetch = journaledFetch(sandbox, journal);
  return async (method: string, at: string, body?: object) => {
    const init = { method, headers: auth, ...(body && { body: JSON.stringify(body) }) };
    return fetch(new Request(`http://127.0.0.1${at}`, init));
  };
}

const upsert = (emails: readonly string[]) => ({
  inputs: emails.map((email) => ({ id: email, idProperty: 'email', properties: { email, firstname: 'A' } })),
});
const contacts = '/crm/objects/2026-09/contacts';

function records(sandbox: Sandbox): unknown {
  const { records: counts, counters } = sandbox.state('');
  const rows = Array.from({ length: counts.contact ?? 0 }, (_, at) =>
    sandbox.peek('contact', String(51_000_001 + at)),
  );
  return { counts, creates: counters.creates, rows };
}

describe('the journal of a sandbox', () => {
  test('brings a new process to where the last one was', async () => {
    const first = await begin();
    expect(
      (await first.call('POST', `${contacts}/batch/upsert`, upsert(['a@x.org', 'b@x.org', 'c@x.org'])))
        .status,
    ).toBe(200);
    await first.call('PATCH', `${contacts}/51000002`, { properties: { firstname: 'Grace' } });
    first.control({ edit: { record: 'contact', id: '51000001', set: { lastname: 'Hopper' } } });
    await first.call('DELETE', `${contacts}/51000003`);
    const second = await begin();
    expect(records(second.sandbox)).toEqual(records(first.sandbox));
    expect(second.sandbox.peek('contact', '51000002')).toMatchObject({ firstname: 'Grace' });
  });

  test('keeps switched faults on, and does not repeat what they refused', async () => {
    const first = await begin();
    first.control({ faults: { outage: true } });
    expect(
      (await first.call('POST', `${contacts}/batch/upsert`, upsert(['a@x.org']))).status,
    ).toBeGreaterThanOrEqual(500);
    const second = await begin();
    expect(second.sandbox.state('').faults.find((fault) => fault.name === 'outage')?.on).toBe(true);
    expect(second.sandbox.state('').records.contact).toBe(0);
  });

  test('keeps a write that was let through between refusals', async () => {
    const first = await begin();
    first.control({ faults: { locked: true } });
    const statuses: number[] = [];
    for (let times = 0; times < 3; times += 1)
      statuses.push((await first.call('POST', `${contacts}/batch/upsert`, upsert(['a@x.org']))).status);
    expect(statuses).toEqual([423, 423, 200]);
    expect((await begin()).sandbox.state('').records.contact).toBe(1);
  });

  test('holds nothing of calls that only read', async () => {
    const { call } = await begin();
    await call('POST', `${contacts}/batch/read`, { inputs: [{ id: '1' }], properties: ['email'] });
    await call('GET', `${contacts}/1`);
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  test('half a line at the end is what nobody was answered for', async () => {
    const first = await begin();
    await first.call('POST', `${contacts}/batch/upsert`, upsert(['a@x.org']));
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, `${whole}${whole.split('\n')[1]?.slice(0, 40)}`);
    const second = await begin();
    expect(second.sandbox.state('').records.contact).toBe(1);
    await second.call('POST', `${contacts}/batch/upsert`, upsert(['b@x.org']));
    expect((await begin()).sandbox.state('').records.contact).toBe(2);
  });

  test('is refused when it was begun with another seed or size', () => {
    openJournal(path, header).close();
    expect(() => openJournal(path, { ...header, size: 60 })).toThrow('--patrons 0 --seed 3');
  });
});
