import { createHmac, timingSafeEqual } from 'node:crypto';
import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import type { WebhookRequest } from '../../engine/webhook.ts';
import type { ProviderVerdict } from '../payment-provider.ts';
import { RECONNECT, VENDOR } from './faults.ts';
import { SecretSchema } from './schema.ts';
import { hintIn } from './webhook-events.ts';

/**
 * Checks the signature, then reads what may have changed. One event per request. Square signs no time, so that a
 * delivery can be replayed for ever: it does no harm, since an event only makes us read.
 */
export async function webhook(session: Session, request: WebhookRequest): Promise<ProviderVerdict> {
  const { webhookKeys } = await session.secret(SecretSchema);
  if (!webhookKeys)
    throw new Fault('auth-expired', {
      vendor: VENDOR,
      operation: 'webhook',
      field: 'webhookKeys',
      message: `the secret of ${session.account} has no webhookKeys: add the signature key of the subscription`,
      mend: RECONNECT,
    });
  const problem = signatureProblem(request, webhookKeys);
  if (problem !== undefined) return { kind: 'forged', reason: problem };
  const hint = hintIn(jsonOf(request.body));
  if (hint === undefined) return { kind: 'malformed', reason: 'not an event of Square' };
  return hint === 'ignored'
    ? { kind: 'accepted', hints: [], ignored: 1 }
    : { kind: 'accepted', hints: [hint], ignored: 0 };
}

/**
 * Why a delivery is not Square's; safe to log. The signature is over the notification URL, as it was given to Square,
 * and the bytes of the body; every key is tried, in constant time ("Validate event notifications").
 */
export function signatureProblem(request: WebhookRequest, keys: readonly string[]): string | undefined {
  const given = request.headers['x-square-hmacsha256-signature'];
  if (given === undefined) return 'no signature';
  const fits = keys.map((key) => {
    const expected = createHmac('sha256', key).update(request.url).update(request.body).digest('base64');
    return equal(given, expected);
  });
  if (fits.includes(true)) return undefined;
  return "wrong signature: is the notification URL at Square exactly ours, and the key this subscription's?";
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
