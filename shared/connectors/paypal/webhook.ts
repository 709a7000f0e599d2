import { verify, type X509Certificate } from 'node:crypto';
import { Fault } from '../../engine/fault.ts';
import type { Millis } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import type { WebhookRequest } from '../../engine/webhook.ts';
import type { ProviderVerdict } from '../payment-provider.ts';
import { crc32 } from './crc32.ts';
import { RECONNECT, VENDOR } from './faults.ts';
import { type PaypalSecret, SecretSchema } from './schema.ts';
import { addressProblem, type Certificates, certificateAt } from './webhook-certificate.ts';
import { EventSchema, hintOf } from './webhook-events.ts';

/**
 * PayPal tries for three days and does not say whether a later try has a new transmission time: nothing younger is
 * taken for stale. A replay does no harm, since an event only makes us read.
 */
const OLDEST: Millis = 73 * 3_600_000;
/** How far the transmission time may be ahead of our clock. */
const NEWEST: Millis = 300_000;

/** PayPal's webhook: signed by a certificate of PayPal's over id, time, webhook id and CRC-32 of the raw bytes. */
export function paypalWebhook(): (session: Session, request: WebhookRequest) => Promise<ProviderVerdict> {
  const cache: Certificates = new Map();
  return async (session, request) => {
    const secret = await session.secret(SecretSchema);
    const forged = await forgery(session, request, { secret, cache });
    return forged === undefined ? hintsIn(request.body) : { kind: 'forged', reason: forged };
  };
}

/** Why this is not PayPal's; undefined when it is. The reason is safe to log. */
async function forgery(
  session: Session,
  request: WebhookRequest,
  { secret, cache }: { secret: PaypalSecret; cache: Certificates },
): Promise<string | undefined> {
  const { headers, receivedAt } = request;
  const ids = webhookIdsOf(session, secret);
  if (headers['paypal-transmission-sig'] === undefined) return 'no signature';
  if (headers['paypal-auth-algo'] !== 'SHA256withRSA') return 'signed with an algorithm that is not accepted';
  const stale = timeProblem(headers['paypal-transmission-time'] ?? '', receivedAt);
  if (stale !== undefined) return stale;
  const address = headers['paypal-cert-url'] ?? '';
  const wrong = addressProblem(address, secret);
  if (wrong !== undefined) return wrong;
  const certificate = await certificateAt(session, { address, secret, cache });
  if (typeof certificate === 'string') return certificate;
  // Every webhook id is tried, so that the time taken does not tell which one fits.
  const fits = ids.map((id) => isSigned(request, id, certificate));
  return fits.includes(true) ? undefined : 'wrong signature';
}

function webhookIdsOf(session: Session, { webhookIds }: PaypalSecret): readonly string[] {
  if (webhookIds) return webhookIds;
  throw new Fault('auth-expired', {
    vendor: VENDOR,
    operation: 'webhook',
    field: 'webhookIds',
    message: `the secret of ${session.account} has no webhookIds: add the id of the webhook from the app's page`,
    mend: RECONNECT,
  });
}

function timeProblem(time: string, receivedAt: Millis): string | undefined {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at)) return 'no usable timestamp';
  if (receivedAt - at > OLDEST) return 'stale timestamp';
  return at - receivedAt > NEWEST ? 'timestamp from the future' : undefined;
}

function isSigned(
  { headers, body }: WebhookRequest,
  webhookId: string,
  certificate: X509Certificate,
): boolean {
  const message = [
    headers['paypal-transmission-id'] ?? '',
    headers['paypal-transmission-time'] ?? '',
    webhookId,
    crc32(body),
  ].join('|');
  const signature = Buffer.from(headers['paypal-transmission-sig'] ?? '', 'base64');
  return verify('RSA-SHA256', Buffer.from(message), certificate.publicKey, signature);
}

function hintsIn(body: Uint8Array): ProviderVerdict {
  const event = EventSchema.safeParse(jsonIn(body)).data;
  if (!event) return { kind: 'malformed', reason: 'not an event of PayPal' };
  const hint = hintOf(event);
  return hint ? { kind: 'accepted', hints: [hint], ignored: 0 } : { kind: 'accepted', hints: [], ignored: 1 };
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
