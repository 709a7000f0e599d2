import { none } from '../../../shared/connectors/connector.ts';
import { connector, constituents, tessituraAccount } from '../../../shared/connectors/tessitura/index.ts';
import { tessituraSandbox } from '../../../shared/connectors/tessitura/sandbox.ts';
import { describeConnector, serveSandbox } from '../contract.ts';

const source = constituents({ account: tessituraAccount('main') });

describeConnector({
  name: 'tessitura',
  connector,
  start: () => serveSandbox(tessituraSandbox({ seed: 7, size: 60 })),
  wrongCredentials: (secret) => ({ ...secret, password: 'wrong' }),
  read: (session) => source.read(session, ['1', '2', '3', '4', '5']),
  write: none('a write looks at its rows first; writer.test.ts shows what its faults end as'),
  removedField: 'ElectronicAddresses',
  lacks: { 'rate-limit-burst': none('Tessitura documents no 429; too many calls only make it slow') },
  source: {
    resource: source,
    edit: (sandbox) => sandbox.edit({ record: 'constituent', id: '4', set: { LastName: 'Changed' } }),
    remove: (sandbox) => sandbox.edit({ record: 'constituent', id: '5', remove: true }),
    unknownId: '99999999',
  },
});
