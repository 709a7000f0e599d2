import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authorization, SecretSchema } from '../../../shared/connectors/tessitura/auth.ts';

const secret = {
  baseUrl: 'https://org.example.test/TessituraService/',
  user: 'intertie',
  group: '42',
  location: 'INTERTIE',
  password: 'pa:ss',
  timeZone: 'Europe/London',
  enumerate: { by: 'list', listId: 7 },
};
const issue = (changes: object) => SecretSchema.safeParse({ ...secret, ...changes }).error?.issues[0];

describe('sign-in of four parts', () => {
  test('user, group, location, password, joined by colons', () => {
    const header = authorization(SecretSchema.parse(secret));
    expect(Buffer.from(header.slice('Basic '.length), 'base64').toString()).toBe(
      'intertie:42:INTERTIE:pa:ss',
    );
  });

  test.each(['user', 'group', 'location'])('a colon in %s is refused and named', (field) => {
    expect(issue({ [field]: 'a:b' })).toMatchObject({ path: [field], message: expect.stringContaining(':') });
  });

  test('the four parts come back from the header, whatever the password holds', () => {
    const part = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes(':'));
    const password = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(part, part, part, password, (user, group, location, word) => {
        const header = authorization({ user, group, location, password: word });
        const text = Buffer.from(header.slice(6), 'base64').toString('utf8');
        const [u, g, l, ...rest] = text.split(':');
        expect([u, g, l, rest.join(':')]).toEqual([user, group, location, word]);
      }),
    );
  });
});

describe('secret', () => {
  test('defaults: the audit log, three calls at a time, 250 parts per batch', () => {
    const parsed = SecretSchema.parse(secret);
    expect(parsed).toMatchObject({ changes: 'audit-log', concurrency: 3, batchSize: 400, loginTypeId: 1 });
    expect(parsed.baseUrl).toBe('https://org.example.test/TessituraService');
    expect(parsed.auditTables.child).toContain('T_EADDRESS');
  });

  test.each([
    ['a Windows time zone', { timeZone: 'Eastern Standard Time' }, ['timeZone']],
    ['a list without its id', { enumerate: { by: 'list' } }, ['enumerate', 'listId']],
    ['a batch of none', { batchSize: 0 }, ['batchSize']],
    ['plain http', { baseUrl: 'http://org.example.test' }, ['baseUrl']],
    ['an address without scheme', { baseUrl: 'org.example.test' }, ['baseUrl']],
  ])('%s is refused and named', (_, changes, path) => {
    expect(issue(changes)?.path).toEqual(path);
  });
});
