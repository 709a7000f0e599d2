import { expect, test } from 'vitest';
import {
  companies,
  contactWebhook,
  hubspotAccount,
  mergeContacts,
} from '../../../shared/connectors/hubspot/index.ts';
import type { WebhookChange } from '../../../shared/engine/webhook.ts';
import { type Hubspot, START, startHubspot } from './world.ts';

const account = hubspotAccount('main');
const endpoint = contactWebhook({ account, collection: 'patron', companies: { collection: 'household' } });
const url = 'https://hooks.example.org/hooks/ticketing-marketing/hubspot';

/** Everything that HubSpot sends now, as the flow hears it. */
async function heard(hubspot: Hubspot): Promise<WebhookChange[]> {
  const all: WebhookChange[] = [];
  await hubspot.sandbox.webhooks.deliver(async ({ body, ...request }) => {
    const given = { ...request, method: 'POST', body: new TextEncoder().encode(body), receivedAt: START };
    const verdict = await endpoint.read(hubspot.session(), given);
    if (verdict.kind !== 'accepted') throw new Error(verdict.reason);
    expect(verdict.ignored).toBe(0);
    all.push(...verdict.changes);
    return 200;
  });
  return all;
}

test('what people and apps do in HubSpot rings what it is about', async () => {
  await using hubspot = await startHubspot();
  const { sandbox } = hubspot;
  sandbox.webhooks.aim(url);
  const person = (n: number) =>
    sandbox.edit({ record: 'contact', set: { email: `p${n}@example.test`, tessitura_constituent_id: n } });
  const [a, b, c] = [person(1), person(2), person(3)];
  expect((await heard(hubspot)).map((each) => each.id)).toEqual([a, b, c]);

  sandbox.edit({ record: 'subscription', id: 'p1@example.test', set: { all: 'UNSUBSCRIBED' }, by: 'person' });
  expect(await heard(hubspot)).toEqual([{ collection: 'patron', id: a, atTarget: true, urgent: true }]);

  const survivor = await mergeContacts(hubspot.session(), { primary: a, other: b });
  expect(new Set((await heard(hubspot)).map((each) => each.id))).toEqual(new Set([a, b, survivor]));

  sandbox.edit({ record: 'privacy-deletion', id: c });
  const erased = await heard(hubspot);
  expect(erased).toEqual([{ collection: 'patron', id: c, atTarget: true, erased: true }]);

  const households = companies({ account, members: 'tessitura_members' });
  const done = await households.write(hubspot.session(), [
    { kind: 'create', ref: 'h1', fields: { name: 'The Bells', tessitura_members: '1' } },
  ]);
  const company = done.get('h1');
  const rung = await heard(hubspot);
  expect(company?.ok && new Set(rung.map(({ collection, id }) => `${collection}/${id}`))).toEqual(
    new Set([`household/${company?.ok && company.targetId}`]),
  );
});
