/** Before a secret, so that nobody takes it for something else (Standard Webhooks). */
const PREFIX = 'whsec_';

/** A new secret of 256 bits, from two tokens of 128 random bits each. */
export async function secretFrom(one: string, other: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${one} ${other}`));
  return PREFIX + Buffer.from(bytes).toString('base64');
}

/** What is sent, and when this try of it is. */
export interface Signable {
  id: string;
  /** Milliseconds. */
  at: number;
  body: string;
}

/**
 * The headers that Standard Webhooks asks for, with one signature for each secret that is valid now: a receiver that
 * knows any of them accepts. The id has no full stop, which separates what is signed.
 */
export async function signed(
  { id, at, body }: Signable,
  secrets: readonly string[],
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const text = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(secrets.map((secret) => signature(secret, text)));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

async function signature(secret: string, text: Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return `v1,${Buffer.from(await crypto.subtle.sign('HMAC', key, text)).toString('base64')}`;
}
