import { Signature } from '@hubspot/api-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signedUri, verifySignature } from '../../../shared/connectors/hubspot/webhook.ts';
import type { WebhookRequest } from '../../../shared/engine/webhook.ts';

// The vectors that HubSpot's own client libraries are tested with.
const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
const URL = 'https://www.example.com/webhook_uri';
const bytes = (text: string) => new TextEncoder().encode(text);

function request(more: Partial<WebhookRequest> & { headers: Record<string, string> }): WebhookRequest {
  return {
    method: 'POST',
    url: URL,
    body: bytes("{'example_field':'example_value'}"),
    receivedAt: 1_693_657_560_000,
    ...more,
  };
}
const v3 = (signature: string, timestamp: string, more: Partial<WebhookRequest> = {}) =>
  request({
    headers: { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': timestamp },
    ...more,
  });
const oracle = (timestamp: number, more: { url?: string; body?: string; secret?: string } = {}) =>
  Signature.getSignature('POST', 'v3', {
    signature: '',
    clientSecret: more.secret ?? SECRET,
    requestBody: more.body ?? "{'example_field':'example_value'}",
    url: more.url ?? URL,
    timestamp,
  });

describe('published vectors', () => {
  test.each([
    [1_693_657_560_000, 'K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y='],
    [1_700_000_300_000, 'RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw='],
  ])('v3 at %d', (timestamp, signature) => {
    const given = v3(signature, String(timestamp), { receivedAt: timestamp });
    expect(verifySignature(given, [SECRET])).toEqual({ valid: true, version: 'v3' });
  });

  test('v2', () => {
    const headers = {
      'x-hubspot-signature': '9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900',
      'x-hubspot-signature-version': 'v2',
    };
    const given = request({ headers, body: bytes('{"example_field":"example_value"}') });
    expect(verifySignature(given, [SECRET], ['v2'])).toEqual({ valid: true, version: 'v2' });
    expect(verifySignature(given, [SECRET]).valid).toBe(false);
  });
});

test('what the official client signs is accepted, for any body, time and secret', () => {
  const secret = fc.string({ minLength: 8, maxLength: 40, unit: 'binary-ascii' });
  fc.assert(
    fc.property(
      secret,
      fc.string({ unit: 'grapheme' }),
      fc.nat(2_000_000_000_000),
      (own, body, timestamp) => {
        const sign = (version: string) =>
          Signature.getSignature('POST', version, {
            signature: '',
            clientSecret: own,
            requestBody: body,
            url: URL,
            timestamp,
          });
        const given = v3(sign('v3'), String(timestamp), { body: bytes(body), receivedAt: timestamp });
        expect(verifySignature(given, [own])).toEqual({ valid: true, version: 'v3' });
        for (const version of ['v1', 'v2'] as const) {
          const headers = { 'x-hubspot-signature': sign(version), 'x-hubspot-signature-version': version };
          const old = request({ headers, body: bytes(body) });
          expect(verifySignature(old, [own], [version])).toEqual({ valid: true, version });
        }
      },
    ),
  );
});

test('any changed byte of body, method, address or time is refused', () => {
  const at = 1_700_000_000_000;
  const good = v3(oracle(at), String(at), { receivedAt: at });
  expect(verifySignature(good, [SECRET]).valid).toBe(true);
  const changed: Partial<WebhookRequest>[] = [
    { body: bytes("{'example_field':'example_valuE'}") },
    { body: new Uint8Array() },
    { method: 'PUT' },
    { url: `${URL}?a=1` },
    { headers: { ...good.headers, 'x-hubspot-request-timestamp': String(at + 1) } },
    { headers: { ...good.headers, 'x-hubspot-signature-v3': oracle(at).slice(0, -1) } },
    { headers: { ...good.headers, 'x-hubspot-signature-v3': '' } },
  ];
  for (const change of changed) expect(verifySignature({ ...good, ...change }, [SECRET]).valid).toBe(false);
  expect(verifySignature(good, []).valid).toBe(false);
});

test('both secrets of a rotation are good, a third is not', () => {
  const at = 1_700_000_000_000;
  const signedBy = (secret: string) => v3(oracle(at, { secret }), String(at), { receivedAt: at });
  const verdicts = ['old-secret', 'new-secret', 'third-secret'].map(
    (secret) => verifySignature(signedBy(secret), ['new-secret', 'old-secret']).valid,
  );
  expect(verdicts).toEqual([true, true, false]);
});

describe('stricter than the official verifier', () => {
  const at = 1_700_000_000_000;

  test('a v3 signature is judged as v3, also beside a valid v1', () => {
    const v1 = Signature.getSignature('POST', 'v1', {
      signature: '',
      clientSecret: SECRET,
      requestBody: "{'example_field':'example_value'}",
    });
    const headers = { 'x-hubspot-signature': v1, 'x-hubspot-signature-version': 'v1' };
    expect(verifySignature(request({ headers }), [SECRET], ['v1', 'v3'])).toEqual({
      valid: true,
      version: 'v1',
    });
    const downgraded = {
      ...headers,
      'x-hubspot-signature-v3': 'wrong',
      'x-hubspot-request-timestamp': String(at),
    };
    const given = request({ headers: downgraded, receivedAt: at });
    expect(verifySignature(given, [SECRET], ['v1', 'v3']).valid).toBe(false);
  });

  test.each([
    ['stale', String(at), at + 300_001, 'stale timestamp'],
    ['from the future', String(at), at - 300_001, 'timestamp from the future'],
    ['not a number', 'abc', at, 'no usable timestamp'],
    ['absent', '', at, 'no usable timestamp'],
    ['negative', `-${at}`, at, 'no usable timestamp'],
  ])('a timestamp that is %s is refused without an exception', (_, timestamp, receivedAt, reason) => {
    const given = v3(oracle(timestamp === 'abc' ? ('abc' as unknown as number) : at), timestamp, {
      receivedAt,
    });
    expect(verifySignature(given, [SECRET])).toEqual({ valid: false, reason });
  });

  test.each([at + 300_000, at - 300_000])('the window includes its ends (%d)', (receivedAt) => {
    expect(verifySignature(v3(oracle(at), String(at), { receivedAt }), [SECRET]).valid).toBe(true);
  });

  test('the address is decoded as HubSpot decodes it before signing', () => {
    const encoded = `${URL}?to=https%3A%2F%2Fa.test%2f&name=%C3%A9%20%26%2C%21`;
    const decoded = `${URL}?to=https://a.test/&name=%C3%A9%20%26,!`;
    expect(signedUri(encoded)).toBe(decoded);
    const signature = oracle(at, { url: decoded });
    expect(verifySignature(v3(signature, String(at), { url: encoded, receivedAt: at }), [SECRET]).valid).toBe(
      true,
    );
    expect(verifySignature(v3(signature, String(at), { url: decoded, receivedAt: at }), [SECRET]).valid).toBe(
      true,
    );
  });

  test('an unsigned request is refused, and the reason holds nothing of it', () => {
    expect(verifySignature(request({ headers: {} }), [SECRET])).toEqual({
      valid: false,
      reason: 'no signature',
    });
  });
});
