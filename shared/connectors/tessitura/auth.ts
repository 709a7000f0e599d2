import * as z from 'zod';
import { isTimeZone } from '../../values/instant.ts';
import { DEFAULT_BATCH_SIZE, DEFAULT_CONCURRENCY } from './limits.ts';

/** The header joins the first three by ":", so none of them may hold one; the password, being last, may. */
const part = (what: string) =>
  z
    .string()
    .min(1)
    .refine((text) => !text.includes(':'), {
      error: 'must not contain ":", which separates the four parts of the sign-in; check for a pasted header',
    })
    .describe(what);

/** Names as the audit configuration of an organisation shows them; compared without regard to case. */
const AuditTablesSchema = z.object({
  constituent: z.array(z.string().min(1)).describe('Audit tables whose EntityId is the constituent.'),
  child: z.array(z.string().min(1)).describe('Audit tables whose ParentEntityId is the constituent.'),
  email: z.array(z.string().min(1)).default(['T_EADDRESS']).describe('Of those, the e-mails.'),
  phone: z.array(z.string().min(1)).default(['T_PHONE']).describe('Of those, the phones.'),
  permission: z
    .array(z.string().min(1))
    .default(['TX_CONTACT_PERMISSION'])
    .describe('Of those, the contact permissions.'),
  affiliation: z
    .array(z.string().min(1))
    .default(['T_AFFILIATION'])
    .describe('Of those, who belongs to which household.'),
  order: z.array(z.string().min(1)).default(['T_ORDER']).describe('Of those, orders.'),
});

/** The defaults are the usual table names; not verified at a real site, so `connect` reports what it sees. */
const DEFAULT_AUDIT_TABLES = {
  constituent: ['T_CUSTOMER'],
  child: [
    'T_ADDRESS',
    'T_EADDRESS',
    'T_PHONE',
    'T_CUST_LOGIN',
    'TX_CONTACT_PERMISSION',
    'TX_CUST_SAL',
    'T_AFFILIATION',
    'TX_CUST_MEMBERSHIP',
    'T_ORDER',
  ],
  email: ['T_EADDRESS'],
  phone: ['T_PHONE'],
  permission: ['TX_CONTACT_PERMISSION'],
  affiliation: ['T_AFFILIATION'],
  order: ['T_ORDER'],
};

const EnumerateSchema = z.discriminatedUnion('by', [
  z.object({
    by: z.literal('list'),
    listId: z.int().positive().describe('A Tessitura list that holds every constituent to move.'),
  }),
  z.strictObject({ by: z.literal('procedure') }),
]);

/** The JSON of a Tessitura account's secret. */
export const SecretSchema = z.strictObject({
  baseUrl: z
    .url()
    .refine(isSafe, { error: 'must begin with https://; plain http is for a sandbox on this machine' })
    .transform((url) => url.replace(/\/+$/, ''))
    .describe('The REST service, e.g. https://org.tessituranetworkramp.com/LiveAPI/TessituraService'),
  user: part('Login of a user of type API; any other type must change its password every 3 months.'),
  group: part('Id of the user group, not its name.'),
  location: part('A machine location that has a row in TX_MACHINE_LOCATION.'),
  password: z.string().min(1).describe('Password of that user.'),
  timeZone: z
    .string()
    .refine(isTimeZone, { error: 'must be an IANA name such as America/New_York, not a Windows name' })
    .describe('Time zone of the Tessitura server, as an IANA name.'),
  changes: z
    .enum(['audit-log', 'procedure'])
    .default('audit-log')
    .describe('Where changes are learnt: Reporting/AuditLogs, or LP_INTERTIE_CHANGES where auditing is off.'),
  enumerate: EnumerateSchema.describe('Where all ids come from, for backfill and audit.'),
  auditTables: AuditTablesSchema.default(DEFAULT_AUDIT_TABLES),
  webUsers: z
    .array(z.string().min(1))
    .default([])
    .describe('Logins with which the web site writes: what they write counts as written by the patron.'),
  webLocations: z
    .array(z.string().min(1))
    .default([])
    .describe('The same by machine location, where the web site has one of its own.'),
  concurrency: z.int().min(1).max(32).default(DEFAULT_CONCURRENCY).describe('Calls at the same time.'),
  batchSize: z.int().min(1).max(1_000).default(DEFAULT_BATCH_SIZE).describe('Sub-requests per POST /Batch.'),
  loginTypeId: z.int().default(1).describe('Login type of the web site, from TR_LOGIN_TYPE.'),
});
export type Secret = z.infer<typeof SecretSchema>;

/** The password goes over the wire with every call. */
function isSafe(url: string): boolean {
  const parsed = URL.parse(url);
  // What is no address at all has already been refused as such.
  if (!parsed) return true;
  return parsed.protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(parsed.hostname);
}

/** Basic sign-in of four parts; the vendor's token service is for its own products only. */
export function authorization(secret: Pick<Secret, 'user' | 'group' | 'location' | 'password'>): string {
  const parts = [secret.user, secret.group, secret.location, secret.password].join(':');
  return `Basic ${Buffer.from(parts, 'utf8').toString('base64')}`;
}
