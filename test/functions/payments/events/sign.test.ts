import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { secretFrom, signed } from '../../../../functions/payments/events/sign.ts';
import { random } from '../../../../shared/hosts/clock.ts';

const newSecret = () => secretFrom(random.token(), random.token());

describe('the verifier that Standard Webhooks publishes', () => {
  test('accepts whatever we sign', async () => {
    const secret = await newSecret();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.stringMatching(/^[\w-]{1,40}$/), async (value, id) => {
        const body = JSON.stringify({ value });
        const headers = await signed({ id, at: Date.now(), body }, [secret]);
        expect(JSON.stringify(new Webhook(secret).verify(body, headers))).toBe(
          JSON.stringify(JSON.parse(body)),
        );
      }),
    );
  });

  test('accepts the old secret and the new one while both are valid, and no third', async () => {
    const [fresh, old, other] = await Promise.all([newSecret(), newSecret(), newSecret()]);
    const headers = await signed({ id: 'evt_1', at: Date.now(), body: '{}' }, [fresh, old]);
    expect(new Webhook(fresh).verify('{}', headers)).toEqual({});
    expect(new Webhook(old).verify('{}', headers)).toEqual({});
    expect(() => new Webhook(other).verify('{}', headers)).toThrow('No matching signature');
  });

  test.each([
    ['body', { body: '{"a":1}' }],
    ['id', { 'webhook-id': 'evt_2' }],
  ])('refuses another %s', async (_, change) => {
    const secret = await newSecret();
    const headers = await signed({ id: 'evt_1', at: Date.now(), body: '{}' }, [secret]);
    const { body = '{}', ...other } = change as { body?: string };
    expect(() => new Webhook(secret).verify(body, { ...headers, ...other })).toThrow('No matching signature');
  });

  test('refuses a request that was recorded and sent again later', async () => {
    const secret = await newSecret();
    const headers = await signed({ id: 'evt_1', at: Date.now() - 600_000, body: '{}' }, [secret]);
    expect(() => new Webhook(secret).verify('{}', headers)).toThrow('too old');
  });
});

test('a secret has 32 bytes after its prefix, and no two are alike', async () => {
  const secrets = await Promise.all(Array.from({ length: 50 }, newSecret));
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32);
  }
  expect(new Set(secrets).size).toBe(50);
});
