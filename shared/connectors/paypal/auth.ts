import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import { faultOf, RECONNECT, VENDOR } from './faults.ts';
import { parseReply } from './reply.ts';
import { type PaypalSecret, SecretSchema, TokenReplySchema } from './schema.ts';

/** Tokens live about nine hours and are replaced this long before their end. */
const EARLY = 300_000;
const OPERATION = 'oauth2.token';

/** The secret with an access token that should be good now. */
export async function freshSecret(session: Session): Promise<PaypalSecret> {
  const isStale = ({ accessToken, expiresAt }: PaypalSecret) =>
    accessToken === undefined || expiresAt === undefined || expiresAt - EARLY <= session.now();
  const secret = await session.secret(SecretSchema);
  if (!isStale(secret)) return secret;
  return await session.renewSecret(SecretSchema, isStale, (stored) => withToken(session, stored));
}

/** After a 401 with a token that looked good: another one. */
export async function renewedSecret(session: Session, refused: string | undefined): Promise<PaypalSecret> {
  return await session.renewSecret(
    SecretSchema,
    (stored) => stored.accessToken === refused,
    (stored) => withToken(session, stored),
  );
}

async function withToken(session: Session, secret: PaypalSecret): Promise<PaypalSecret> {
  const asked = session.now();
  const response = await session.send({
    operation: OPERATION,
    // Older tokens stay valid and nothing rotates: asking twice is harmless, so a lost answer is no unknown outcome.
    effect: 'read',
    method: 'POST',
    url: `${originOf(secret)}/v1/oauth2/token`,
    headers: {
      authorization: `Basic ${Buffer.from(`${secret.clientId}:${secret.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: 'grant_type=client_credentials',
    timeout: 4_000,
  });
  if (response.status === 400 || response.status === 401)
    throw new Fault('auth-expired', {
      vendor: VENDOR,
      operation: OPERATION,
      status: response.status,
      message:
        'PayPal gives no access token: is clientId or clientSecret wrong, or of the other environment?',
      mend: RECONNECT,
    });
  if (response.status >= 300) throw faultOf(response, OPERATION);
  const reply = parseReply(response.body, TokenReplySchema, OPERATION);
  return { ...secret, accessToken: reply.access_token, expiresAt: asked + reply.expires_in * 1_000 };
}

/** The base URL without a trailing slash. */
export function originOf(secret: PaypalSecret): string {
  return new URL(secret.baseUrl).origin;
}
