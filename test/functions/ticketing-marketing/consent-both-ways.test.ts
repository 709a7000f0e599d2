import { afterEach, describe, expect, test } from 'vitest';
import { type BothSides, bothSides } from '../both-sides.ts';

const MAIL = "o'brien.2@mail.example.net";
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

const emailAnswer = () => [world.patron(2).mayMail, world.patron(2).answer('Email')];
const subscribed = () => world.subscription(MAIL)['801001'];

describe('e-mail, from HubSpot', () => {
  test('who unsubscribes is not to be mailed by the box office, on the urgent lane and without a scan', async () => {
    const { subscribe, settle, contact, ports } = await paired();
    subscribe(MAIL, 'UNSUBSCRIBED', 'person');
    await settle({ scans: false });
    expect(emailAnswer()).toEqual([false, 'N']);
    const [entry] = ports.state.trail.filter((each) => each.id === '2' && each.back);
    expect(entry).toMatchObject({ back: ['email_consent'], cause: 'webhook' });
    await settle();
    expect(contact(2).tessitura_email_permission).toBe('denied');
  });

  test('so is who unsubscribes from everything, and who is unsubscribed by a colleague', async () => {
    const { hubspot, clock, settle, subscribe, patron } = await paired();
    clock.tick();
    hubspot.edit({ record: 'subscription', id: MAIL, set: { all: 'UNSUBSCRIBED' }, by: 'person' });
    subscribe('a.b-c.3@example.org', 'UNSUBSCRIBED', 'staff');
    await settle();
    expect(emailAnswer()).toEqual([false, 'N']);
    expect([patron(3).mayMail, patron(3).answer('Email')]).toEqual([false, 'N']);
  });

  test('a no reaches everybody who has the address', async () => {
    const { atOffice, subscribe, settle, patron, contact } = await paired();
    for (const id of [2, 3]) atOffice(id, { Email: 'home@example.org', EmailPermission: 'Y' });
    await settle();
    subscribe('home@example.org', 'UNSUBSCRIBED', 'person');
    await settle();
    expect([patron(2).mayMail, patron(3).mayMail]).toEqual([false, false]);
    expect([contact(2), contact(3)].map((each) => each.tessitura_email_permission)).toEqual([
      'denied',
      'denied',
    ]);
  });

  test('who subscribes again by themselves is written to again', async () => {
    const { subscribe, settle } = await paired();
    subscribe(MAIL, 'UNSUBSCRIBED', 'person');
    await settle();
    subscribe(MAIL, 'SUBSCRIBED', 'person');
    await settle({ scans: false });
    expect([subscribed(), ...emailAnswer()]).toEqual(['SUBSCRIBED', true, 'Y']);
  });

  test.each(['staff', 'person', 'integration'] as const)(
    'a no stands when the contact is given another e-mail by %s, and nobody is asked about it',
    async (by) => {
      const { subscribe, atHubspot, settle, items, patron, contact, subscription } = await paired();
      subscribe(MAIL, 'UNSUBSCRIBED', 'person');
      await settle();
      atHubspot(2, { email: 'new@example.org' }, by);
      await settle();
      expect(await items()).toEqual([]);
      expect([patron(2).email, contact(2).email]).toEqual(['new@example.org', 'new@example.org']);
      expect([subscription('new@example.org')['801001'], ...emailAnswer()]).toEqual([
        'UNSUBSCRIBED',
        false,
        'N',
      ]);
      // A yes of the person on the new address is one.
      subscribe('new@example.org', 'SUBSCRIBED', 'person');
      await settle();
      expect([subscription('new@example.org')['801001'], ...emailAnswer()]).toEqual([
        'SUBSCRIBED',
        true,
        'Y',
      ]);
    },
  );

  test('so it does when both happened between two looks', async () => {
    const { subscribe, atHubspot, settle, items, subscription } = await paired();
    subscribe(MAIL, 'UNSUBSCRIBED', 'person');
    atHubspot(2, { email: 'new@example.org' });
    await settle();
    expect([subscription('new@example.org')['801001'], ...emailAnswer()]).toEqual([
      'UNSUBSCRIBED',
      false,
      'N',
    ]);
    expect(await items()).toEqual([]);
  });

  test.each(['staff', 'integration'] as const)(
    'a yes by %s does not lift a no: it is put back and shown',
    async (by) => {
      const { subscribe, settle, items, decide } = await paired();
      subscribe(MAIL, 'UNSUBSCRIBED', 'person');
      await settle();
      subscribe(MAIL, 'SUBSCRIBED', by);
      await settle();
      expect([subscribed(), ...emailAnswer()]).toEqual(['UNSUBSCRIBED', false, 'N']);
      const [item] = await items();
      expect(item).toMatchObject({ id: '2', field: 'email_consent', left: 'denied', right: 'granted' });
      // Somebody who has the yes on paper may say so.
      if (item) await decide(item, 'right');
      await settle();
      expect([subscribed(), ...emailAnswer()]).toEqual(['SUBSCRIBED', true, 'Y']);
    },
  );
});

describe('e-mail, from Tessitura', () => {
  test('a no at the box office unsubscribes', async () => {
    const { atOffice, settle } = await paired();
    atOffice(2, { EmailPermission: 'N' });
    await settle();
    expect(subscribed()).toBe('UNSUBSCRIBED');
  });

  test('a yes at the box office does not lift a no given in HubSpot', async () => {
    const { atOffice, subscribe, settle, items } = await paired();
    subscribe(MAIL, 'UNSUBSCRIBED', 'person');
    await settle();
    atOffice(2, { EmailPermission: 'Y', AllowMarketing: true });
    await settle();
    expect([subscribed(), ...emailAnswer()]).toEqual(['UNSUBSCRIBED', false, 'N']);
    expect(await items()).toMatchObject([{ id: '2', field: 'email_consent', left: 'granted' }]);
  });

  test('but the patron may, on the web site', async () => {
    const { atOffice, subscribe, settle } = await paired();
    subscribe(MAIL, 'UNSUBSCRIBED', 'person');
    await settle();
    atOffice(2, { EmailPermission: 'Y', AllowMarketing: true }, 'person');
    await settle();
    expect([subscribed(), ...emailAnswer()]).toEqual(['SUBSCRIBED', true, 'Y']);
  });

  test('a no and a yes on the two sides between two looks: the no, whoever was first', async () => {
    const { atOffice, subscribe, settle } = await paired();
    subscribe(MAIL, 'UNSUBSCRIBED', 'person');
    atOffice(2, { EmailPermission: 'Y', AllowMarketing: true });
    await settle();
    expect([subscribed(), ...emailAnswer()]).toEqual(['UNSUBSCRIBED', false, 'N']);
  });

  test('where somebody else who has the address said no, nobody is written to; it comes back when they say yes', async () => {
    const { atOffice, settle, subscription, contact } = await paired();
    for (const id of [2, 3]) atOffice(id, { Email: 'home@example.org', EmailPermission: 'Y' });
    await settle();
    atOffice(3, { EmailPermission: 'N' });
    await settle();
    expect(subscription('home@example.org')['801001']).toBe('UNSUBSCRIBED');
    expect(world.patron(2).answer('Email')).toBe('Y');
    atOffice(3, { EmailPermission: 'Y' });
    await settle();
    expect(subscription('home@example.org')['801001']).toBe('SUBSCRIBED');
    expect(contact(2).tessitura_email_permission).toBe('granted');
  });

  test('nobody writes to the dead, and a mistake about that can be mended', async () => {
    const { atOffice, settle, contact } = await paired();
    atOffice(2, { NameStatus: 'Deceased' });
    await settle();
    expect([subscribed(), contact(2).tessitura_phone_permission]).toEqual(['UNSUBSCRIBED', 'denied']);
    expect(emailAnswer()).toEqual([true, 'Y']);
    atOffice(2, { NameStatus: 'Normal' });
    await settle();
    expect([subscribed(), contact(2).tessitura_phone_permission]).toEqual(['SUBSCRIBED', 'granted']);
  });
});

describe.each([
  ['Phone', 'tessitura_phone_permission', { PhonePermission: 'Y', AllowTelemarketing: true }],
  ['Mail', 'tessitura_mail_permission', { MailPermission: 'Y' }],
] as const)('%s', (category, property, yes) => {
  test('a no in HubSpot is a no at the box office, and the other way round', async () => {
    const { atHubspot, atOffice, settle, patron, contact } = await paired();
    atHubspot(2, { [property]: 'denied' });
    await settle({ scans: false });
    expect(patron(2).answer(category)).toBe('N');
    atOffice(3, { [`${category}Permission`]: 'N' });
    await settle();
    expect(contact(3)[property]).toBe('denied');
  });

  test('a yes by a colleague does not lift it, in either system; one by the person does', async () => {
    const { atHubspot, atOffice, settle, patron, contact } = await paired();
    atHubspot(2, { [property]: 'denied' }, 'person');
    await settle();
    atHubspot(2, { [property]: 'granted' });
    await settle();
    expect([contact(2)[property], patron(2).answer(category)]).toEqual(['denied', 'N']);
    atOffice(2, yes);
    await settle();
    expect([contact(2)[property], patron(2).answer(category)]).toEqual(['denied', 'N']);
    atHubspot(2, { [property]: 'granted' }, 'person');
    await settle();
    expect([contact(2)[property], patron(2).answer(category)]).toEqual(['granted', 'Y']);
  });
});
