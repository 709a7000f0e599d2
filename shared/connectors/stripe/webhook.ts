import { createHmac, timingSafeEqual } from 'node:crypto';
import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import type { WebhookRequest } from '../../engine/webhook.ts';
import type { ProviderVerdict } from '../payment-provider.ts';
import { RECONNECT, VENDOR } from './faults.ts';
import { SecretSchema } from './schema.ts';
import { hintIn } from './webhook-events.ts';

/**
 * How far the signed time may be from our clock. Stripe's own libraries take five minutes for the past and accept any
 * time in the future; we refuse both ("Webhooks", replay attacks).
 */
const TOLERANCE = 300_000;

/** Checks the signature, then reads what may have changed. One event per request. */
export async function webhook(session: Session, request: WebhookRequest): Promise<ProviderVerdict> {
  const { webhookSecrets } = await session.secret(SecretSchema);
  if (!webhookSecrets)
    throw new Fault('auth-expired', {
      vendor: VENDOR,
      operation: 'webhook',
      field: 'webhookSecrets',
      message: `the secret of ${session.account} has no webhookSecrets: add the signing secret of the webhook endpoint`,
      mend: RECONNECT,
    });
  const problem = signatureProblem(request, webhookSecrets);
  if (problem !== undefined) return { kind: 'forged', reason: problem };
  const hint = hintIn(jsonOf(request.body));
  if (hint === undefined) return { kind: 'malformed', reason: 'not an event of Stripe' };
  return hint === 'ignored'
    ? { kind: 'accepted', hints: [], ignored: 1 }
    : { kind: 'accepted', hints: [hint], ignored: 0 };
}

/** Why a delivery is not Stripe's; safe to log. Every `v1` is compared with every secret, in constant time. */
export function signatureProblem(request: WebhookRequest, secrets: readonly string[]): string | undefined {
  const header = request.headers['stripe-signature'];
  if (header === undefined) return 'no signature';
  const parts = header.split(',').map((part) => part.trim().split('='));
  const valuesOf = (scheme: string) =>
    parts.flatMap(([name, value]) => (name === scheme && value ? [value] : []));
  const [timestamp = '', second] = valuesOf('t');
  if (!/^\d{1,12}$/.test(timestamp) || second !== undefined) return 'no usable timestamp';
  const given = valuesOf('v1');
  if (given.length === 0) return 'no signature of scheme v1';
  if (given.length > 10) return 'too many signatures';
  const age = request.receivedAt - Number(timestamp) * 1_000;
  if (age > TOLERANCE) return 'stale timestamp';
  if (age < -TOLERANCE) return 'timestamp from the future';
  const fits = secrets.flatMap((secret) => {
    const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(request.body).digest('hex');
    return given.map((signature) => equal(signature, expected));
  });
  return fits.includes(true) ? undefined : 'wrong signature';
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
