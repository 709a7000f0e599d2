import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flows } from '../../functions/flows.ts';
import { services } from '../../functions/services.ts';
import { freshHint } from '../../shared/engine/change-event.ts';
import { lanesOf } from '../../shared/engine/flow.ts';
import type { Ports } from '../../shared/engine/ports.ts';
import { listOpenItems } from '../../shared/engine/work-items.ts';
import { flowNames, stageNames } from '../../shared/hosts/aws/names.ts';
import { operatorPorts } from '../../shared/hosts/aws/operator-ports.ts';
import { runCli } from '../../shared/operate/command-line.ts';
import { type LocalCloud, startCloud } from '../support/aws/cloud.ts';
import { LOCAL, noDynamoDb } from '../support/aws/dynamodb.ts';

const STAGE = 'trial';
const [flow] = flows;
if (!flow) throw new Error('there is no flow');
const collection = flow.collections[0].name;

/** Credentials for a vendor that answers every call with 401. */
function hubspotSecret(baseUrl: string) {
  return { baseUrl, portalId: 1, auth: { kind: 'token', accessToken: 'pat-refused-by-the-vendor' } };
}

describe.skipIf(noDynamoDb !== undefined)('the commands on a stage of AWS', () => {
  let cloud: LocalCloud | undefined;
  let ports: Ports;
  let vendor: Server;
  const dir = mkdtempSync(join(tmpdir(), 'intertie-stage-'));
  const kept: Record<string, string | undefined> = {};

  beforeAll(async () => {
    cloud = await startCloud({ tableName: stageNames(STAGE).table });
    for (const each of flows) {
      const names = flowNames(STAGE, each.name);
      for (const queue of [...lanesOf(each).map((lane) => names.queue(lane)), names.deadLetters])
        cloud.queues.createQueue(queue, { region: LOCAL.region });
    }
    for (const { name } of services) {
      const names = flowNames(STAGE, name);
      for (const queue of [names.queue('live'), names.deadLetters, names.events])
        cloud.queues.createQueue(queue, { region: LOCAL.region });
    }
    const set = {
      AWS_REGION: LOCAL.region,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_SQS: cloud.endpoints.sqs,
      AWS_ENDPOINT_URL_DYNAMODB: cloud.endpoints.dynamo,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: cloud.vault.endpoint,
    };
    for (const [name, value] of Object.entries(set)) {
      kept[name] = process.env[name];
      process.env[name] = value;
    }
    ports = operatorPorts({ stage: STAGE, profile: undefined });
    vendor = createServer((_request, response) => response.writeHead(401).end('{}'));
    await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    for (const [name, value] of Object.entries(kept)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    vendor?.close();
    rmSync(dir, { recursive: true });
    await cloud?.stop();
  });

  async function intertie(...argv: string[]): Promise<{ exit: number; out: string; err: string }> {
    const out: string[] = [];
    const err: string[] = [];
    const exit = await runCli(['--stage', STAGE, ...argv], {
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      terminal: false,
      sleep: async () => undefined,
    });
    return { exit, out: out.join(''), err: err.join('') };
  }

  async function sendTo(queue: string, body: string): Promise<void> {
    const client = new SQSClient({ useQueueUrlAsEndpoint: false });
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queue }));
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    client.destroy();
  }

  async function park(id: string): Promise<void> {
    const key = { flow: flow!.name, collection, id };
    const at = Date.now();
    await ports.links.claim([{ key, token: 't', until: at }], at);
    const parked = { reason: 'rejected: e-mail', fingerprint: 'f', since: at, kind: 'rejected' };
    await ports.links.settle([
      { key, token: 't', body: { version: 1, outcomes: [], parked }, lease: 'release', rung: [] },
    ]);
  }

  test('status tells what the table and the queues say', async () => {
    await park('1001');
    const { exit, out } = await intertie('status', '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(out).flows[0]).toMatchObject({ name: flow.name, parked: 1, health: 'ok' });
  });

  test('parked, replay and discard work on the table and reach the queue', async () => {
    await park('1002');
    expect((await intertie('parked', flow.name)).out).toContain('1002');
    const replayed = await intertie('replay', flow.name, `${collection}/1002`);
    expect([replayed.exit, replayed.err]).toEqual([0, '']);
    expect(replayed.out).toContain('1 record on the way');
    const depth = await ports.queue.depth({ flow: flow.name, lane: 'bulk' });
    expect(depth.visible).toBeGreaterThan(0);
    expect((await intertie('discard', flow.name, `${collection}/1002`, '--reason', 'a test')).exit).toBe(0);
    expect(await intertie('discard', flow.name, `${collection}/1002`, '--reason', 'a test')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('is not parked'),
    });
  });

  test('a service is operated on the same table and queues', async () => {
    const [service] = services;
    if (!service) throw new Error('there is no service');
    const { out } = await intertie('status', '--json');
    expect(JSON.parse(out).services[0]).toMatchObject({ name: service.name, health: 'ok', deadLetters: 0 });
    const made = await intertie('payments', 'key', 'create', 'riverside', '--title', 'a test');
    expect([made.exit, made.err]).toEqual([0, '']);
    expect(made.out).toMatch(/\nitk_/);
    expect((await intertie('payments', 'key', 'list')).out).toContain('a test');
    const ordered = await intertie('payments', 'circuit', 'stripe', 'open', '--reason', 'their status page');
    expect(ordered.out).toContain('LEFT ALONE');
    const asked = await intertie('payments', 'reconcile', '2026-01-05', '--merchant', 'riverside');
    expect([asked.exit, asked.err]).toEqual([0, '']);
    expect((await ports.queue.depth({ flow: service.name, lane: 'live' })).visible).toBeGreaterThan(0);
    expect(await intertie('payments', 'show', 'pay_none')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('no payment is known'),
    });
  });

  test('dead letters of a service are sent again', async () => {
    const name = services[0]?.name ?? '';
    const event = { version: 1, flow: name, collection: 'payment', cause: 'recheck', trace: 't' } as const;
    const letter = { ...event, records: [freshHint('pay_1', 0)] };
    await sendTo(flowNames(STAGE, name).deadLetters, JSON.stringify(letter));
    const replayed = await intertie('replay', name, '--all');
    expect([replayed.out, replayed.err]).toEqual(['1 dead letter on the way\n', '']);
    expect(await intertie('replay', name, 'payment/1')).toMatchObject({ exit: 2 });
  });

  test('pause and resume, backfill and audit', async () => {
    expect((await intertie('pause', flow.name, '--reason', 'maintenance', '--for', '1h')).exit).toBe(0);
    expect((await intertie('status')).out).toContain('maintenance');
    expect((await intertie('resume', flow.name)).exit).toBe(0);
    expect(await intertie('resume', flow.name)).toMatchObject({ exit: 2 });
    expect((await intertie('backfill', flow.name, '--no-wait', '--yes')).exit).toBe(0);
    expect((await intertie('audit', flow.name, '--last')).exit).toBe(0);
  });

  test('work items are decided on the table, and the record is rung', async () => {
    const key = { flow: flow.name, collection, id: '1003' };
    const at = Date.now();
    const open = { field: 'lastname', because: 'both changed it', left: 'Moore', right: 'More', since: at };
    await listOpenItems(ports, key, true);
    await ports.links.claim([{ key, token: 't', until: at }], at);
    const body = {
      version: 1 as const,
      outcomes: [],
      pair: { seen: { left: {}, right: {} }, items: [open] },
    };
    await ports.links.settle([{ key, token: 't', body, lease: 'release', rung: [] }]);
    expect((await intertie('items')).out).toMatch(/1003.*lastname: both changed it.*Moore.*More/s);
    const decided = await intertie(
      'decide',
      flow.name,
      `${collection}/1003`,
      'lastname',
      '--keep',
      flow.moves.to,
    );
    expect([decided.exit, decided.err]).toEqual([0, '']);
    const [link] = await ports.links.read([key]);
    expect(link?.body?.pair?.items).toEqual([{ ...open, keep: 'right' }]);
    expect((await ports.queue.depth({ flow: flow.name, lane: 'live' })).visible).toBeGreaterThan(0);
    expect((await intertie('items')).out).toBe('nothing waits for a decision\n');
  });

  test('plan and match say that the credentials are missing, each with its own exit code', async () => {
    const plan = await intertie('plan', flow.name, '--records', `${collection}/1003`);
    expect(plan).toMatchObject({ exit: 1, err: expect.stringMatching(/connect|held/) });
    expect(await intertie('match', flow.name)).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/connect|held/),
    });
  });

  test('a stage that is not there, a name that is none, and a profile without a stage are told apart', async () => {
    const surroundings = { out: () => undefined, terminal: false, sleep: async () => undefined };
    const err: string[] = [];
    const run = (...argv: string[]) => runCli(argv, { ...surroundings, err: (text) => void err.push(text) });
    expect(await run('--stage', 'nowhere', 'status')).toBe(2);
    expect(err.at(-1)).toContain('stage "nowhere" is not deployed');
    expect(await run('--stage', 'No Where', 'status')).toBe(2);
    expect(err.at(-1)).toContain('is no name of a stage');
    expect(await run('--profile', 'x', 'status')).toBe(2);
    expect(err.at(-1)).toContain('--profile belongs to --stage');
  });

  describe('connect', () => {
    const file = (content: unknown) => {
      const path = join(dir, 'secret.json');
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    };
    const url = () => `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;

    test('stores nothing that the schema or the vendor refuses, and shows no value', async () => {
      const odd = await intertie(
        'connect',
        'hubspot',
        '--file',
        file({ ...hubspotSecret(url()), portalId: 'x' }),
      );
      expect(odd).toMatchObject({ exit: 2, err: expect.stringContaining('field "portalId"') });
      const refused = await intertie('connect', 'hubspot', '--file', file(hubspotSecret(url())));
      expect(refused).toMatchObject({ exit: 2, err: expect.stringContaining('HubSpot does not take them') });
      const torn = await intertie('connect', 'hubspot', '--file', file('{"token":"pat-refused'));
      expect(torn).toMatchObject({ exit: 2, err: expect.stringContaining('is not JSON') });
      for (const { out, err } of [odd, refused, torn]) expect(out + err).not.toContain('pat-refused');
      expect(await ports.secrets.get('hubspot/main')).toBeUndefined();
    });

    test('stores what was asked for, unchecked if told so; an unknown vendor or account is named', async () => {
      const stored = await intertie('connect', 'hubspot', '--no-check', '--file', file(hubspotSecret(url())));
      expect([stored.exit, stored.err]).toEqual([0, '']);
      const fresh = operatorPorts({ stage: STAGE, profile: undefined });
      expect((await fresh.secrets.get('hubspot/main'))?.value).toEqual(hubspotSecret(url()));
      expect(await intertie('connect', 'salesforce')).toMatchObject({
        exit: 2,
        err: expect.stringContaining('hubspot'),
      });
      expect(await intertie('connect', 'hubspot', '--account', 'second')).toMatchObject({
        exit: 2,
        err: expect.stringContaining('main'),
      });
    });
  });
});
