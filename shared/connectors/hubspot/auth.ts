import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import { errorBody, faultOf, RECONNECT, VENDOR } from './faults.ts';
import { parseReply } from './reply.ts';
import { type HubspotSecret, SecretSchema, TokenReplySchema } from './schema.ts';
import { pathOf } from './versions.ts';

/**
 * Access tokens live 30 minutes and are renewed this long before their end: HubSpot's usage guidelines ask
 * not to take a 401 as the sign.
 */
const EARLY = 300_000;
const OPERATION = 'oauth.refresh';

/** The secret with an access token that should be good now. */
export async function freshSecret(session: Session): Promise<HubspotSecret> {
  const secret = await session.secret(SecretSchema);
  if (!isStale(secret, session.now())) return secret;
  return await session.renewSecret(
    SecretSchema,
    (stored) => isStale(stored, session.now()),
    (stored) => refresh(session, stored),
  );
}

/** After a 401 with a token that looked good: one renewal; undefined when there is nothing to renew with. */
export async function renewedSecret(session: Session, refused: string): Promise<HubspotSecret | undefined> {
  const secret = await session.secret(SecretSchema);
  if (secret.auth.kind === 'token') return secret.auth.accessToken === refused ? undefined : secret;
  return await session.renewSecret(
    SecretSchema,
    (stored) => stored.auth.accessToken === refused,
    (stored) => refresh(session, stored),
  );
}

function isStale({ auth }: HubspotSecret, now: number): boolean {
  if (auth.kind === 'token') return false;
  return auth.accessToken === undefined || auth.expiresAt === undefined || auth.expiresAt - EARLY <= now;
}

async function refresh(session: Session, secret: HubspotSecret): Promise<HubspotSecret> {
  const { auth } = secret;
  if (auth.kind === 'token') return secret;
  const asked = session.now();
  const response = await session.send({
    operation: OPERATION,
    // Repeating a refresh is harmless: HubSpot gives back the same refresh token, and older access tokens
    // stay valid. A lost answer is therefore no unknown outcome.
    effect: 'read',
    method: 'POST',
    url: `${originOf(secret)}${pathOf('oauth', secret.apiVersion)}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: auth.clientId,
      client_secret: auth.clientSecret,
      refresh_token: auth.refreshToken,
    }).toString(),
  });
  if (response.status >= 300) throw refreshFault(response, session.now(), secret.timeZone);
  const reply = parseReply(response.body, TokenReplySchema, OPERATION);
  return {
    ...secret,
    auth: {
      ...auth,
      accessToken: reply.access_token,
      expiresAt: asked + reply.expires_in * 1_000,
      // Kept each time, so that a rotation would not be missed.
      refreshToken: reply.refresh_token ?? auth.refreshToken,
    },
  };
}

function refreshFault(response: Parameters<typeof faultOf>[0], now: number, timeZone: string): Fault {
  const error = errorBody(response.body);
  const fault = faultOf(response, { operation: OPERATION, effect: 'read', now, timeZone });
  if (fault.kind !== 'rejected' && fault.kind !== 'auth-expired') return fault;
  const because =
    error.status === 'BAD_REFRESH_TOKEN'
      ? 'the app was uninstalled or its access revoked'
      : 'is the client ID, the client secret or the refresh token wrong?';
  return new Fault('auth-expired', {
    vendor: VENDOR,
    operation: OPERATION,
    status: response.status,
    message: `HubSpot gives no new access token: ${because}; connect the account again`,
    mend: RECONNECT,
  });
}

/** The base URL without a trailing slash. */
export function originOf(secret: HubspotSecret): string {
  return new URL(secret.baseUrl).origin;
}
