import { Fault } from '../../engine/fault.ts';
import type { Millis } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import { changed, faultOf, RECONNECT, VENDOR } from './faults.ts';
import { fitting } from './reply.ts';
import { SecretSchema, type SquareSecret, TokenReplySchema } from './schema.ts';

const DAY = 86_400_000;
const OPERATION = 'oauth2.token';

/**
 * Tokens of OAuth live 30 days, and Square advises to renew them every seven. Readings do that; a payment waits for
 * it only on the token's last day.
 */
const EARLY: Readonly<Record<'read' | 'write', Millis>> = { read: 23 * DAY, write: DAY };

/** The secret with an access token that should be good now. A personal token is never renewed. */
export async function freshSecret(session: Session, before: 'read' | 'write'): Promise<SquareSecret> {
  const isStale = ({ expiresAt }: SquareSecret) =>
    expiresAt !== undefined && expiresAt - EARLY[before] <= session.now();
  const secret = await session.secret(SecretSchema);
  if (!isStale(secret)) return secret;
  try {
    return await session.renewSecret(SecretSchema, isStale, (stored) => renewed(session, stored));
  } catch (thrown) {
    // The old one is good for a while: no reason to stop.
    if (thrown instanceof Fault && (secret.expiresAt ?? 0) > session.now()) return secret;
    throw thrown;
  }
}

async function renewed(session: Session, secret: SquareSecret): Promise<SquareSecret> {
  const { clientId, clientSecret, refreshToken } = secret;
  const response = await session.send({
    operation: OPERATION,
    // Older tokens stay valid until their own end: asking twice is harmless, so a lost answer is no unknown outcome.
    effect: 'read',
    timeout: 4_000,
    method: 'POST',
    url: `${originOf(secret)}/oauth2/token`,
    headers: {
      'square-version': secret.apiVersion,
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify({
      grant_type: 'refresh_token',
      ...{ client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken },
    }),
  });
  if (response.status === 400 || response.status === 401)
    throw new Fault('auth-expired', {
      vendor: VENDOR,
      operation: OPERATION,
      status: response.status,
      field: 'refreshToken',
      message: `Square gives no new access token: the seller has revoked it, or clientSecret is wrong; ${RECONNECT}`,
      mend: RECONNECT,
    });
  if (response.status >= 300) throw faultOf(response, OPERATION);
  const fit = fitting(response.body, TokenReplySchema);
  if (!fit.fits) throw changed(OPERATION, fit.field, fit.problem);
  const expiresAt = Date.parse(fit.value.expires_at);
  if (Number.isNaN(expiresAt)) throw changed(OPERATION, 'expires_at', 'is no time');
  const { access_token: accessToken, refresh_token: next } = fit.value;
  return { ...secret, accessToken, expiresAt, refreshToken: next ?? refreshToken };
}

/** The headers of every call: the token and the pinned version, so that the application's default does not matter. */
export function headersOf({ accessToken, apiVersion }: SquareSecret): Readonly<Record<string, string>> {
  return {
    authorization: `Bearer ${accessToken}`,
    'square-version': apiVersion,
    accept: 'application/json',
  };
}

/** The base URL without a trailing slash. */
export function originOf({ baseUrl }: SquareSecret): string {
  return new URL(baseUrl).origin;
}
