import { describe, expect, test } from 'vitest';
import { connector } from '../../../shared/connectors/square/index.ts';
import { provider, type SquareWorld, startSquare } from './world.ts';

const DAY = 86_400_000;
const charge = {
  ...{ key: 'it_1', reference: 'club-7', amount: { minor: 5_000, currency: 'USD' } },
  instrument: 'cnon:card-nonce-ok',
};

const oauth = (square: SquareWorld) => {
  const secret = { ...square.secret, ...square.sandbox.grant() };
  return square.session({ secret });
};

describe('a token of OAuth', () => {
  test('is left alone for a week, then renewed by a reading', async () => {
    await using square = await startSquare();
    const session = oauth(square);
    square.sandbox.advance(6 * DAY);
    await connector.check(session);
    expect(session.renewals).toBe(0);
    square.sandbox.advance(2 * DAY);
    await connector.check(session);
    await connector.check(session);
    expect(session.renewals).toBe(1);
    expect(session.stored()).toMatchObject({ expiresAt: square.now() + 30 * DAY });
  });

  test('does not hold up a payment before its last day', async () => {
    await using square = await startSquare();
    const session = oauth(square);
    square.sandbox.advance(20 * DAY);
    expect((await provider.authorise(session, charge, undefined)).kind).toBe('answered');
    expect(session.sent).toEqual(['payments.create']);
    square.sandbox.advance(9.5 * DAY);
    expect((await provider.authorise(session, { ...charge, key: 'it_2' }, undefined)).kind).toBe('answered');
    expect(session.sent).toEqual(['payments.create', 'oauth2.token', 'payments.create']);
  });

  test('that cannot be renewed is used as long as it lasts, and then nothing is sent', async () => {
    await using square = await startSquare();
    const session = oauth(square);
    const broken = { ...(session.stored() as object), clientSecret: 'not-the-secret' };
    const wrong = square.session({ secret: broken });
    square.sandbox.advance(10 * DAY);
    expect(await connector.check(wrong)).toContain('Square location');
    square.sandbox.advance(20 * DAY);
    await expect(connector.check(wrong)).rejects.toMatchObject({
      ...{ kind: 'auth-expired', field: 'refreshToken', mend: 'npm run intertie -- connect square' },
    });
    await expect(provider.authorise(wrong, charge, undefined)).rejects.toMatchObject({
      kind: 'auth-expired',
    });
    expect(wrong.sent).not.toContain('payments.create');
  });

  test('needs all of its fields', () => {
    const secret = { accessToken: 'EAAA-something', locationId: 'L1' };
    expect(connector.secret.safeParse(secret).success).toBe(true);
    const parsed = connector.secret.safeParse({ ...secret, refreshToken: 'EQAA-something' });
    expect(parsed.error?.issues[0]?.message).toContain('clientId');
  });
});

test('the check names the location, and one that is not there is refused', async () => {
  await using square = await startSquare();
  expect(await connector.check(square.session())).toMatch(/^Square location Sandbox club \(USD\) at 127/);
  const secret = { ...square.secret, locationId: 'LNOTTHERE' };
  await expect(connector.check(square.session({ secret }))).rejects.toMatchObject({ kind: 'rejected' });
});
