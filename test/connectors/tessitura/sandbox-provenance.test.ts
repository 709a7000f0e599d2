import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SandboxEdit } from '../../../shared/connectors/sandbox.ts';
import { serviceUnderTest } from './sandbox-service.ts';

const START = Date.parse('2026-06-01T15:00:00Z');
/** Which resource shows the rows of an audit table. */
const RESOURCES = {
  T_CUSTOMER: 'CRM/Constituents',
  T_EADDRESS: 'CRM/ElectronicAddresses',
  T_PHONE: 'CRM/Phones',
  TX_CONTACT_PERMISSION: 'CRM/ContactPermissions',
} as const;
type Table = keyof typeof RESOURCES;

const values = fc.constantFrom('a', 'b');
const setting: fc.Arbitrary<NonNullable<SandboxEdit['set']>> = fc.oneof(
  values.map((text) => ({ LastName: text })),
  fc.option(values).map((text) => ({ FirstName: text })),
  values.map((text) => ({ Email: `${text}@example.com` })),
  fc.boolean().map((AllowMarketing) => ({ AllowMarketing })),
  values.map((text) => ({ Phone: text })),
  fc.constantFrom('Y', 'N', null).map((EmailPermission) => ({ EmailPermission })),
);
const person = fc.constantFrom('staff', 'person', 'integration');
/** A person's edit through the control endpoint, or ours over the wire of what stands there. */
const step = fc.oneof(
  fc.record({ by: person, set: setting }),
  fc.record({
    table: fc.constantFrom<Table>('T_CUSTOMER', 'T_EADDRESS', 'T_PHONE'),
    set: fc.oneof(
      values.map((LastName) => ({ LastName })),
      fc.boolean().map((flag) => ({ AllowMarketing: flag, AllowTelemarketing: flag, Inactive: undefined })),
    ),
  }),
);

interface Entry {
  UserName: string;
  AuditDetails: {
    AuditTable: Table;
    EntityId: number;
    Action: string;
    AuditEntries: { Property: string; Old?: string; New?: string }[];
  }[];
}

test('whoever edits: the newest entry of a field has its present value, each entry begins where the last one ended, and the last writer of a row is the last in the log', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { sandbox, ask } = serviceUnderTest({ now: () => START });
      const id = sandbox.edit({
        record: 'constituent',
        set: { LastName: 'a', Email: 'a@example.com', Phone: 'a' },
      });
      const rowOf = async (table: Table) => {
        if (table === 'T_CUSTOMER') return (await ask(`GET CRM/Constituents/${id}`)).body;
        const by = table === 'T_EADDRESS' ? 'constituentIds' : 'constituentId';
        return (await ask(`GET ${RESOURCES[table]}?${by}=${id}`)).body[0];
      };
      for (const each of steps) {
        if ('by' in each) {
          sandbox.edit({ record: 'constituent', id, set: each.set, by: each.by });
          continue;
        }
        const row = await rowOf(each.table);
        const put = await ask(`PUT ${RESOURCES[each.table]}/${row.Id}`, { ...row, ...each.set });
        expect(put.status).toBe(200);
      }
      const query = `entityIds=${id}&table=T_CUSTOMER&includeSubEntities=true&pageSize=1000`;
      const entries: Entry[] = (await ask(`GET Reporting/AuditLogs?${query}`)).body.AuditLogs;
      const newest = new Map<string, string | undefined>();
      const writers = new Map<string, string>();
      for (const { UserName, AuditDetails } of entries) {
        for (const { AuditTable, EntityId, AuditEntries } of AuditDetails) {
          const row = `${RESOURCES[AuditTable]}/${EntityId}`;
          writers.set(row, UserName);
          for (const { Property, Old, New } of AuditEntries) {
            expect(Old).toBe(newest.get(`${row} ${Property}`));
            newest.set(`${row} ${Property}`, New);
          }
        }
      }
      for (const [key, value] of newest) {
        const [row, property] = key.split(' ') as [string, string];
        const { body } = await ask(`GET ${row}`);
        const present = body[property] ?? undefined;
        expect(typeof present === 'object' ? String(present.Id) : present?.toString()).toBe(value);
        expect(body.UpdatedBy).toBe(writers.get(row));
      }
    }),
    { numRuns: 60 },
  );
});
