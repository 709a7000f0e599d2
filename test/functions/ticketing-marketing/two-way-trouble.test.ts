import { afterEach, expect, test } from 'vitest';
import { alertsOf, gatherHealth } from '../../../shared/engine/health.ts';
import { release, replay } from '../../../shared/engine/operate.ts';
import { type BothSides, bothSides } from '../both-sides.ts';

let world: BothSides;

async function paired(): Promise<BothSides> {
  world = await bothSides({ size: 20 });
  await world.backfill();
  return world;
}

afterEach(async () => {
  const { differ, differences } = await world.audit();
  await world.stop();
  expect({ differ, differences }).toEqual({ differ: 0, differences: [] });
});

/** What would page somebody now. */
async function pages(): Promise<string[]> {
  const facts = { newParkings: 0, oldestUnfinished: undefined, startedAt: world.clock.now() };
  const health = await gatherHealth(world.engine, world.flow, facts);
  return alertsOf(world.flow, health).map((each) => each.key);
}

test('a rule of the portal that refuses one patron parks that one, with the property, and no other', async () => {
  const { hubspot, atOffice, settle, contact, link, engine, flow } = await paired();
  hubspot.setFaults({ 'validation-rule': true });
  for (const id of [2, 12]) atOffice(id, { LastName: 'Hopper' });
  await settle();
  expect((await link(12))?.parked).toMatchObject({ kind: 'rejected', field: 'phone' });
  expect(contact(2).lastname).toBe('Hopper');
  hubspot.setFaults({ 'validation-rule': false });
  await replay(engine, flow, [{ collection: 'patron', id: '12' }]);
  await settle();
  expect(contact(12).lastname).toBe('Hopper');
});

test('a property that somebody deleted in HubSpot holds the flow, and nothing is lost', async () => {
  const { hubspot, office, clock, settle, run, contact, engine, flow } = await paired();
  hubspot.setFaults({ 'property-deleted': true });
  clock.tick();
  for (const id of ['2', '3'])
    office.edit({ record: 'membership', set: { Constituent: Number(id), Level: 'Partner' } });
  await settle({ scans: true }).catch(() => undefined);
  expect((await engine.gate(flow).state())?.hold?.kind).toBe('contract');
  hubspot.setFaults({ 'property-deleted': false });
  await release(engine, flow);
  await run();
  expect([contact(2), contact(3)].map((each) => each.tessitura_membership_level)).toEqual([
    'Partner',
    'Partner',
  ]);
});

test('a token that was revoked is one page, not one for each patron; everything goes on with a new one', async () => {
  const { hubspot, atOffice, settle, ports, contact, link } = await paired();
  hubspot.setFaults({ 'token-revoked': true });
  for (let id = 1; id <= 20; id += 1) atOffice(id, { City: 'Boston' });
  await settle().catch(() => undefined);
  expect(await pages()).toEqual(['ticketing-marketing/account-hubspot/main']);
  expect(ports.state.letters.size).toBe(0);
  expect((await link(2))?.parked).toBeUndefined();
  hubspot.setFaults({ 'token-revoked': false });
  const secret = await ports.secrets.get('hubspot/main');
  await ports.secrets.put('hubspot/main', secret?.value);
  await settle();
  expect(contact(2).city).toBe('Boston');
});

test('webhooks that come twice, out of order or not at all change nothing about how it ends', async () => {
  const { hubspot, atHubspot, subscribe, settle, patron } = await paired();
  hubspot.setFaults({ 'webhooks-duplicated': true, 'webhooks-reordered': true, 'webhooks-lost': true });
  for (let id = 1; id <= 20; id += 1) atHubspot(id, { tessitura_mail_permission: 'denied' });
  atHubspot(2, { email: 'first@example.org' });
  atHubspot(2, { email: 'second@example.org' });
  subscribe('a.b-c.3@example.org', 'UNSUBSCRIBED', 'person');
  await settle();
  for (let id = 1; id <= 20; id += 1) expect([id, patron(id).answer('Mail')]).toEqual([id, 'N']);
  expect([patron(2).email, patron(3).mayMail]).toEqual(['second@example.org', false]);
});

test('a webhook that nobody signed, or that was changed on its way, is refused', async () => {
  const { hubspot, atHubspot, post, settle } = await paired();
  await settle();
  atHubspot(2, { email: 'new@example.org' });
  const statuses: number[] = [];
  await hubspot.webhooks.deliver(async (request) => {
    const { 'x-hubspot-signature-v3': _, 'x-hubspot-signature': __, ...unsigned } = request.headers;
    statuses.push(await post({ ...request, headers: unsigned }));
    statuses.push(await post({ ...request, body: request.body.replace('new@', 'evil@') }));
    statuses.push(await post(request));
    return 200;
  });
  expect(statuses).toEqual([401, 401, 200]);
  await settle();
});

test('a patron whose audit cannot be read goes by values: consent is as safe, and nothing echoes', async () => {
  const { office, atHubspot, subscribe, atOffice, settle, patron, subscription } = await paired();
  const { engine } = world;
  const secret = await engine.ports.secrets.get('tessitura/main');
  await engine.ports.secrets.put('tessitura/main', { ...Object(secret?.value), changes: 'procedure' });
  await settle();
  subscribe("o'brien.2@mail.example.net", 'UNSUBSCRIBED', 'person');
  atHubspot(3, { email: 'new@example.org' });
  await settle();
  expect([patron(2).mayMail, patron(3).email]).toEqual([false, 'new@example.org']);
  atOffice(2, { EmailPermission: 'Y', AllowMarketing: true });
  await settle();
  expect(subscription("o'brien.2@mail.example.net")['801001']).toBe('UNSUBSCRIBED');
  const writes = () => office.state('').counters;
  const before = JSON.stringify(writes());
  await world.audit();
  expect(Object.keys(JSON.parse(before)).some((each) => each.startsWith('PUT'))).toBe(true);
});
