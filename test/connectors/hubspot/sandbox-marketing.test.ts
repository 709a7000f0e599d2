import { describe, expect, test } from 'vitest';
import { type Json, officialClient, openAccount } from './sandbox-account.ts';
import { START } from './world.ts';

const V3 = '/marketing/v3/marketing-events';
const DATED = '/marketing/marketing-events/2026-09';
const ACCOUNT = 'theatre';
const OF = `externalAccountId=${ACCOUNT}`;

const hamlet = (more: Json = {}) => ({
  externalAccountId: ACCOUNT,
  externalEventId: 'perf-1',
  eventName: 'Hamlet',
  eventOrganizer: 'Theatre',
  startDateTime: '2026-12-01T19:30:00Z',
  ...more,
});

function open() {
  const account = openAccount();
  const { call, sandbox } = account;
  const upsert = (...inputs: Json[]) => call('POST', `${DATED}/events/upsert`, { inputs });
  const tell = (state: string, vid: string | number, at = START, properties: Json = {}) =>
    call('POST', `${DATED}/attendance/perf-1/${state}/create?${OF}`, {
      inputs: [{ vid: Number(vid), interactionDateTime: at, properties }],
    });
  const standing = async (query = '') => {
    const { json } = await call(
      'GET',
      `${DATED}/participations/${ACCOUNT}/perf-1/breakdown?limit=100${query}`,
    );
    return (json.results as { properties: Json; associations: { contact: { contactId: string } } }[]).map(
      (each) => [each.associations.contact.contactId, each.properties.attendanceState],
    );
  };
  const contact = (lastname: string) => sandbox.edit({ record: 'contact', set: { lastname } });
  return { ...account, upsert, tell, standing, contact };
}

describe('events', () => {
  test('are created and changed by the ids of the app; fields that are left out stay', async () => {
    const { upsert, call } = open();
    const made = await upsert(hamlet(), hamlet({ externalEventId: 'perf-2', eventName: 'Lear' }));
    const again = await upsert(hamlet({ eventName: 'Hamlet!', startDateTime: undefined }));
    const ids = (reply: { json: Json }) => (reply.json.results as Json[]).map((each) => each.objectId);
    expect(ids(again)).toEqual(ids(made).slice(0, 1));
    const { json } = await call('GET', `${V3}/events/perf-1?${OF}`);
    expect(json).toMatchObject({
      eventName: 'Hamlet!',
      startDateTime: '2026-12-01T19:30:00Z',
      registrants: 0,
    });
  });

  test.each([
    ['without a name', { eventName: undefined }],
    ['with a start that is none', { startDateTime: 'soon' }],
  ])('%s are refused', async (_, more) => {
    const { upsert, sandbox } = open();
    expect((await upsert(hamlet(more))).status).toBe(400);
    expect(sandbox.state('').records['marketing event']).toBe(0);
  });

  test('belong to the app that made them', async () => {
    const { upsert, callAsOther, call } = open();
    const { json } = await upsert(hamlet());
    const { objectId } = (json.results as Json[])[0] ?? {};
    expect((await callAsOther('GET', `${DATED}/events/perf-1?${OF}`)).status).toBe(404);
    expect((await callAsOther('POST', `${DATED}/events/perf-1/cancel?${OF}`)).status).toBe(404);
    expect((await callAsOther('GET', `${DATED}/${objectId}`)).status).toBe(200);
    expect((await callAsOther('PATCH', `${DATED}/${objectId}`, { eventName: 'Ours' })).status).toBe(403);
    expect((await call('PATCH', `${DATED}/${objectId}`, { eventName: 'Hamlet II' })).status).toBe(200);
    await callAsOther('POST', `${DATED}/events/upsert`, { inputs: [hamlet({ eventName: 'Theirs' })] });
    expect((await call('GET', `${DATED}/events/perf-1?${OF}`)).json).toMatchObject({
      eventName: 'Hamlet II',
    });
  });
});

describe('attendance', () => {
  test('the newest interaction counts, in whatever order they are told', async () => {
    const { upsert, tell, standing, contact } = open();
    await upsert(hamlet());
    const [came, left] = [contact('Came'), contact('Left')];
    await tell('attend', came, START + 2_000, {
      joinedAt: '2026-12-01T19:20:00Z',
      leftAt: '2026-12-01T21:50:00Z',
    });
    await tell('register', came, START);
    await tell('cancel', left, START + 1_000);
    await tell('register', left, START);
    expect(await standing()).toEqual([
      [came, 'ATTENDED'],
      [left, 'CANCELLED'],
    ]);
    await tell('register', left, START + 3_000);
    expect(await standing('&state=REGISTERED')).toEqual([[left, 'REGISTERED']]);
  });

  test('who had registered and did not come is a no-show once the event is complete', async () => {
    const { upsert, tell, standing, contact, call } = open();
    await upsert(hamlet());
    const [came, late, off] = [contact('Came'), contact('Late'), contact('Off')];
    for (const each of [came, late, off]) await tell('register', each);
    await tell('attend', came, START + 1);
    await tell('cancel', off, START + 1);
    const times = { startDateTime: '2026-12-01T19:30:00Z', endDateTime: '2026-12-01T22:00:00Z' };
    const complete = await call('POST', `${DATED}/events/perf-1/complete?${OF}`, times);
    expect(complete.json).toMatchObject({ eventCompleted: true, ...times });
    const states = [came, late, off].map((id, n) => [id, ['ATTENDED', 'NO_SHOW', 'CANCELLED'][n]]);
    expect(await standing()).toEqual(states);
    const counts = { registered: 3, attended: 1, cancelled: 1, noShows: 1 };
    expect((await call('GET', `${DATED}/participations/${ACCOUNT}/perf-1`)).json).toEqual(counts);
    await tell('attend', late, START + 2);
    expect(await standing('&state=NO_SHOW')).toEqual([]);
  });

  test('unknown contacts are left out and not created; an unknown state or event is refused', async () => {
    const { upsert, tell, sandbox, contact } = open();
    expect((await tell('register', 1)).status).toBe(404);
    await upsert(hamlet());
    expect((await tell('register', 1)).json.results).toEqual([]);
    expect((await tell('applaud', contact('A'))).status).toBe(400);
    expect(sandbox.state('').records.contact).toBe(1);
  });

  test('a merged contact keeps what both have done, an erased one nothing', async () => {
    const { upsert, tell, sandbox, standing, contact, call } = open();
    await upsert(hamlet());
    const [a, b] = [contact('A'), contact('B')];
    await tell('register', a, START + 1);
    await tell('attend', b, START);
    const id = sandbox.edit({ record: 'merge', id: a, set: { other: b } });
    expect(await standing()).toEqual([[id, 'REGISTERED']]);
    await tell('attend', b, START + 2);
    expect(await standing(`&contactIdentifier=${a}`)).toEqual([[id, 'ATTENDED']]);
    await call('POST', '/crm/objects/2026-09/contacts/gdpr-delete', { objectId: id });
    expect(await standing()).toEqual([]);
  });
});

test('the official client tells and reads all of it, page by page', async () => {
  await using account = await officialClient();
  const { client, sandbox } = account;
  const { batchApi, basicApi, addEventAttendeesApi, changePropertyApi, retrieveParticipantStateApi } =
    client.marketing.events;
  const event = {
    externalAccountId: ACCOUNT,
    externalEventId: 'perf-1',
    eventName: 'Hamlet',
    eventOrganizer: 'Theatre',
    startDateTime: new Date(START),
  };
  const { results } = await batchApi.upsert({ inputs: [event as never] });
  expect(results[0]).toMatchObject({
    eventName: 'Hamlet',
    eventCancelled: false,
    startDateTime: new Date(START),
  });
  const vids = ['A', 'B', 'C'].map((lastname) =>
    Number(sandbox.edit({ record: 'contact', set: { lastname } })),
  );
  const inputs = vids.map((vid) => ({ vid, interactionDateTime: START }));
  const told = await addEventAttendeesApi.recordByContactIds('perf-1', 'register', { inputs }, ACCOUNT);
  expect(told.results.map((each) => each.vid)).toEqual(vids);
  const email = {
    email: 'new@example.test',
    interactionDateTime: START,
    contactProperties: { lastname: 'New' },
  };
  await addEventAttendeesApi.recordByContactEmails('perf-1', 'attend', { inputs: [email] }, ACCOUNT);
  expect(sandbox.peek('contact', 'email:new@example.test')).toMatchObject({ lastname: 'New' });
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await retrieveParticipantStateApi.getParticipationsBreakdownByExternalEventId(
      ACCOUNT,
      'perf-1',
      undefined,
      undefined,
      2,
      after,
    );
    expect(page.total).toBe(4);
    seen.push(...page.results.map((each) => each.properties.attendanceState));
    after = page.paging?.next?.after;
  } while (after !== undefined);
  expect(seen).toEqual(['REGISTERED', 'REGISTERED', 'REGISTERED', 'ATTENDED']);
  const mine = await retrieveParticipantStateApi.getParticipationsBreakdownByContactId('new@example.test');
  expect(mine.results[0]?.associations.marketingEvent).toMatchObject({
    externalEventId: 'perf-1',
    name: 'Hamlet',
  });
  await changePropertyApi.cancel('perf-1', ACCOUNT);
  expect(await basicApi.getDetails('perf-1', ACCOUNT)).toMatchObject({ eventCancelled: true, attendees: 1 });
  await basicApi.archive('perf-1', ACCOUNT);
  await expect(basicApi.getDetails('perf-1', ACCOUNT)).rejects.toMatchObject({ code: 404 });
});
