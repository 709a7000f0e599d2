import { Signature } from '@hubspot/api-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifySignature } from '../../../shared/connectors/hubspot/webhook.ts';
import { type Json, officialClient, openAccount, receiver, TARGET } from './sandbox-account.ts';
import { START } from './world.ts';

const CONTACTS = '/crm/objects/2026-09/contacts';

test('nothing is kept or sent without a target', async () => {
  const { sandbox } = openAccount();
  sandbox.edit({ record: 'contact', set: { lastname: 'A' } });
  const { deliver, requests } = receiver(sandbox);
  expect(sandbox.webhooks.nextAt()).toBeUndefined();
  expect(await deliver()).toBe(0);
  sandbox.edit({ record: 'contact', set: { lastname: 'B' } });
  sandbox.webhooks.aim(undefined);
  expect(await deliver()).toBe(0);
  expect(requests).toEqual([]);
});

test('a creation rings with every subscribed property, and says whose it is', async () => {
  const { sandbox, call } = openAccount();
  const { events, deliver } = receiver(sandbox);
  const { json } = await call('POST', CONTACTS, {
    properties: { email: 'a@example.test', jobtitle: 'Usher' },
  });
  sandbox.edit({ record: 'contact', id: String(json.id), by: 'person', set: { email: 'b@example.test' } });
  await deliver();
  const objectId = Number(json.id);
  const source = { changeSource: 'INTEGRATION', sourceId: String(sandbox.appId), appId: sandbox.appId };
  expect(events()).toEqual([
    expect.objectContaining({ subscriptionType: 'contact.creation', objectId, changeFlag: 'NEW', ...source }),
    expect.objectContaining({ propertyName: 'email', propertyValue: 'a@example.test', ...source }),
    expect.objectContaining({ propertyName: 'email', propertyValue: 'b@example.test', changeSource: 'FORM' }),
  ]);
  expect(events()[0]).toMatchObject({ portalId: 4_000_005, occurredAt: START, attemptNumber: 0 });
});

test('both signatures are right by the official helper and by our own check', async () => {
  const { sandbox } = openAccount();
  const { requests, deliver } = receiver(sandbox);
  sandbox.edit({ record: 'contact', set: { lastname: 'Ünal' } });
  sandbox.advance(30 * 86_400_000);
  await deliver();
  const [request] = requests;
  const [clientSecret = ''] = sandbox.state('').secret.webhookSecrets as string[];
  const { headers = {}, body = '' } = request ?? {};
  const url = TARGET.replace('%2F', '/');
  const options = { clientSecret, requestBody: body, url, timestamp: START, signature: '' };
  expect(headers['x-hubspot-signature']).toBe(Signature.getSignature('POST', 'v1', options));
  expect(headers['x-hubspot-signature-v3']).toBe(Signature.getSignature('POST', 'v3', options));
  const received = {
    method: 'POST',
    url: TARGET,
    headers,
    body: new TextEncoder().encode(body),
    receivedAt: START,
  };
  expect(verifySignature(received, [clientSecret])).toEqual({ valid: true, version: 'v3' });
  expect(verifySignature({ ...received, url: `${TARGET}x` }, [clientSecret]).valid).toBe(false);
});

test('a hundred events to a request', async () => {
  const { sandbox } = openAccount();
  const { requests, deliver } = receiver(sandbox);
  for (let n = 0; n < 125; n += 1) sandbox.edit({ record: 'contact', set: { lastname: `N${n}` } });
  expect(await deliver()).toBe(3);
  expect(requests.map((each) => (JSON.parse(each.body) as Json[]).length)).toEqual([100, 100, 50]);
});

describe('a delivery that is not answered with 2xx', () => {
  test.each([404, 401, 500, 302])(
    '%d: is tried again, eleven times in all and within a day',
    async (status) => {
      const { sandbox } = openAccount();
      const { events, deliver } = receiver(sandbox, () => status);
      sandbox.edit({ record: 'contact', set: { jobtitle: 'Usher' } });
      await deliver();
      while (sandbox.webhooks.nextAt() !== undefined) {
        sandbox.advance(Number(sandbox.webhooks.nextAt()) - Date.parse(sandbox.state('').now));
        expect(await deliver()).toBe(1);
      }
      expect(events().map((each) => each.attemptNumber)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(Date.parse(sandbox.state('').now) - START).toBeLessThanOrEqual(86_400_000);
      expect(sandbox.state('').counters['webhooks.given-up']).toBe(1);
    },
  );

  test('no answer counts as well; nothing is sent twice before it is due', async () => {
    const { sandbox } = openAccount();
    sandbox.webhooks.aim(TARGET);
    sandbox.edit({ record: 'contact', set: { jobtitle: 'Usher' } });
    const fails = () => sandbox.webhooks.deliver(() => Promise.reject(new Error('timeout')));
    expect([await fails(), await fails()]).toEqual([1, 0]);
    sandbox.advance(60_000 * 1.4);
    expect(await sandbox.webhooks.deliver(() => Promise.resolve(200))).toBe(1);
    expect(sandbox.webhooks.nextAt()).toBeUndefined();
  });
});

describe('faults', () => {
  const edits = (sandbox: ReturnType<typeof openAccount>['sandbox']) => {
    const id = sandbox.edit({ record: 'contact', set: { jobtitle: 'Usher' } });
    for (let n = 0; n < 20; n += 1) sandbox.edit({ record: 'contact', id, set: { lastname: `N${n}` } });
    return ['NEW', ...Array.from({ length: 20 }, (_, n) => `N${n}`)];
  };
  const what = (event: Json) => event.propertyValue ?? event.changeFlag;

  test('duplicated: the same event twice, by its own id', async () => {
    const { sandbox } = openAccount();
    sandbox.setFaults({ 'webhooks-duplicated': true });
    const { events, deliver } = receiver(sandbox);
    const told = edits(sandbox);
    await deliver();
    expect(events().map(what)).toEqual(told.flatMap((each) => [each, each]));
    expect(events()[0]?.eventId).toBe(events()[1]?.eventId);
  });

  test('reordered: all arrive, in another order and not all at once', async () => {
    const { sandbox } = openAccount();
    sandbox.setFaults({ 'webhooks-reordered': true });
    const { events, deliver } = receiver(sandbox);
    const told = edits(sandbox);
    await deliver();
    expect(events().length).toBeLessThan(told.length);
    sandbox.advance(5_000);
    await deliver();
    expect(events().map(what)).not.toEqual(told);
    expect(new Set(events().map(what))).toEqual(new Set(told));
  });

  test('lost: every second one never comes', async () => {
    const { sandbox } = openAccount();
    sandbox.setFaults({ 'webhooks-lost': true });
    const { events, deliver } = receiver(sandbox);
    const told = edits(sandbox);
    await deliver();
    sandbox.advance(86_400_000);
    await deliver();
    expect(events().map(what)).toEqual(told.filter((_, n) => n % 2 === 0));
  });
});

test('whatever the receiver answers, each event arrives once or is given up', async () => {
  const script = fc.array(fc.record({ edits: fc.nat(3), wait: fc.nat(40_000_000), ok: fc.boolean() }), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(script, async (steps) => {
      const { sandbox } = openAccount();
      let ok = true;
      const taken: unknown[] = [];
      sandbox.webhooks.aim(TARGET);
      const post = async ({ body }: { body: string }) => {
        if (ok) taken.push(...(JSON.parse(body) as Json[]).map((each) => each.objectId));
        return ok ? 204 : 503;
      };
      const made: number[] = [];
      for (const step of steps) {
        ok = step.ok;
        for (let n = 0; n < step.edits; n += 1)
          made.push(Number(sandbox.edit({ record: 'contact', set: {} })));
        sandbox.advance(step.wait);
        await sandbox.webhooks.deliver(post);
      }
      ok = true;
      sandbox.advance(86_400_000);
      await sandbox.webhooks.deliver(post);
      const givenUp = sandbox.state('').counters['webhooks.given-up'] ?? 0;
      if (givenUp === 0) expect(taken.toSorted()).toEqual(made);
      else expect(new Set(taken).size).toBe(taken.length);
      expect(sandbox.webhooks.nextAt()).toBeUndefined();
    }),
    { numRuns: 40 },
  );
});

test('what the sandbox chooses is the same with and without webhooks', () => {
  const told = [true, false].map((isAimed) => {
    const { sandbox } = openAccount();
    const ids = ['A', 'B', 'C'].map((lastname) => sandbox.edit({ record: 'contact', set: { lastname } }));
    if (isAimed) sandbox.webhooks.aim(TARGET);
    sandbox.setFaults({ 'webhooks-reordered': true });
    for (let n = 0; n < 9; n += 1) sandbox.act();
    return ids.map((id) => sandbox.peek('contact', id));
  });
  expect(told[0]).toEqual(told[1]);
});

test('the official client sets the target and chooses what is told', async () => {
  await using account = await officialClient();
  const { client, sandbox } = account;
  const { settingsApi, subscriptionsApi } = client.webhooks;
  await settingsApi.configure(sandbox.appId, {
    targetUrl: TARGET,
    throttling: { maxConcurrentRequests: 10 },
  });
  expect((await settingsApi.getAll(sandbox.appId)).targetUrl).toBe(TARGET);
  const eventType = 'contact.propertyChange' as never;
  const made = await subscriptionsApi.create(sandbox.appId, {
    eventType,
    propertyName: 'jobtitle',
    active: true,
  });
  const { results } = await subscriptionsApi.getAll(sandbox.appId);
  const creation = results.find((each) => String(each.eventType) === 'contact.creation');
  await subscriptionsApi.update(Number(creation?.id), sandbox.appId, { active: false });
  sandbox.edit({ record: 'contact', set: { jobtitle: 'Usher' } });
  const told: Json[] = [];
  await sandbox.webhooks.deliver(async ({ body }) => {
    told.push(...(JSON.parse(body) as Json[]));
    return 200;
  });
  expect(told.map((each) => each.subscriptionId)).toEqual([Number(made.id)]);
  const twice = subscriptionsApi.create(sandbox.appId, { eventType, propertyName: 'jobtitle', active: true });
  await expect(twice).rejects.toMatchObject({ code: 400 });
});
