import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookRequest } from '../../engine/webhook.ts';

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
