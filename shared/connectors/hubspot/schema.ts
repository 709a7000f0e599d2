import * as z from 'zod';
import { isTimeZone } from '../../values/instant.ts';

/** HubSpot API versions that this connector can call; the date-based ones are supported for 18 months. */
export const API_VERSIONS = ['v3', '2026-03', '2026-09'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

const StaticAuthSchema = z.strictObject({
  kind: z.literal('token'),
  /** Service key, or the access token of a project app with static authentication. */
  accessToken: z.string().min(8).describe('Service key or static access token (pat-...)'),
});

const OAuthSchema = z.strictObject({
  kind: z.literal('oauth'),
  clientId: z.string().min(1).describe('Client ID of the app'),
  clientSecret: z.string().min(8).describe('Client secret of the app'),
  refreshToken: z.string().min(8).describe('Refresh token of this account'),
  accessToken: z.string().min(8).optional(),
  /** Milliseconds since 1970 by our clock. */
  expiresAt: z.number().int().optional(),
});

const BaseUrlSchema = z
  .string()
  .default('https://api.hubapi.com')
  .refine(isSafeUrl, 'must be an https URL without a path (http only for 127.0.0.1)')
  .describe('Base URL of the API');

/** The JSON of one HubSpot account's secret. */
export const SecretSchema = z.strictObject({
  auth: z.discriminatedUnion('kind', [StaticAuthSchema, OAuthSchema]),
  apiVersion: z.enum(API_VERSIONS).default('2026-09').describe('API version in every path'),
  baseUrl: BaseUrlSchema,
  /** `check` refuses credentials of another account. */
  portalId: z.number().int().positive().describe('Account (portal) ID'),
  /** By it our own writes are told from other people's in property histories: needed to sync both ways. */
  appId: z.number().int().positive().optional().describe('ID of the app (needed to sync both ways)'),
  /** Client secrets that sign webhooks; two while one is rotated. */
  webhookSecrets: z.array(z.string().min(8)).min(1).max(2).optional().describe('Webhook client secret(s)'),
  tier: z
    .enum(['free', 'starter', 'professional', 'enterprise'])
    .default('professional')
    .describe('Subscription'),
  /** API limit increases that were bought. */
  capacityPacks: z.number().int().min(0).max(2).default(0).describe('API limit packs bought'),
  /** IANA name; the daily quota starts again at midnight there. */
  timeZone: z.string().default('UTC').refine(isTimeZone, 'must be an IANA time zone, e.g. Europe/London'),
  /** Overrides what follows from the tier; null = no limit (sandbox). */
  limits: z
    .strictObject({
      callsPer10Seconds: z.number().int().positive().nullable(),
      callsPerDay: z.number().int().positive().nullable(),
    })
    .optional()
    .describe('Own limits instead of those of the tier'),
});
export type HubspotSecret = z.output<typeof SecretSchema>;

// Replies. Every object may carry more than we read; only what is used is demanded.

const ValueVersionSchema = z.object({
  value: z.string().nullish(),
  timestamp: z.iso.datetime({ offset: true }),
  sourceType: z.string().nullish(),
  sourceId: z.string().nullish(),
  updatedByUserId: z.number().nullish(),
});
/** One value that a property has had, and where it came from. */
export type ValueVersion = z.infer<typeof ValueVersionSchema>;

const RecordSchema = z.object({
  id: z.string(),
  properties: z.record(z.string(), z.string().nullish()),
  /** Newest first. */
  propertiesWithHistory: z.record(z.string(), z.array(ValueVersionSchema)).nullish(),
  objectWriteTraceId: z.string().nullish(),
  new: z.boolean().optional(),
  archived: z.boolean().optional(),
});
/** One CRM record as every object endpoint returns it. */
export type HubspotRecord = z.infer<typeof RecordSchema>;
/** One object, read or written singly. */
export const OneRecordSchema = RecordSchema;

const ContextSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish();
const ErrorDetailSchema = z.object({
  message: z.string().nullish(),
  code: z.string().nullish(),
  in: z.string().nullish(),
  context: ContextSchema,
});

/** Error bodies and the error items of a batch have one shape, and every field of it is optional. */
export const ErrorBodySchema = z.object({
  status: z.string().nullish(),
  message: z.string().nullish(),
  category: z.string().nullish(),
  errorType: z.string().nullish(),
  policyName: z.string().nullish(),
  context: ContextSchema,
  errors: z.array(ErrorDetailSchema).nullish(),
});
export type HubspotError = z.infer<typeof ErrorBodySchema>;

/** Also a 200 may carry `errors`: 2026-09 declares no 207 for a batch that failed in part. */
export const BatchReplySchema = z.object({
  status: z.string(),
  results: z.array(RecordSchema),
  errors: z.array(ErrorBodySchema).nullish(),
  numErrors: z.number().nullish(),
});
export type BatchReply = z.infer<typeof BatchReplySchema>;

/** A page of objects; `paging` is absent on the last one. */
export const ListReplySchema = z.object({
  results: z.array(RecordSchema),
  paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
});

const RecordIdSchema = z.union([z.string(), z.number()]).transform(String);
const AssociationTypeSchema = z.object({
  typeId: z.number().int(),
  category: z.string(),
  label: z.string().nullish(),
});
/** A way in which two records are associated; one pair may have several. */
export type AssociationType = z.infer<typeof AssociationTypeSchema>;
/** The ways that the account knows between two types of records. */
export const LabelsReplySchema = z.object({ results: z.array(AssociationTypeSchema) });

/** What records are associated with. One without associations is an error item, or missing. */
export const AssociationsReplySchema = z.object({
  results: z.array(
    z.object({
      from: z.object({ id: RecordIdSchema }),
      to: z.array(z.object({ toObjectId: RecordIdSchema, associationTypes: z.array(AssociationTypeSchema) })),
      paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
    }),
  ),
  errors: z.array(ErrorBodySchema).nullish(),
});

/** What became of a batch of associations. */
export const ErrorsReplySchema = z.object({ errors: z.array(ErrorBodySchema).nullish() });

/** What became of a subscription status; `errors` may stand in a 2xx. */
export const StatusReplySchema = z.object({
  results: z.array(z.object({ status: z.string().nullish() })).nullish(),
  errors: z.array(ErrorBodySchema).nullish(),
});

/** The same for many addresses: what is confirmed, each with its address and topic. */
export const BatchStatusReplySchema = z.object({
  results: z
    .array(
      z.object({
        subscriberIdString: z.string().nullish(),
        subscriptionId: z.coerce.number().nullish(),
        status: z.string().nullish(),
      }),
    )
    .nullish(),
});

/** The answer of the OAuth token endpoint; `expires_in` in seconds. */
export const TokenReplySchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  /** Seconds. */
  expires_in: z.number().positive(),
});

/** What the account says of itself; used to prove credentials. */
export const AccountReplySchema = z.object({
  portalId: z.number(),
  timeZone: z.string().nullish(),
  accountType: z.string().nullish(),
});

function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.pathname !== '/' || url.search || url.username) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1');
}
