import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freshHint, parseChangeEvent } from '../../shared/engine/change-event.ts';
import { receive } from '../../shared/engine/receive.ts';
import {
  MAX_WEBHOOK_BYTES,
  type WebhookEndpoint,
  type WebhookRequest,
  type WebhookVerdict,
} from '../../shared/engine/webhook.ts';
import { counted } from '../support/memory/told.ts';
import { fault, queued, type Town, town } from './town.ts';

const SECRET_WORDS = 'ada@example.org';

function endpoint(read: WebhookEndpoint['read']): WebhookEndpoint {
  return { account: { vendor: 'here', name: 'main', limits: () => ({}) }, methods: ['POST', 'PUT'], read };
}

function office(read: WebhookEndpoint['read']): Town {
  return town({ flow: { webhooks: { here: endpoint(read) } } });
}

const verdict = (said: WebhookVerdict): Town => office(async () => said);

const accepted = (ids: readonly string[], collection = 'people'): WebhookVerdict => ({
  kind: 'accepted',
  changes: ids.map((id) => ({ collection, id })),
  ignored: 0,
});

function request(t: Town, more: Partial<WebhookRequest> = {}): WebhookRequest {
  const body = new TextEncoder().encode(SECRET_WORDS);
  const url = `https://x.example/hooks/test-flow/here?to=${SECRET_WORDS}`;
  return { method: 'POST', url, headers: { from: SECRET_WORDS }, body, receivedAt: t.clock.now(), ...more };
}

const knock = (t: Town, more: Partial<WebhookRequest> = {}, source = 'here') =>
  receive(t.engine, t.flow, source, request(t, more));

describe('the answer', () => {
  const large = { body: new Uint8Array(MAX_WEBHOOK_BYTES + 1) };

  test.each<[number, string, Town, Partial<WebhookRequest>, string?]>([
    [200, 'stored', verdict(accepted(['1'])), {}],
    [200, 'the largest body', verdict(accepted([])), { body: new Uint8Array(MAX_WEBHOOK_BYTES) }],
    [200, 'nothing of ours', verdict({ kind: 'accepted', changes: [], ignored: 3 }), {}],
    [400, 'malformed', verdict({ kind: 'malformed', reason: 'not JSON' }), {}],
    [401, 'forged', verdict({ kind: 'forged', reason: 'stale signature' }), {}],
    [404, 'an unknown source', verdict(accepted(['1'])), {}, SECRET_WORDS],
    [404, 'a name that every object has', verdict(accepted(['1'])), {}, 'constructor'],
    [404, 'the prototype', verdict(accepted(['1'])), {}, '__proto__'],
    [404, 'a flow without webhooks', town(), {}],
    [405, 'another method', verdict(accepted(['1'])), { method: 'GET' }],
    [413, 'too large', verdict(accepted(['1'])), large],
    [503, 'the secret cannot be read', office(() => Promise.reject(fault('unavailable'))), {}],
    [503, 'a defect', office(() => Promise.reject(new Error(SECRET_WORDS))), {}],
  ])('%i: %s', async (...[status, , t, more, source]) => {
    const answer = await knock(t, more, source);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain(SECRET_WORDS);
    expect(answer.body).not.toContain('\n');
    expect(counted(t.ports.state, 'test-flow', `webhook.${status}`)).toBe(1);
    if (status !== 200) expect(queued(t, 'live')).toEqual([]);
    expect(JSON.stringify([...t.ports.state.counters.keys(), t.ports.state.trail])).not.toContain(
      SECRET_WORDS,
    );
  });

  test('names what would be right', async () => {
    const t = verdict(accepted([]));
    expect((await knock(t, { method: 'GET' })).body).toBe('use POST or PUT');
    expect((await knock(t, {}, 'there')).body).toBe('flow test-flow has no such webhook; it takes here');
    expect((await knock(town())).body).toBe('flow test-flow has no such webhook; it takes none');
  });

  test('is 503 while the queue cannot store, and nothing is half said', async () => {
    const t = verdict(accepted(['1']));
    t.ports.queue.send = () => Promise.reject(new Error('no disk'));
    expect(await knock(t)).toEqual({ status: 503, body: 'not stored; send it again' });
    expect(counted(t.ports.state, 'test-flow', 'webhook.failed.bug')).toBe(1);
  });
});

describe('what is counted', () => {
  test('events that we do not use, and forgeries', async () => {
    const t = verdict({ kind: 'accepted', changes: [], ignored: 3 });
    await knock(t);
    expect(counted(t.ports.state, 'test-flow', 'webhook.ignored')).toBe(3);
    const f = verdict({ kind: 'forged', reason: 'wrong signature' });
    await knock(f);
    expect(counted(f.ports.state, 'test-flow', 'webhook.forged')).toBe(1);
    const plain = verdict(accepted(['1']));
    await knock(plain);
    expect(plain.ports.state.counters.has('test-flow/webhook.ignored')).toBe(false);
    expect(plain.ports.state.counters.has('test-flow/webhook.unusable')).toBe(false);
  });
});

describe('what is stored', () => {
  test('hints of the moment of receipt, in the live lane, in one trace', async () => {
    const t = verdict(accepted(['1', '2']));
    const receivedAt = t.clock.now() - 700;
    await knock(t, { receivedAt });
    expect(queued(t, 'live')).toEqual([
      {
        version: 1,
        flow: 'test-flow',
        collection: 'people',
        cause: 'webhook',
        trace: expect.stringMatching(/^[0-9a-f]{32}$/),
        records: [freshHint('1', receivedAt), freshHint('2', receivedAt)],
      },
    ]);
  });

  test('an id that no record can have, or a collection that is none, does not spoil the others', async () => {
    const ids = fc.array(
      fc.oneof(fc.string({ maxLength: 5 }), fc.constant('x'.repeat(201)), fc.constant('>1')),
      { maxLength: 130 },
    );
    await fc.assert(
      fc.asyncProperty(ids, fc.nat(3), async (some, strangers) => {
        const changes = [
          ...some.map((id) => ({ collection: 'people', id })),
          ...Array(strangers).fill({ collection: 'cars', id: '1' }),
        ];
        const t = verdict({ kind: 'accepted', changes, ignored: 0 });
        expect((await knock(t)).status).toBe(200);
        const good = some.filter((id) => id.length >= 1 && id.length <= 200 && !id.startsWith('>'));
        const events = [...t.ports.state.messages.values()].map(({ body }) => parseChangeEvent(body));
        expect(events).not.toContain(undefined);
        const stored = events.flatMap((each) => each?.records.map(({ id }) => id) ?? []);
        expect(stored.sort()).toEqual([...new Set(good)].sort());
        expect(counted(t.ports.state, 'test-flow', 'webhook.unusable')).toBe(
          some.length - good.length + strangers,
        );
      }),
      { numRuns: 25 },
    );
  });
});
