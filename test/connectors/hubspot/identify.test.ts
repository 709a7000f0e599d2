import { expect, test } from 'vitest';
import { contacts, hubspotAccount, mergeContacts } from '../../../shared/connectors/hubspot/index.ts';
import { startHubspot } from './world.ts';

const target = contacts({ account: hubspotAccount('main') });

test('every contact is identified: ours, a stranger, one that is gone and one that never was', async () => {
  await using hubspot = await startHubspot();
  const session = hubspot.session();
  const fields = { email: 'anna@example.test', firstname: 'Anna', lastname: 'Bell' };
  const done = (await target.write(session, [{ kind: 'create', ref: '7', fields }])).get('7');
  const ours = done?.ok ? done.targetId : '';
  const stranger = hubspot.sandbox.edit({ record: 'contact', set: { lastname: 'Nobody' } });
  const binned = hubspot.sandbox.edit({ record: 'contact', set: { lastname: 'Binned' } });
  hubspot.sandbox.edit({ record: 'contact', id: binned, remove: true });
  const known = await target.identify?.(session, [ours, stranger, binned, '999']);
  expect(Object.fromEntries(known ?? [])).toEqual({
    [ours]: { state: 'present', record: { ref: '7', fields } },
    [stranger]: {
      state: 'present',
      record: { fields: { email: null, firstname: null, lastname: 'Nobody' } },
    },
    [binned]: { state: 'gone' },
    999: { state: 'gone' },
  });
});

test('the id of a contact that was merged away says into which', async () => {
  await using hubspot = await startHubspot();
  const [first, second] = ['A', 'B'].map((lastname) =>
    hubspot.sandbox.edit({ record: 'contact', set: { lastname } }),
  );
  const id = await mergeContacts(hubspot.session(), { primary: first ?? '', other: second ?? '' });
  const known = await target.identify?.(hubspot.session(), [second ?? '']);
  expect(known?.get(second ?? '')).toEqual({ state: 'merged', into: id });
});
