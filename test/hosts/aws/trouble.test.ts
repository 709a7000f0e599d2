import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeEvent } from '../../../shared/engine/change-event.ts';
import { freshHint } from '../../../shared/engine/change-event.ts';
import { documents } from '../../../shared/hosts/aws/documents.ts';
import { links } from '../../../shared/hosts/aws/links.ts';
import { queue } from '../../../shared/hosts/aws/queue.ts';
import { LOCAL } from '../../support/aws/dynamodb.ts';
import { seededRandom, virtualClock } from '../../support/memory/clock.ts';

interface Call {
  operation: string;
  input: Record<string, unknown>;
}
type Reply = { status: number; body: object };

/** AWS as it answers when it is in trouble: each test says what comes back for each call. */
describe('when AWS is in trouble', () => {
  let server: Server;
  let calls: Call[];
  let answer: (call: Call, nth: number) => Reply;
  const clock = virtualClock(0);
  const random = seededRandom(7);

  beforeEach(async () => {
    calls = [];
    server = createServer(async (request, response) => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const call = { operation, input: JSON.parse(await textOf(request)) as Record<string, unknown> };
      const { status, body } = answer(call, calls.push(call));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const options = () => ({
    ...LOCAL,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    maxAttempts: 1,
  });
  const store = () => ({ client: new DynamoDBClient(options()), table: 'state', clock, random });
  const key = (id: string) => ({ flow: 'f', collection: 'c', id });
  const changes = () =>
    queue(
      { client: new SQSClient({ ...options(), md5: false }), clock, random },
      () => `${options().endpoint}/1/q`,
    );
  const message = (id: string) => {
    const event: ChangeEvent = {
      version: 1,
      flow: 'f',
      collection: 'c',
      cause: 'scan',
      trace: 't',
      records: [freshHint(id, 0)],
    };
    return { lane: 'live' as const, event, delay: 0 };
  };
  /** Lets every pause of the adapters pass while the work goes on. */
  async function patiently<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = () => {
      ended = true;
    };
    work.then(end, end);
    while (!ended) {
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.nextWake() !== undefined) await clock.advance(1_000);
    }
    return work;
  }

  test('reads that were left over are asked for again, and only those', async () => {
    answer = ({ input }, nth) => {
      const { Keys } = (input.RequestItems as { state: { Keys: { sk: { S: string } }[] } }).state;
      const served = nth === 1 ? Keys.slice(0, 1) : Keys;
      return {
        status: 200,
        body: {
          Responses: {
            state: served.map((each) => ({ ...each, owner: { S: each.sk.S }, until: { N: '1' } })),
          },
          UnprocessedKeys: nth === 1 ? { state: { Keys: Keys.slice(1) } } : {},
        },
      };
    };
    const read = await patiently(links(store()).read([key('a'), key('b'), key('c')]));
    expect(read.map((link) => link?.lease?.token)).toEqual(['a', 'b', 'c']);
    const asked = calls.map(
      ({ input }) => (input.RequestItems as { state: { Keys: object[] } }).state.Keys.length,
    );
    expect(asked).toEqual([3, 2]);
  });

  test('reads that stay left over are given up with a plain error', async () => {
    answer = ({ input }) => ({ status: 200, body: { Responses: {}, UnprocessedKeys: input.RequestItems } });
    await expect(patiently(links(store()).read([key('a')]))).rejects.toThrow(/throttled/);
    expect(calls.length).toBeGreaterThan(5);
  });

  const throttled: Reply = {
    status: 400,
    body: {
      __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
      message: 'slow down',
    },
  };

  test('a claim whose write failed counts as held, and keeps no other waiting', async () => {
    answer = ({ input }) =>
      (input.Key as { sk: { S: string } }).sk.S === 'b' ? throttled : { status: 200, body: {} };
    const requests = ['a', 'b', 'c'].map((id) => ({ key: key(id), token: 't', until: 9_000 }));
    expect(await links(store()).claim(requests, 0)).toEqual([
      { claimed: true, before: undefined },
      { claimed: false, heldUntil: 9_000 },
      { claimed: true, before: undefined },
    ]);
  });

  test('if every claim fails, the table has failed', async () => {
    answer = () => throttled;
    const requests = ['a', 'b'].map((id) => ({ key: key(id), token: 't', until: 9_000 }));
    await expect(links(store()).claim(requests, 0)).rejects.toThrow(/slow down/);
  });

  test('a settle that failed is thrown, after the others were written', async () => {
    answer = ({ input }) =>
      (input.Key as { sk: { S: string } }).sk.S === 'a' ? throttled : { status: 200, body: {} };
    const settlements = ['a', 'b', 'c'].map((id) => ({
      key: key(id),
      token: 't',
      body: undefined,
      lease: 'release' as const,
      rung: [],
    }));
    await expect(links(store()).settle(settlements)).rejects.toThrow(/slow down/);
    expect(calls).toHaveLength(3);
  });

  test('a document whose own write was repeated by the client counts as written', async () => {
    let revision: unknown;
    const body = {
      __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
      message: 'no',
    };
    answer = ({ input }) => {
      revision = (input.ExpressionAttributeValues as Record<string, unknown>)[':revision'];
      return { status: 400, body: { ...body, Item: { revision, body: { S: '1' } } } };
    };
    expect(await documents(store()).put('k', 1, undefined)).toBe(true);
    answer = () => ({
      status: 400,
      body: { ...body, Item: { revision: { S: 'somebody' }, body: { S: '1' } } },
    });
    expect(await documents(store()).put('k', 1, undefined)).toBe(false);
  });

  test('messages that a queue did not take are sent again, and only those', async () => {
    answer = ({ input }, nth) => {
      const ids = (input.Entries as { Id: string }[]).map((each) => each.Id);
      const taken = nth === 1 ? ids.filter((id) => id !== '1') : ids;
      const failed = ids.filter((id) => !taken.includes(id));
      return {
        status: 200,
        body: {
          Successful: taken.map((Id) => ({ Id, MessageId: Id, MD5OfMessageBody: '' })),
          Failed: failed.map((Id) => ({ Id, Code: 'InternalError', SenderFault: false })),
        },
      };
    };
    await patiently(changes().send(['a', 'b', 'c'].map(message)));
    expect(calls.map(({ input }) => (input.Entries as object[]).length)).toEqual([3, 1]);
  });

  test('a queue that takes nothing is an error, and so is one that refuses a message for good', async () => {
    const failing =
      (SenderFault: boolean) =>
      ({ input }: Call): Reply => ({
        status: 200,
        body: {
          Failed: (input.Entries as { Id: string }[]).map(({ Id }) => ({ Id, Code: 'Odd', SenderFault })),
        },
      });
    answer = failing(false);
    await expect(patiently(changes().send([message('a')]))).rejects.toThrow(/did not take 1 messages/);
    calls.length = 0;
    answer = failing(true);
    await expect(patiently(changes().send([message('a')]))).rejects.toThrow(/refuses a message \(Odd\)/);
    expect(calls).toHaveLength(1);
  });
});

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
