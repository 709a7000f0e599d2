import { afterEach, expect, test } from 'vitest';
import { type BothSides, type BothSidesOptions, bothSides } from '../both-sides.ts';

const MAIL = "o'brien.2@mail.example.net";
let world: BothSides;

async function paired(options: BothSidesOptions = {}): Promise<BothSides> {
  world = await bothSides({ size: 20, ...options });
  await world.backfill();
  return world;
}

afterEach(async () => {
  const { differ, differences } = await world.audit();
  await world.stop();
  expect({ differ, differences }).toEqual({ differ: 0, differences: [] });
});

function bounce(id: string | number, reason = 'UNKNOWN_USER'): void {
  world.clock.tick();
  world.hubspot.edit({ record: 'bounce', id: `tessitura_constituent_id:${id}`, set: { reason } });
}

/** The address in the box office's list, whether or not it is in use. */
function row(id: number, address: string): Record<string, unknown> | undefined {
  const rows = [world.patron(id).row.ElectronicAddresses].flat() as Record<string, unknown>[];
  return rows.find((each) => String(each.Address).toLowerCase() === address);
}

test('an address that nobody reads is not in use at the box office any more; what was allowed stays', async () => {
  const { settle, patron, contact, items, subscription } = await paired();
  bounce(2);
  await settle({ scans: false });
  expect(patron(2).email).toBeUndefined();
  expect(row(2, MAIL)).toMatchObject({ Inactive: true, PrimaryIndicator: true, AllowMarketing: true });
  await settle();
  expect(patron(2).answer('Email')).toBe('Y');
  expect(contact(2).email ?? '').toBe('');
  expect(contact(2).tessitura_email_permission).toBe('granted');
  expect(subscription(MAIL)['801001']).toBe('SUBSCRIBED');
  expect(await items()).toEqual([]);
});

test.each(['MAILBOX_FULL', 'SPAM', 'POLICY'])(
  'a bounce that says %s says nothing of the address',
  async (reason) => {
    const { settle, patron, contact } = await paired();
    bounce(2, reason);
    await settle();
    expect([patron(2).email?.toLowerCase(), contact(2).email]).toEqual([MAIL, MAIL]);
  },
);

test('a new e-mail in HubSpot is the end of it, also one that is entered before we came by', async () => {
  const { settle, atHubspot, patron, contact, items } = await paired();
  bounce(2);
  bounce(3);
  atHubspot(3, { email: 'at.once@example.org' });
  await settle();
  atHubspot(2, { email: 'later@example.org' });
  await settle();
  expect([patron(2).email, contact(2).email]).toEqual(['later@example.org', 'later@example.org']);
  expect([patron(3).email, contact(3).email]).toEqual(['at.once@example.org', 'at.once@example.org']);
  expect(await items()).toEqual([]);
});

test('so is a new one at the box office', async () => {
  const { settle, atOffice, patron, contact } = await paired();
  bounce(2);
  await settle();
  atOffice(2, { Email: 'counter@example.org' });
  await settle();
  expect([patron(2).email, contact(2).email]).toEqual(['counter@example.org', 'counter@example.org']);
});

test('who did not want mail at the old address does not want it at the new one', async () => {
  const { settle, atOffice, atHubspot, patron, contact } = await paired();
  atOffice(2, { AllowMarketing: false });
  await settle();
  bounce(2);
  await settle();
  atHubspot(2, { email: 'later@example.org' });
  await settle();
  expect([patron(2).email, patron(2).mayMail]).toEqual(['later@example.org', false]);
  expect(contact(2).tessitura_email_permission).toBe('denied');
});

test('a person at the box office who knows better is believed', async () => {
  const { settle, office, clock, patron, contact } = await paired();
  bounce(2);
  await settle();
  clock.tick();
  office.edit({ record: 'electronic-address', id: String(row(2, MAIL)?.Id), set: { Inactive: false } });
  await settle();
  await world.audit();
  expect([patron(2).email?.toLowerCase(), contact(2).email]).toEqual([MAIL, MAIL]);
});

test('one that a web login uses is left to people, and what they decide holds', async () => {
  const { settle, atOffice, patron, contact, items, decide } = await paired();
  atOffice(2, { WebLogin: true });
  await settle();
  bounce(2);
  await settle();
  const [item, ...more] = await items();
  expect([item?.field, item?.left, item?.right, more]).toEqual(['email', MAIL, null, []]);
  expect(item?.because).toMatch(/came back.*web login/);
  expect(patron(2).email?.toLowerCase()).toBe(MAIL);
  if (item) expect(await decide(item, 'left')).toBe('decided');
  await settle();
  await world.audit();
  expect([patron(2).email?.toLowerCase(), contact(2).email]).toEqual([MAIL, MAIL]);
  expect(await items()).toEqual([]);
});

test.each(['bounced', 'removed'])(
  'an item about an address that was %s keeps no other change of the patron',
  async (how) => {
    const { settle, atOffice, atHubspot, contact, items, decide, link, subscription } = await paired();
    atOffice(2, { WebLogin: true, EmailPermission: 'N' });
    await settle();
    if (how === 'bounced') bounce(2);
    else atHubspot(2, { email: '' });
    await settle();
    atOffice(2, { City: 'Bath' });
    await settle();
    expect((await link(2))?.parked).toBeUndefined();
    expect([contact(2).city, contact(2).email ?? '']).toEqual(['Bath', '']);
    const [item, ...more] = await items();
    expect([item?.field, more]).toEqual(['email', []]);
    if (item) await decide(item, 'left');
    await settle();
    expect([contact(2).email, subscription(MAIL)['801001']]).toEqual([MAIL, 'UNSUBSCRIBED']);
  },
);

test('who else has it holds it next, until mail to them comes back as well', async () => {
  const { settle, atOffice, patron, contact, items } = await paired();
  for (const id of [2, 3]) atOffice(id, { Email: 'home@example.org' });
  await settle();
  expect(contact(3)).toMatchObject({ tessitura_email_shared_with: '2' });
  bounce(2);
  await settle();
  expect([patron(2).email, patron(3).email]).toEqual([undefined, 'home@example.org']);
  expect([contact(2).email ?? '', contact(3).email]).toEqual(['', 'home@example.org']);
  bounce(3);
  await settle();
  expect([patron(3).email, contact(3).email ?? '', await items()]).toEqual([undefined, '', []]);
});

test('one of before the first pairing counts', async () => {
  const { settle, patron, contact } = await paired({
    before: (hubspot) => {
      const id = hubspot.edit({ record: 'contact', set: { email: MAIL } });
      hubspot.edit({ record: 'bounce', id });
    },
  });
  await settle();
  expect([patron(2).email, contact(2).email ?? '']).toEqual([undefined, '']);
});
