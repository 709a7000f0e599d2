import { afterEach, describe, expect, test } from 'vitest';
import { type BothSides, type BothSidesOptions, bothSides } from '../both-sides.ts';

const SIZE = 20;
const open: BothSides[] = [];

/** Both systems after the first backfill. */
async function paired(options: BothSidesOptions = {}): Promise<BothSides> {
  const world = await bothSides({ size: SIZE, ...options });
  open.push(world);
  await world.backfill();
  return world;
}

afterEach(async () => {
  // Whatever the story was, it ends with both sides agreeing and nothing on its way.
  for (const world of open.splice(0)) {
    const { differ, differences } = await world.audit();
    const { duplicates } = world.hubspot.state('').counters;
    await world.stop();
    expect({ differ, differences, duplicates }).toEqual({ differ: 0, differences: [], duplicates: 0 });
  }
});

describe('e-mail', () => {
  test('a new one in HubSpot becomes the primary one in Tessitura, and the old one ends', async () => {
    const { atHubspot, settle, patron, contact } = await paired();
    atHubspot(2, { email: 'Grace@New.example.org' });
    await settle({ scans: false });
    expect(patron(2).email).toBe('grace@new.example.org');
    expect(patron(2).emails.map((each) => each.Address)).not.toContain("o'brien.2@mail.example.net");
    expect(contact(2).email).toBe('grace@new.example.org');
  });

  test('where both changed it Tessitura holds, and the other value is kept on the link', async () => {
    const { atHubspot, atOffice, settle, patron, contact, link } = await paired();
    atOffice(2, { Email: 'office@example.org' });
    atHubspot(2, { email: 'marketing@example.org' });
    await settle();
    expect([patron(2).email, contact(2).email]).toEqual(['office@example.org', 'office@example.org']);
    expect((await link(2))?.pair?.overruled).toMatchObject([
      { field: 'email', side: 'right', value: 'marketing@example.org' },
    ]);
  });

  test('one that is a web login is left to people, and neither side is touched', async () => {
    const { atHubspot, atOffice, settle, patron, contact, items, decide } = await paired();
    atOffice(2, { WebLogin: true });
    await settle();
    const before = patron(2).email;
    atHubspot(2, { email: 'new@example.org' });
    await settle();
    const [item] = await items();
    expect(item).toMatchObject({ id: '2', field: 'email', left: before, right: 'new@example.org' });
    expect(item?.because).toContain('web login');
    expect([patron(2).email, contact(2).email]).toEqual([before, 'new@example.org']);
    // Everything else of the patron goes on.
    atOffice(2, { FirstName: 'Grace' });
    await settle();
    expect(contact(2).firstname).toBe('Grace');
    if (item) expect(await decide(item, 'left')).toBe('decided');
    await settle({ scans: false });
    expect(contact(2).email).toBe(before);
    expect(await items()).toEqual([]);
  });

  test('one that is a web login and was decided for HubSpot waits for a person as one item, until it is done', async () => {
    const { atHubspot, atOffice, settle, patron, contact, items, decide, office } = await paired();
    atOffice(2, { WebLogin: true });
    await settle();
    const before = patron(2).email;
    atHubspot(2, { email: 'new@example.org' });
    await settle();
    const [asked] = await items();
    if (asked) expect(await decide(asked, 'right')).toBe('decided');
    await settle();
    const [item, ...more] = await items();
    expect(more).toEqual([]);
    expect(item).toMatchObject({ field: 'email', since: asked?.since, chosen: 'right' });
    expect(item?.because).toMatch(/^the e-mail is a web login: .*was chosen.*by itself/);
    if (item) expect(await decide(item, 'right')).toBe('by-hand');
    const written = () =>
      Object.entries(office.state('').counters).filter(([name]) => /^(PUT|POST)/.test(name));
    const calls = JSON.stringify(written().filter(([name]) => name.startsWith('PUT')));
    await settle();
    expect(await items()).toEqual([item]);
    expect(JSON.stringify(written().filter(([name]) => name.startsWith('PUT')))).toBe(calls);
    expect([patron(2).email, contact(2).email]).toEqual([before, 'new@example.org']);
    // Somebody does it in Tessitura, where the login follows.
    atOffice(2, { Email: 'new@example.org' }, 'person');
    await settle();
    expect([patron(2).email, contact(2).email]).toEqual(['new@example.org', 'new@example.org']);
    expect(await items()).toEqual([]);
  });

  test('what was decided for HubSpot and waits for a person can still be decided for Tessitura', async () => {
    const { atHubspot, atOffice, settle, patron, contact, items, decide } = await paired();
    atOffice(2, { WebLogin: true });
    await settle();
    const before = patron(2).email;
    atHubspot(2, { email: 'new@example.org' });
    await settle();
    for (const keep of ['right', 'left'] as const) {
      const [item] = await items();
      if (item) expect(await decide(item, keep)).toBe('decided');
      await settle();
    }
    expect([patron(2).email, contact(2).email, await items()]).toEqual([before, before, []]);
  });

  test('one that several patrons have, decided for HubSpot, is this patron’s alone', async () => {
    const { atHubspot, atOffice, settle, patron, contact, items, decide } = await paired();
    for (const id of [2, 3]) atOffice(id, { Email: 'home@example.org' });
    await settle();
    atHubspot(2, { email: 'new@example.org' });
    await settle();
    const [item] = await items();
    if (item) await decide(item, 'right');
    await settle();
    expect([patron(2).email, patron(3).email]).toEqual(['new@example.org', 'home@example.org']);
    expect([contact(2).email, contact(3).email]).toEqual(['new@example.org', 'home@example.org']);
    expect(await items()).toEqual([]);
  });

  test('one that is removed in HubSpot ends in Tessitura when a person says so', async () => {
    const { atHubspot, settle, patron, items, decide, contact } = await paired();
    atHubspot(2, { email: '' });
    await settle();
    const [item] = await items();
    if (item) await decide(item, 'right');
    await settle();
    expect([patron(2).email, contact(2).email ?? '', await items()]).toEqual([undefined, '', []]);
  });

  test('one that several patrons have is left to people', async () => {
    const { atHubspot, atOffice, settle, contact, items, decide } = await paired();
    atOffice(3, { Email: 'home@example.org' });
    atOffice(2, { Email: 'home@example.org' });
    await settle();
    expect(contact(3)).toMatchObject({ tessitura_email_shared_with: '2' });
    atHubspot(2, { email: 'new@example.org' });
    await settle();
    const [item] = await items();
    expect(item).toMatchObject({ id: '2', field: 'email', right: 'new@example.org' });
    expect(item?.because).toContain('shared with 3');
    if (item) await decide(item, 'left');
    await settle();
    expect(contact(2).email).toBe('home@example.org');
  });

  test('a contact whose e-mail another patron holds cannot be given one in HubSpot', async () => {
    const { atHubspot, atOffice, settle, contact, patron } = await paired();
    atOffice(3, { Email: 'home@example.org' });
    atOffice(2, { Email: 'home@example.org' });
    await settle();
    atHubspot(3, { email: 'other@example.org' });
    await settle();
    expect(contact(3).email ?? null).toBeNull();
    expect(patron(3).email).toBe('home@example.org');
  });

  test('one that is removed in HubSpot is left to people', async () => {
    const { atHubspot, settle, patron, items, decide, contact } = await paired();
    const before = patron(1).email;
    atHubspot(1, { email: '' });
    await settle();
    const [item] = await items();
    expect(item).toMatchObject({ field: 'email', left: before, right: null });
    expect(patron(1).email).toBe(before);
    if (item) await decide(item, 'left');
    await settle({ scans: false });
    expect(contact(1).email).toBe(before);
  });

  test('somebody saves the row at the same moment: both are read again, and the edit is made', async () => {
    const { office, atHubspot, settle, patron } = await paired();
    office.setFaults({ 'edited-meanwhile': true });
    atHubspot(2, { email: 'second@example.org' });
    await settle();
    office.setFaults({ 'edited-meanwhile': false });
    await settle();
    expect(patron(2).email).toBe('second@example.org');
  });
});

describe('names and phones', () => {
  test('what the box office lacks is filled from HubSpot, as the mapping would write it', async () => {
    const { atOffice, atHubspot, settle, patron, contact } = await paired();
    atOffice(2, { FirstName: null, Phone: null });
    await settle();
    expect([contact(2).firstname ?? '', contact(2).phone ?? '']).toEqual(['', '']);
    atHubspot(2, { firstname: 'Grace', phone: '+1 212 555 0142', mobilephone: '(201) 555-0101' });
    await settle();
    expect(patron(2).row).toMatchObject({ FirstName: 'Grace' });
    expect(patron(2).phones).toEqual(expect.arrayContaining(['+12125550142', '+12015550101']));
    expect(contact(2)).toMatchObject({
      firstname: 'Grace',
      phone: '+12125550142',
      mobilephone: '+12015550101',
    });
  });

  test('what the box office has, it keeps', async () => {
    const { atHubspot, settle, patron, contact } = await paired();
    const { FirstName } = patron(2).row;
    atHubspot(2, { firstname: 'Somebody', phone: '+12125550199' });
    await settle();
    expect(patron(2).row).toMatchObject({ FirstName });
    expect(contact(2)).toMatchObject({ firstname: FirstName, phone: '+12125550133' });
  });

  test('a name that its column cannot hold is left to people, and a no goes on all the same', async () => {
    const { atOffice, atHubspot, settle, patron, items, decide } = await paired();
    atOffice(2, { FirstName: null });
    await settle();
    atHubspot(2, { firstname: 'x'.repeat(21), tessitura_phone_permission: 'denied' });
    await settle();
    const [item] = await items();
    expect(item?.because).toContain('FirstName takes 20 characters and this has 21');
    expect(patron(2).row.FirstName ?? null).toBeNull();
    expect(patron(2).answer('Phone')).toBe('N');
    if (item) await decide(item, 'left');
    await settle();
  });

  test('what is no phone number is left to people instead of being written again and again', async () => {
    const { atOffice, atHubspot, settle, patron, items, decide } = await paired();
    atOffice(2, { Phone: null });
    await settle();
    atHubspot(2, { phone: 'ask Ada' });
    await settle();
    const [item] = await items();
    expect(item).toMatchObject({ field: 'phone', left: null, right: 'ask Ada' });
    expect(patron(2).phones).toEqual([]);
    if (item) await decide(item, 'left');
    await settle();
  });
});

describe('pairs', () => {
  test('what HubSpot had before the first pairing is adopted by its e-mail, and fills what is missing', async () => {
    const world = await paired({
      before: (hubspot) => {
        const set = { email: 'x_1.7@example.org', firstname: 'Izzy', phone: '+12125550177' };
        hubspot.edit({ record: 'contact', set });
        hubspot.edit({
          record: 'subscription',
          id: 'x_1.7@example.org',
          set: { 801001: 'UNSUBSCRIBED' },
          by: 'person',
        });
      },
    });
    const { patron, contact, hubspot } = world;
    await world.settle();
    expect(hubspot.state('').records.contact).toBe(SIZE);
    expect(contact(7)).toMatchObject({ firstname: 'Isla', phone: '+12125550177' });
    expect(patron(7).phones).toContain('+12125550177');
    expect([patron(7).mayMail, patron(7).answer('Email')]).toEqual([false, 'N']);
  });

  test('a contact that is merged away in HubSpot is followed to the new id', async () => {
    const { hubspot, clock, contact, settle, atHubspot, patron, atOffice } = await paired();
    const other = hubspot.edit({ record: 'contact', set: { email: 'twin@example.org' } });
    const before = contact(2).id;
    clock.tick();
    hubspot.edit({ record: 'merge', id: String(before), set: { other } });
    await settle();
    expect(contact(2).id).not.toBe(before);
    atHubspot(2, { email: 'after@example.org' });
    atOffice(2, { LastName: 'Hopper' });
    await settle();
    expect([patron(2).email, contact(2).lastname]).toEqual(['after@example.org', 'Hopper']);
  });

  test('two patrons whose contacts were merged in HubSpot are left to people, who keep them apart', async () => {
    const { hubspot, clock, contact, settle, items, decide, hasContact, atOffice } = await paired();
    clock.tick();
    hubspot.edit({ record: 'merge', id: String(contact(2).id), set: { other: String(contact(8).id) } });
    await settle();
    const [item, ...more] = await items();
    expect([item?.id, item?.field, more]).toEqual(['8', '', []]);
    expect(item?.because).toContain('patron/2');
    if (item) await decide(item, 'left');
    await settle();
    expect(hasContact(8)).toBe(true);
    expect(contact(8).id).not.toBe(contact(2).id);
    atOffice(8, { FirstName: 'Zelda' });
    await settle();
    expect(contact(8).firstname).toBe('Zelda');
  });

  test('two patrons whose contacts were merged in HubSpot are left to people, who merge them in Tessitura', async () => {
    const { hubspot, office, clock, contact, settle, items, decide, hasContact } = await paired();
    clock.tick();
    hubspot.edit({ record: 'merge', id: String(contact(2).id), set: { other: String(contact(3).id) } });
    await settle();
    const [item] = await items();
    expect(item).toMatchObject({ id: '3', field: '' });
    clock.tick();
    office.edit({ record: 'constituent', id: '3', remove: true, set: { MergeInto: 2 } });
    if (item) await decide(item, 'right');
    await settle();
    expect([hasContact(2), hasContact(3), await items()]).toEqual([true, false, []]);
  });

  test('two patrons that were merged in Tessitura are merged in HubSpot', async () => {
    const { office, clock, contact, settle, hasContact, hubspot, patron } = await paired();
    const [kept, gone] = [contact(3).id, contact(2).id];
    clock.tick();
    office.edit({ record: 'constituent', id: '2', remove: true, set: { MergeInto: 3 } });
    await settle();
    expect(hasContact(2)).toBe(false);
    expect([kept, gone]).not.toContain(contact(3).id);
    expect(hubspot.state('').records.contact).toBe(SIZE - 1);
    expect(contact(3).email).toBe(patron(3).email?.toLowerCase());
  });

  test('a contact that was deleted in HubSpot is left alone, and goes on when it is restored', async () => {
    const { hubspot, clock, contact, settle, atOffice, hasContact, patron, atHubspot } = await paired();
    const id = String(contact(2).id);
    clock.tick();
    hubspot.edit({ record: 'contact', id, remove: true });
    await settle();
    atOffice(2, { LastName: 'Hopper' });
    await settle();
    expect(hasContact(2)).toBe(false);
    clock.tick();
    hubspot.edit({ record: 'restore', id });
    await settle();
    expect(contact(2)).toMatchObject({ id, lastname: 'Hopper' });
    atHubspot(2, { email: 'back@example.org' });
    await settle({ scans: false });
    expect(patron(2).email).toBe('back@example.org');
  });
});

describe('privacy', () => {
  test('who is erased in HubSpot is purged in Tessitura once a person agrees, and made anew by nothing', async () => {
    const { hubspot, clock, contact, settle, items, decide, office, hasContact, patron, link } =
      await paired();
    clock.tick();
    hubspot.edit({ record: 'privacy-deletion', id: String(contact(2).id) });
    await settle();
    const [item] = await items();
    expect(item).toMatchObject({ id: '2', field: '', right: 'erased' });
    expect(patron(2).row).toMatchObject({ PurgeScheduled: false });
    if (item) await decide(item, 'right');
    await settle();
    expect(patron(2).row).toMatchObject({ PurgeScheduled: true });
    clock.tick();
    office.edit({ record: 'purge-job' });
    await settle();
    expect(hasContact(2)).toBe(false);
    expect(JSON.stringify(await link(2))).not.toContain('mail.example.net');
  });

  test('who is purged in Tessitura is erased in HubSpot once a person agrees', async () => {
    const { hubspot, clock, contact, settle, items, decide, office, hasContact } = await paired();
    const { id, email } = contact(2);
    clock.tick();
    office.edit({ record: 'constituent', id: '2', remove: true });
    await settle();
    const [item] = await items();
    expect(item).toMatchObject({ id: '2', field: '', left: 'erased' });
    expect(hasContact(2)).toBe(true);
    if (item) await decide(item, 'left');
    await settle();
    expect(hubspot.peek('contact', String(id))).toBeUndefined();
    // The same person bought a ticket again: the box office may know them, marketing may not.
    clock.tick();
    const anew = office.edit({ record: 'constituent', set: { LastName: 'Smith', Email: String(email) } });
    await settle();
    expect(hasContact(anew)).toBe(false);
  });
});
