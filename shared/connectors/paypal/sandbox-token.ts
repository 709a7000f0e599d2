import type { Context } from 'hono';
import { json } from './sandbox-replies.ts';
import type { World } from './sandbox-world.ts';

/** Nine hours, in seconds. */
const LIFE = 32_400;

/** `POST /v1/oauth2/token`; older tokens stay valid. */
export async function issueToken(world: World, context: Context): Promise<Response> {
  const { clientId, clientSecret, tokens, now, on, newToken, count } = world;
  count('oauth2.token');
  if (on.has('outage')) return new Response('upstream trouble', { status: 503 });
  const known = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  if (context.req.header('authorization') !== known || on.has('token-revoked'))
    return json({ error: 'invalid_client', error_description: 'Client Authentication failed' }, 401);
  const grant = new URLSearchParams(await context.req.text()).get('grant_type');
  if (grant !== 'client_credentials')
    return json({ error: 'unsupported_grant_type', error_description: 'Unsupported grant_type' }, 400);
  const token = newToken();
  tokens.set(token, now() + LIFE * 1_000);
  world.changes.count += 1;
  return json(
    {
      scope: 'https://uri.paypal.com/services/payments/payment/authcapture',
      access_token: token,
      token_type: 'Bearer',
      app_id: 'APP-80W284485P519543T',
      expires_in: LIFE,
      nonce: new Date(now()).toISOString(),
    },
    200,
  );
}
