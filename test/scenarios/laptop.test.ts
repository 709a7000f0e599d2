import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type FlowStatus,
  ParkedSchema,
  RecordSchema,
  SandboxStateSchema,
  StatusSchema,
} from '../../shared/operate/answers.ts';
import { dataDirectory, type Laptop, runIntertie, startLaptop, until } from '../support/laptop.ts';

const flow = '/api/flows/ticketing-marketing';
const data = dataDirectory();
let laptop: Laptop;

beforeAll(async () => {
  laptop = await startLaptop(data.dir, '--patrons', '60');
});
afterAll(async () => {
  await laptop?.end('SIGKILL');
  data.remove();
});

const status = () => laptop.get('/api/status', StatusSchema);
const sandbox = (query = '') => laptop.get(`/sandbox/hubspot/_control${query}`, SandboxStateSchema);
const edit = (id: string, set: object) =>
  laptop.post('/sandbox/tessitura/_control', { edit: { record: 'constituent', id, set } });
const broken = (on: boolean) => laptop.post('/sandbox/hubspot/_control', { faults: { outage: on } });
const traced = (id: string) => laptop.get(`${flow}/records/patron%2F${id}`, RecordSchema);
const settled = () => until('nothing is queued', async () => (await queued()) === 0, 2_500);
const isParked = () => until('it is parked', async () => (await flowStatus()).parked === 1);

async function flowStatus(): Promise<FlowStatus> {
  const [only] = (await status()).flows;
  if (!only) throw new Error('there is no flow');
  return only;
}

async function queued(): Promise<number> {
  const { lanes } = await flowStatus();
  return lanes.reduce((sum, lane) => sum + lane.visible + lane.inFlight + lane.delayed, 0);
}

async function contact(id: string): Promise<Record<string, unknown> | undefined> {
  return (await sandbox(`?record=contact&id=tessitura_constituent_id:${id}`)).record ?? undefined;
}

/** A patron who is at the target. */
async function somebody(like: (row: Record<string, unknown>) => unknown = () => true): Promise<string> {
  for (let id = 1; id <= 60; id += 1) {
    const row = await contact(String(id));
    if (row && like(row)) return String(id);
  }
  throw new Error('nobody like this has a contact');
}

const mayBeParked = (row: Record<string, unknown>) =>
  row.email && row.tessitura_email_permission !== 'denied' && row.tessitura_status === 'active';

test('a first start brings everybody over, and both sides agree', async () => {
  await until(
    'the backfills are finished',
    async () => (await flowStatus()).collections.every((each) => each.backfill?.finishedAt),
    4_000,
  );
  await settled();
  await until('the terminal says so', async () =>
    laptop.said().includes('backfill of Tessitura constituents finished'),
  );
  const audit = await runIntertie(laptop.url, 'audit', 'ticketing-marketing', '--json');
  expect(audit.code).toBe(0);
  expect(JSON.parse(audit.out)).toMatchObject({ finished: true, differ: 0 });
  expect(JSON.parse(audit.out).agree).toBeGreaterThan(30);
}, 600_000);

test('a change at the source is a change at the target', async () => {
  const id = await somebody();
  await edit(id, { FirstName: 'Grace' });
  const scan = await runIntertie(laptop.url, 'scan', 'ticketing-marketing');
  expect(scan.out).toMatch(/changed records? sent/);
  await until('the contact has the new name', async () => (await contact(id))?.firstname === 'Grace');
  const trace = await traced(id);
  expect(trace.fields.filter((field) => field.differs)).toEqual([]);
  expect(trace.history[0]).toMatchObject({
    outcome: 'updated',
    cause: 'scan',
    fields: expect.arrayContaining(['firstname']),
  });
});

test('during an outage records wait, none is lost or parked, and afterwards both sides agree', async () => {
  const id = await somebody();
  await broken(true);
  // A replay compares with a fresh read of the target, which fails: after a few the breaker opens.
  await until('the account is seen to be down', async () => {
    await laptop.post(`${flow}/parked/patron%2F${id}/replay`);
    return (await status()).accounts.some((each) => each.breaker === 'open');
  });
  await edit(id, { FirstName: 'Katherine' });
  // The box office is asked although the other side cannot be.
  await runIntertie(laptop.url, 'scan', 'ticketing-marketing');
  await until('the record waits', async () => (await queued()) > 0);
  expect((await contact(id))?.firstname).toBe('Grace');
  expect((await flowStatus()).parked).toBe(0);
  await broken(false);
  await until(
    'the contact has the new name',
    async () => (await contact(id))?.firstname === 'Katherine',
    2_500,
  );
  await settled();
  const audit = await runIntertie(laptop.url, 'audit', 'ticketing-marketing', '--json');
  expect([audit.code, JSON.parse(audit.out).differ]).toEqual([0, 0]);
}, 300_000);

test('a record that cannot be moved is parked with its field, and a replay mends it', async () => {
  const id = await somebody(mayBeParked);
  await edit(id, { Email: 'not an address' });
  await laptop.post(`${flow}/scan`);
  await isParked();
  const { records } = await laptop.get(`${flow}/parked`, ParkedSchema);
  expect(records).toMatchObject([{ id, kind: 'rejected', field: 'email' }]);
  expect((await runIntertie(laptop.url, 'parked', 'ticketing-marketing')).out).toContain(`patron/${id}`);
  expect(await (await fetch(`${laptop.url}/flows/ticketing-marketing/parked`)).text()).toContain(
    `patron/${id}`,
  );
  await edit(id, { Email: 'grace@example.com' });
  const replay = await runIntertie(laptop.url, 'replay', 'ticketing-marketing', `patron/${id}`);
  expect(replay).toMatchObject({ code: 0, out: expect.stringContaining('1 record on the way') });
  await until('it is no longer parked', async () => (await flowStatus()).parked === 0);
  expect((await contact(id))?.email).toBe('grace@example.com');
});

test('a parked record can be discarded with a reason, once', async () => {
  const id = await somebody(mayBeParked);
  const before = (await contact(id))?.email;
  await edit(id, { Email: 'no address either' });
  await laptop.post(`${flow}/scan`);
  await isParked();
  const discard = ['discard', 'ticketing-marketing', `patron/${id}`, '--reason', 'the patron has moved'];
  expect((await runIntertie(laptop.url, ...discard)).code).toBe(0);
  expect(await runIntertie(laptop.url, ...discard)).toMatchObject({
    code: 2,
    err: expect.stringContaining('not parked'),
  });
  expect((await traced(id)).history[0]).toMatchObject({
    outcome: 'discarded',
    reason: 'the patron has moved',
  });
  await edit(id, { Email: before });
  await laptop.post(`${flow}/scan`);
  await settled();
});

test('a paused flow moves nothing until it is resumed', async () => {
  const id = await somebody();
  const pause = await runIntertie(
    laptop.url,
    'pause',
    'ticketing-marketing',
    '--reason',
    'migration',
    '--for',
    '2h',
  );
  expect(pause).toMatchObject({ code: 0, out: 'ticketing-marketing is paused for 120 minutes\n' });
  expect(await flowStatus()).toMatchObject({
    health: 'paused',
    because: expect.stringContaining('migration'),
  });
  expect((await runIntertie(laptop.url, 'resume', 'ticketing-marketing')).code).toBe(0);
  expect((await flowStatus()).health).not.toBe('paused');
  const again = await runIntertie(laptop.url, 'resume', 'ticketing-marketing');
  expect(again).toMatchObject({ code: 2, err: expect.stringContaining('not paused') });
  expect(await contact(id))?.toBeDefined();
});

test('the commands answer people and programs', async () => {
  const words = await runIntertie(laptop.url, 'status');
  expect(words.out).toContain('who is paged    integration-on-call');
  const json = await runIntertie(laptop.url, 'status', '--json');
  expect(
    StatusSchema.parse(JSON.parse(json.out))
      .sandboxes.map((each) => each.vendor)
      .sort(),
  ).toEqual(['hubspot', 'paypal', 'square', 'stripe', 'tessitura']);
  const typo = await runIntertie(laptop.url, 'statsu');
  expect(typo).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean status?') });
  const unknown = await runIntertie(laptop.url, 'trace', 'nope', '1');
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('ticketing-marketing') });
  const neither = await runIntertie(laptop.url, 'replay', 'ticketing-marketing');
  expect(neither).toMatchObject({ code: 2, err: expect.stringContaining('--all') });
  const nobody = await runIntertie('http://127.0.0.1:9', 'status');
  expect(nobody).toMatchObject({ code: 2, err: expect.stringContaining('npm start') });
});

test('after kill -9 it goes on where it was, with the same vendors', async () => {
  const id = await somebody();
  const name = (await contact(id))?.firstname;
  const contacts = (await sandbox()).records.contact;
  expect(await laptop.end('SIGKILL')).toBe('SIGKILL');
  laptop = await startLaptop(data.dir, '--patrons', '60');
  expect((await contact(id))?.firstname).toBe(name);
  expect((await sandbox()).records.contact).toBe(contacts);
  const audit = await runIntertie(laptop.url, 'audit', 'ticketing-marketing', '--json');
  expect([audit.code, JSON.parse(audit.out).differ]).toEqual([0, 0]);
  expect((await sandbox()).counters.duplicates).toBe(0);
}, 600_000);

test('a second host on the same directory is refused in one line', async () => {
  await expect(startLaptop(data.dir, '--patrons', '60')).rejects.toThrow(/in use by process \d+/);
});

test('it stops gracefully, and does not start with another number of patrons on the same data', async () => {
  expect(await laptop.end('SIGTERM')).toBe(0);
  await expect(startLaptop(data.dir, '--patrons', '61')).rejects.toThrow('--patrons 60 --seed 1');
});
