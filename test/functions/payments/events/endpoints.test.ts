import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { validSecrets } from '../../../../functions/payments/events/endpoint.ts';
import { noteEvent, type OtherEvent } from '../../../../functions/payments/events/note.ts';
import { replay, undelivered } from '../../../../functions/payments/events/replay.ts';
import {
  removeEndpoint,
  rotateSecret,
  setEndpoint,
  showEndpoint,
} from '../../../../functions/payments/events/set-endpoint.ts';
import { START } from '../builders.ts';
import { postOffice, site } from './post-office.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const merchant = 'club';
const url = 'https://club.example/hook';

describe('an endpoint', () => {
  test('tells its secret once', async () => {
    const { ports } = postOffice();
    const first = await setEndpoint(ports, site, { merchant, url });
    expect(first).toMatchObject({ ok: true, url, secret: expect.stringMatching(/^whsec_/) });
    expect(await setEndpoint(ports, site, { merchant, url: `${url}/2` })).toEqual({
      ok: true,
      url: `${url}/2`,
    });
    const shown = await showEndpoint(ports.documents, merchant);
    expect(shown).toEqual({
      url: `${url}/2`,
      disabled: undefined,
      secrets: [{ since: START, until: undefined }],
    });
    expect(JSON.stringify(shown)).not.toContain('whsec_');
  });

  test('that is removed is gone with its secret; the next one has a new secret', async () => {
    const { ports, endpoint } = postOffice();
    const first = await endpoint();
    await removeEndpoint(ports, { merchant });
    expect(await showEndpoint(ports.documents, merchant)).toBeUndefined();
    expect(await rotateSecret(ports, { merchant })).toMatchObject({ ok: false, field: 'merchant' });
    const second = await endpoint();
    expect(second).toMatch(/^whsec_/);
    expect(second).not.toBe(first);
  });

  test.each([
    ['http://club.example/hook', 'https://'],
    ['http://localhost:8000/hook', 'https://'],
    ['club.example/hook', 'absolute URL'],
    ['', 'absolute URL'],
    ['https://me:secret@club.example/', 'user name'],
    ['https://club.example:25/', 'port 443'],
    ['https://club.example/#part', 'after #'],
    [`https://club.example/${'x'.repeat(500)}`, 'at most 500'],
  ])('is not set to "%s"', async (wrong, because) => {
    const { ports } = postOffice();
    const answer = await setEndpoint(ports, site, { merchant, url: wrong });
    expect(answer).toMatchObject({ ok: false, field: 'url', because: expect.stringContaining(because) });
    expect(await showEndpoint(ports.documents, merchant)).toBeUndefined();
  });

  test('may be on this machine where that is allowed', async () => {
    const { ports } = postOffice();
    const local = { merchant, url: 'http://localhost:8000/hook', allowLoopback: true };
    expect(await setEndpoint(ports, site, local)).toMatchObject({ ok: true });
    const other = { merchant, url: 'http://club.example/hook', allowLoopback: true };
    expect(await setEndpoint(ports, site, other)).toMatchObject({ ok: false });
  });

  test('belongs to a merchant of this site', async () => {
    const { ports } = postOffice();
    expect(await setEndpoint(ports, site, { merchant: 'nobody', url })).toMatchObject({
      ok: false,
      field: 'merchant',
    });
  });
});

describe('a secret that is changed', () => {
  test('signs together with the old one for a day, then alone', async () => {
    const { ports, endpoint, store, post, run, receiver, clock } = postOffice();
    const old = await endpoint();
    const changed = await rotateSecret(ports, { merchant });
    const fresh = changed.ok ? changed.secret : '';
    expect(changed).toEqual({ ok: true, secret: fresh, oldUntil: START + DAY });
    await store('pay_1', ['payment.created', 'payment.captured']);
    post('pay_1.1');
    await run(DAY);
    post('pay_1.2');
    await run(SECOND);
    const expected = [[fresh, old], [fresh]];
    for (const [index, { headers, body }] of receiver.got.entries()) {
      const at = index === 0 ? START : START + DAY;
      const id = `evt_pay_1_${index + 1}`;
      const signatures = expected[index]?.map((each) => new Webhook(each).sign(id, new Date(at), body ?? ''));
      expect(headers['webhook-signature']).toBe(signatures?.join(' '));
    }
    expect(clock.now()).toBe(START + DAY + SECOND);
  });

  test('after a theft signs alone at once', async () => {
    const { ports, endpoint } = postOffice();
    await endpoint();
    expect(await rotateSecret(ports, { merchant, hours: 0 })).toMatchObject({ ok: true, oldUntil: START });
    expect((await showEndpoint(ports.documents, merchant))?.secrets).toHaveLength(1);
  });

  test('twice in a row does not make the first one valid for longer', async () => {
    const { ports, endpoint, clock } = postOffice();
    await endpoint();
    await rotateSecret(ports, { merchant, hours: 2 });
    await clock.advance(HOUR);
    await rotateSecret(ports, { merchant });
    const shown = await showEndpoint(ports.documents, merchant);
    expect(shown?.secrets.map(({ until }) => until)).toEqual([
      undefined,
      START + 25 * HOUR,
      START + 2 * HOUR,
    ]);
    await clock.advance(2 * HOUR);
    const secrets = (shown?.secrets ?? []).map((each, index) => ({ ...each, value: `s${index}` }));
    expect(validSecrets({ schema: 1, secrets }, clock.now())).toEqual(['s0', 's1']);
  });

  test.each([-1, 721, Number.NaN])('not for %d hours', async (hours) => {
    const { ports, endpoint } = postOffice();
    await endpoint();
    expect(await rotateSecret(ports, { merchant, hours })).toMatchObject({ ok: false, field: 'hours' });
  });
});

describe('a replay', () => {
  async function missed() {
    const office = postOffice();
    await office.endpoint();
    office.receiver.habits.push(200, ...Array.from({ length: 10 }, () => 500));
    await office.store('pay_1', ['payment.created', 'payment.captured', 'refund.created']);
    await office.store('pay_2', ['payment.created'], 'other');
    office.post('pay_1.1');
    await office.run(SECOND);
    office.post('pay_1.2', 'pay_2.1');
    await office.run(5 * DAY);
    office.post('pay_1.3');
    await office.run(SECOND);
    office.receiver.got.length = 0;
    return office;
  }

  test('from an event on sends it and all later ones again, under their own ids', async () => {
    const { ports, run, receiver, stateOf } = await missed();
    expect(await undelivered(ports.documents, merchant, { limit: 5 })).toEqual({ items: ['pay_1.2'] });
    expect(await replay(ports, { merchant, from: 'pay_1.2' })).toEqual({ ok: true, replayed: 2 });
    await run(SECOND);
    expect(receiver.ids()).toEqual(['evt_pay_1_2', 'evt_pay_1_3']);
    expect(await stateOf('pay_1.2')).toMatchObject({ state: 'delivered', tries: 1, replays: 1 });
    expect(await undelivered(ports.documents, merchant, { limit: 5 })).toEqual({ items: [] });
  });

  test('takes the id that the merchant knows', async () => {
    const { ports } = await missed();
    expect(await replay(ports, { merchant, from: 'evt_pay_1_3' })).toEqual({ ok: true, replayed: 1 });
  });

  test('since a time sends what happened from then on, and publishes nothing again', async () => {
    const { ports, run, receiver, published } = await missed();
    const before = published.length;
    expect(await replay(ports, { merchant, since: START })).toEqual({ ok: true, replayed: 3 });
    await run(SECOND);
    expect(receiver.ids()).toEqual(['evt_pay_1_1', 'evt_pay_1_2', 'evt_pay_1_3']);
    expect(published).toHaveLength(before);
  });

  test('that fails is tried for three days again', async () => {
    const { ports, run, receiver, stateOf } = await missed();
    receiver.habits.push(...Array.from({ length: 20 }, () => 500));
    await replay(ports, { merchant, from: 'pay_1.3' });
    await run(5 * DAY);
    expect(receiver.got).toHaveLength(10);
    expect(await stateOf('pay_1.3')).toMatchObject({ state: 'gave-up', tries: 10 });
  });

  test('knows only events of its merchant', async () => {
    const { ports } = await missed();
    for (const from of ['pay_2.1', 'pay_9.1', '', 'pay_1'])
      expect(await replay(ports, { merchant, from })).toMatchObject({ ok: false, field: 'from' });
  });

  test.each([START + 30 * DAY, START - 500 * DAY, Number.NaN])('not since %d', async (since) => {
    const { ports } = await missed();
    expect(await replay(ports, { merchant, since })).toMatchObject({ ok: false, field: 'since' });
  });

  test('of very many goes on where it left off', async () => {
    const { ports, endpoint, store, post, run, receiver, clock } = postOffice();
    await endpoint();
    const ids = Array.from({ length: 620 }, (_, index) => `pay_${index}`);
    for (const id of ids) {
      await store(id, ['payment.created']);
      post(`${id}.1`);
      await run(5 * 60 * SECOND);
    }
    receiver.got.length = 0;
    const first = await replay(ports, { merchant, since: START });
    expect(first).toEqual({ ok: true, replayed: 500, next: 'pay_500.1' });
    expect(await replay(ports, { merchant, from: 'pay_500.1' })).toEqual({ ok: true, replayed: 120 });
    await run(SECOND);
    expect(receiver.ids()).toEqual(ids.map((id) => `evt_${id}_1`));
    expect(clock.now()).toBeGreaterThan(START + 2 * DAY);
  });
});

describe('an event of no payment', () => {
  const dispute: OtherEvent = {
    merchant,
    type: 'dispute.opened',
    subject: 'dispute-first-dp.1',
    version: 1,
    at: START,
    data: { payment: 'pay_1', amount: 1_999, currency: 'EUR', reason: 'fraudulent' },
  };

  test('is delivered like the others', async () => {
    const { ports, endpoint, run, published, receiver } = postOffice();
    await endpoint();
    expect(await noteEvent(ports, dispute)).toBe('dispute-first-dp-1.1');
    await run(SECOND);
    const data = { ...dispute.data, id: 'dispute-first-dp-1', version: 1 };
    const timestamp = new Date(START).toISOString();
    const message = { type: 'dispute.opened', timestamp, data };
    expect(published).toEqual([{ id: 'evt_dispute-first-dp-1_1', merchant, ...message }]);
    expect(JSON.parse(receiver.got[0]?.body ?? '')).toEqual(message);
  });

  test('is stored once and announced again until it is published', async () => {
    const { ports, run, queue, published } = postOffice();
    await noteEvent(ports, dispute);
    await noteEvent(ports, { ...dispute, data: { payment: 'another' } });
    expect(queue).toHaveLength(2);
    await run(SECOND);
    await noteEvent(ports, dispute);
    await run(SECOND);
    expect(published.map(({ data }) => data.payment)).toEqual(['pay_1']);
  });

  test('can be replayed', async () => {
    const { ports, endpoint, run, receiver } = postOffice();
    await noteEvent(ports, dispute);
    await run(SECOND);
    await endpoint();
    expect(await replay(ports, { merchant, since: START })).toEqual({ ok: true, replayed: 1 });
    await run(SECOND);
    expect(receiver.ids()).toEqual(['evt_dispute-first-dp-1_1']);
  });
});
