import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Fault } from '../../engine/fault.ts';
import type { AccountRef, Session } from '../../engine/session.ts';
import type { WebhookEndpoint, WebhookRequest } from '../../engine/webhook.ts';
import { RECONNECT, VENDOR } from './faults.ts';
import { type HubspotSecret, SecretSchema } from './schema.ts';
import { changesIn, DeliverySchema } from './webhook-events.ts';

export interface ContactWebhookOptions {
  account: AccountRef;
  /** The collection that contacts are the target of. */
  collection: string;
  /** Properties of contacts that go by the urgent lane; unless said, every opt-out (`hs_email_optout...`). */
  urgentProperties?: readonly string[];
  /** The collection that companies are the target of, if any: also rung when its members change. */
  companies?: { collection: string };
  /** Signature versions to accept besides v3. */
  accept?: readonly SignatureVersion[];
}

/**
 * HubSpot's webhook, as a flow registers it. Contacts and companies that changed ring by their HubSpot ids. Once
 * its signature is right, nothing in a delivery is refused for its content.
 */
export function contactWebhook(options: ContactWebhookOptions): WebhookEndpoint {
  const { account, collection, urgentProperties, companies, accept = [] } = options;
  const isUrgent = (property: string) =>
    urgentProperties ? urgentProperties.includes(property) : property.startsWith('hs_email_optout');
  return {
    account,
    methods: ['POST'],
    read: async (session, request) => {
      const secret = await session.secret(SecretSchema);
      const signature = verifySignature(request, signingSecrets(session, secret), ['v3', ...accept]);
      if (!signature.valid) return { kind: 'forged', reason: signature.reason };
      const events = eventsIn(request.body);
      if (!events) return { kind: 'malformed', reason: 'not a list of events' };
      const listening = { collection, isUrgent, portalId: secret.portalId, ...(companies && { companies }) };
      return { kind: 'accepted', ...changesIn(events, listening) };
    },
  };
}

/** The client secret of an OAuth app signs its webhooks too. */
function signingSecrets(session: Session, { webhookSecrets, auth }: HubspotSecret): readonly string[] {
  if (webhookSecrets) return webhookSecrets;
  if (auth.kind === 'oauth') return [auth.clientSecret];
  throw new Fault('auth-expired', {
    vendor: VENDOR,
    operation: 'webhook',
    field: 'webhookSecrets',
    message: `the secret of ${session.account} has no webhookSecrets: add the client secret of the app that sends the webhooks`,
    mend: RECONNECT,
  });
}

function eventsIn(body: Uint8Array): readonly unknown[] | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return DeliverySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** HubSpot's signature versions: v3 for everything new, v1 for CRM subscriptions, v2 for workflow actions. */
export type SignatureVersion = 'v1' | 'v2' | 'v3';

/** Valid, or why not; the reason is safe to log. */
export type SignatureVerdict = { valid: true; version: SignatureVersion } | { valid: false; reason: string };

/** How far the timestamp of a v3 signature may be from our clock, either way ("Validating requests"). */
const WINDOW = 300_000;

/** What HubSpot decodes in the URI before it signs; everything else stays percent-encoded. */
const DECODED: Readonly<Record<string, string>> = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
};

/**
 * Checks a signature over the raw bytes, in constant time, with each of the secrets (two during a rotation).
 * A request that carries a v3 signature is judged by it alone. v1 and v2 have no timestamp, so a captured
 * request stays valid for ever: they are accepted only where `accept` says so.
 */
export function verifySignature(
  request: WebhookRequest,
  secrets: readonly string[],
  accept: readonly SignatureVersion[] = ['v3'],
): SignatureVerdict {
  const version = versionOf(request.headers);
  if (version === undefined) return { valid: false, reason: 'no signature' };
  if (!accept.includes(version))
    return { valid: false, reason: `a ${version} signature is not accepted here` };
  const timestamp = request.headers['x-hubspot-request-timestamp'] ?? '';
  if (version === 'v3') {
    const problem = timestampProblem(timestamp, request.receivedAt);
    if (problem !== undefined) return { valid: false, reason: problem };
  }
  const given = request.headers[version === 'v3' ? 'x-hubspot-signature-v3' : 'x-hubspot-signature'] ?? '';
  // Every secret is tried, so that the time taken does not tell which one fits.
  const fits = secrets.map((secret) => equal(given, sign(version, secret, request, timestamp)));
  return fits.includes(true)
    ? { valid: true, version }
    : { valid: false, reason: `wrong ${version} signature` };
}

function versionOf(headers: WebhookRequest['headers']): SignatureVersion | undefined {
  if (headers['x-hubspot-signature-v3'] !== undefined) return 'v3';
  if (headers['x-hubspot-signature'] === undefined) return undefined;
  return headers['x-hubspot-signature-version'] === 'v2' ? 'v2' : 'v1';
}

function timestampProblem(timestamp: string, receivedAt: number): string | undefined {
  if (!/^\d{1,15}$/.test(timestamp)) return 'no usable timestamp';
  const age = receivedAt - Number(timestamp);
  if (age > WINDOW) return 'stale timestamp';
  return age < -WINDOW ? 'timestamp from the future' : undefined;
}

function sign(version: SignatureVersion, secret: string, request: WebhookRequest, timestamp: string): string {
  const { body } = request;
  const target = `${request.method}${signedUri(request.url)}`;
  switch (version) {
    case 'v1':
      return createHash('sha256').update(secret).update(body).digest('hex');
    case 'v2':
      return createHash('sha256').update(`${secret}${target}`).update(body).digest('hex');
    case 'v3':
      return createHmac('sha256', secret).update(target).update(body).update(timestamp).digest('base64');
  }
}

/** The URL as HubSpot signs it: full, query in its order, the listed escapes decoded. */
export function signedUri(url: string): string {
  return url.replaceAll(/%[0-9A-Fa-f]{2}/g, (code) => DECODED[code.toUpperCase()] ?? code);
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
