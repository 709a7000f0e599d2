import { expect, test } from 'vitest';
import {
  contacts,
  eraseContact,
  hubspotAccount,
  mergeContacts,
} from '../../../shared/connectors/hubspot/index.ts';
import { faultOf } from '../contract.ts';
import { type Hubspot, startHubspot } from './world.ts';

const target = contacts({ account: hubspotAccount('main') });
const person = ({ sandbox }: Hubspot, n: number) =>
  sandbox.edit({ record: 'contact', set: { lastname: `L${n}`, email: `p${n}@example.test` } });
const read = async (hubspot: Hubspot, id: string) =>
  await target.readOne(hubspot.session(), id, ['lastname']);

test('a merge gives the survivor a new id, and a chain of merges ends in the last one', async () => {
  await using hubspot = await startHubspot();
  const [a, b, c] = [1, 2, 3].map((n) => person(hubspot, n));
  const first = await mergeContacts(hubspot.session(), { primary: a ?? '', other: b ?? '' });
  expect([a, b]).not.toContain(first);
  const last = await mergeContacts(hubspot.session(), { primary: first, other: c ?? '' });
  for (const id of [a, b, c, first])
    expect(await read(hubspot, id ?? '')).toEqual({ state: 'merged', into: last });
  expect(await read(hubspot, last)).toEqual({ state: 'present', record: { lastname: 'L1' } });
});

test('a merge with nobody is refused', async () => {
  await using hubspot = await startHubspot();
  const id = person(hubspot, 1);
  const fault = await faultOf(mergeContacts(hubspot.session(), { primary: id, other: '999' }));
  expect(fault).toMatchObject({ kind: 'rejected', status: 404 });
});

test('who is erased is gone for good, by id or by address, also where there was no contact', async () => {
  await using hubspot = await startHubspot();
  const [byId, byEmail] = [person(hubspot, 1), person(hubspot, 2)];
  await eraseContact(hubspot.session(), { contactId: byId });
  await eraseContact(hubspot.session(), { email: 'p2@example.test' });
  await eraseContact(hubspot.session(), { email: 'nobody@example.test' });
  for (const id of [byId, byEmail]) {
    expect(await read(hubspot, id)).toEqual({ state: 'gone' });
    expect(() => hubspot.sandbox.edit({ record: 'restore', id })).toThrow('recycle bin');
  }
});

test('an answer that is lost leaves open whether the merge was done', async () => {
  await using hubspot = await startHubspot();
  const [primary, other] = [person(hubspot, 1), person(hubspot, 2)];
  hubspot.sandbox.setFaults({ 'reply-lost': true });
  const fault = await faultOf(mergeContacts(hubspot.session(), { primary, other }));
  expect(fault?.kind).toBe('unknown-outcome');
  hubspot.sandbox.setFaults({ 'reply-lost': false });
  expect(await read(hubspot, other)).toMatchObject({ state: 'merged' });
});

test('the target erases by the contact’s id, once or twice, and says what HubSpot refuses', async () => {
  await using hubspot = await startHubspot();
  const id = person(hubspot, 1);
  expect(await target.erase?.(hubspot.session(), id)).toEqual({ ok: true });
  expect(await target.erase?.(hubspot.session(), id)).toEqual({ ok: true });
  expect(await read(hubspot, id)).toEqual({ state: 'gone' });
  hubspot.sandbox.setFaults({ outage: true });
  expect(await target.erase?.(hubspot.session(), person(hubspot, 2))).toMatchObject({
    ok: false,
    fault: { kind: 'unknown-outcome' },
  });
});
