import { afterEach, beforeEach, describe } from 'vitest';
import {
  companies,
  connector,
  contacts,
  hubspotAccount,
  marketingEvents,
} from '../../../shared/connectors/hubspot/index.ts';
import { describeConnector } from '../contract.ts';
import { describeTarget, type TargetUnderTest } from '../contract-target.ts';
import { defineLabels } from './labels.ts';
import { type Hubspot, startHubspot } from './world.ts';

const target = contacts({ account: hubspotAccount('main'), match: 'email' });

const sample = (n: number) => ({
  ref: String(1000 + n),
  fields: {
    email: `patron.${n}@example.test`,
    firstname: `Zoë ${n}`,
    lastname: '李 小龍',
    phone: '+442071234567',
    tessitura_status: 'active',
    tessitura_letter_salutation: null,
  },
});

describeConnector({
  name: 'hubspot',
  connector,
  start: async () => {
    const hubspot = await startHubspot();
    hubspot.sandbox.edit({ record: 'contact', set: { lastname: 'Already there' } });
    return hubspot;
  },
  wrongCredentials: (secret) => ({ ...secret, auth: { kind: 'token', accessToken: 'not-the-token' } }),
  read: async (session) => await target.list(session),
  write: async (session) => await target.write(session, [{ kind: 'create', ...sample(1) }]),
  removedField: 'id',
  target: { resource: target, sample, change: { field: 'lastname', value: 'Bruce Lee' } },
});

/** What every target promises, of a sandbox that has been made ready for it. */
function describeMore(name: string, subject: TargetUnderTest, prepare: (hubspot: Hubspot) => Promise<void>) {
  describe(name, () => {
    let hubspot: Hubspot;
    beforeEach(async () => {
      hubspot = await startHubspot();
      await prepare(hubspot);
    });
    afterEach(async () => {
      await hubspot.stop();
    });
    describeTarget(subject, () => hubspot.session());
  });
}

function addPatrons({ sandbox }: Hubspot, count: number): void {
  for (let n = 0; n < count; n += 1)
    sandbox.edit({ record: 'contact', set: { lastname: `P${n}`, tessitura_constituent_id: String(n) } });
}

describeMore(
  'contacts with a consent',
  {
    resource: contacts({
      account: hubspotAccount('main'),
      consent: { field: 'email_consent', subscriptionId: 801_001 },
    }),
    sample: (n) => ({
      ref: String(1000 + n),
      fields: { email: `patron.${n}@example.test`, email_consent: n % 2 === 0 ? 'granted' : 'denied' },
    }),
    change: { field: 'email_consent', value: 'granted' },
  },
  async () => undefined,
);

describeMore(
  'households',
  {
    resource: companies({ account: hubspotAccount('main'), members: 'tessitura_members' }),
    sample: (n) => ({
      ref: String(5000 + n),
      fields: { name: `Household ${n}`, tessitura_members: `${n}:A1+Household member` },
    }),
    change: { field: 'tessitura_members', value: '50:A2;7' },
  },
  async (hubspot) => {
    addPatrons(hubspot, 100);
    await defineLabels(hubspot, ['Household member', 'A1', 'A2']);
  },
);

describeMore(
  'performances',
  {
    resource: marketingEvents({ account: hubspotAccount('main'), externalAccountId: 'town-hall' }),
    sample: (n) => ({
      ref: String(300 + n),
      fields: { name: `Tosca ${n}`, start: '2026-12-01T19:30:00.000Z', cancelled: n % 2 === 1 },
    }),
    change: { field: 'name', value: 'Aida' },
  },
  async () => undefined,
);
