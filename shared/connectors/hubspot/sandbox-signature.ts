import { createHash, createHmac } from 'node:crypto';

/** What HubSpot decodes in a URL before it signs it. */
const DECODED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/**
 * The headers that HubSpot's webhooks for CRM subscriptions carry: signature v1 and v3, and the instant in
 * milliseconds ("Validating requests"). Written apart from the check in webhook.ts on purpose.
 */
export function signatureHeaders(
  secret: string,
  { url, body, at }: { url: string; body: string; at: number },
): Record<string, string> {
  const uri = url.replaceAll(DECODED, (code) => decodeURIComponent(code));
  return {
    'x-hubspot-signature': createHash('sha256').update(`${secret}${body}`).digest('hex'),
    'x-hubspot-signature-version': 'v1',
    'x-hubspot-signature-v3': createHmac('sha256', secret).update(`POST${uri}${body}${at}`).digest('base64'),
    'x-hubspot-request-timestamp': String(at),
  };
}
