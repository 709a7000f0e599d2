import { connector, contacts, hubspotAccount } from '../../../shared/connectors/hubspot/index.ts';
import { hubspotSandbox } from '../../../shared/connectors/hubspot/sandbox.ts';
import { describeConnector, serveSandbox } from '../contract.ts';

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
    const sandbox = hubspotSandbox({ seed: 7, size: 0 });
    sandbox.edit({ record: 'contact', set: { lastname: 'Already there' } });
    return await serveSandbox(sandbox);
  },
  wrongCredentials: (secret) => ({ ...secret, auth: { kind: 'token', accessToken: 'not-the-token' } }),
  read: async (session) => await target.list(session),
  write: async (session) => await target.write(session, [{ kind: 'create', ...sample(1) }]),
  removedField: 'id',
  target: { resource: target, sample, change: { field: 'lastname', value: 'Bruce Lee' } },
});
