import * as z from 'zod';
import { askedAs } from './sandbox-asked.ts';
import { unauthorised } from './sandbox-replies.ts';
import type { Json } from './sandbox-rows.ts';

const LIFE = 30 * 86_400_000;

/** What an application that acts for a seller stores. */
export interface OauthGrant {
  clientId: string;
  clientSecret: string;
  accessToken: string;
  refreshToken: string;
  expiresAt: number;
}

const RefreshSchema = z.object({
  grant_type: z.literal('refresh_token'),
  client_id: z.string(),
  client_secret: z.string(),
  refresh_token: z.string(),
});

/** The seller's access tokens: a personal one without an end, and those of OAuth, which last 30 days. */
export class Tokens {
  readonly personal: string;
  readonly #app: { clientId: string; clientSecret: string; refreshToken: string };
  readonly #ends = new Map<string, number>();
  readonly #now: () => number;
  #made = 0;

  constructor(name: string, now: () => number) {
    this.personal = `EAAAsandbox${name}`;
    this.#app = {
      clientId: `sandbox-sq0idb-${name}`,
      clientSecret: `sandbox-sq0csb-${name}`,
      refreshToken: `EQAAsandbox${name}`,
    };
    this.#now = now;
    this.#ends.set(this.personal, Number.POSITIVE_INFINITY);
  }

  /** As when the seller allows the application. */
  grant(): OauthGrant {
    this.#made += 1;
    const accessToken = `${this.personal}oauth${this.#made}`;
    const expiresAt = this.#now() + LIFE;
    this.#ends.set(accessToken, expiresAt);
    return { ...this.#app, accessToken, expiresAt };
  }

  /** Undefined = never given out. */
  endOf(token: string): number | undefined {
    return this.#ends.get(token);
  }

  /** ObtainToken for a refresh token, which stays the same. */
  obtain(body: unknown, merchantId: string): Json {
    const asked = askedAs(body, RefreshSchema);
    const { clientId, clientSecret, refreshToken } = this.#app;
    const fits =
      asked.client_id === clientId &&
      asked.client_secret === clientSecret &&
      asked.refresh_token === refreshToken;
    if (!fits) throw unauthorised('UNAUTHORIZED');
    const { accessToken, expiresAt } = this.grant();
    return {
      ...{ access_token: accessToken, token_type: 'bearer', merchant_id: merchantId },
      ...{ expires_at: new Date(expiresAt).toISOString(), refresh_token: refreshToken, short_lived: false },
    };
  }
}
