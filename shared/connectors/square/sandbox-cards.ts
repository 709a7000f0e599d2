/** What a source does when it is charged; sources that are not listed do not exist. */
export interface Source {
  readonly type: 'CARD' | 'WALLET' | 'BANK_ACCOUNT';
  readonly declines?: string;
  /** The token was used up before. */
  readonly used?: true;
  readonly refund?: 'fails';
  /** Is disputed as soon as it is captured. */
  readonly disputed?: true;
}

const card = (more: Partial<Source> = {}): Source => ({ type: 'CARD', ...more });

/** Square's own tokens ("Sandbox payments"); those that begin with `cnon:sandbox-` are this sandbox's. */
const SOURCES: Readonly<Record<string, Source>> = {
  'cnon:card-nonce-ok': card(),
  'cnon:gift-card-nonce-ok': card(),
  'ccof:customer-card-id-ok': card(),
  'cnon:card-nonce-declined': card({ declines: 'GENERIC_DECLINE' }),
  'cnon:card-nonce-rejected-cvv': card({ declines: 'CVV_FAILURE' }),
  'cnon:card-nonce-rejected-postalcode': card({ declines: 'ADDRESS_VERIFICATION_FAILURE' }),
  'cnon:card-nonce-rejected-expiration': card({ declines: 'INVALID_EXPIRATION' }),
  'cnon:card-nonce-already-used': card({ used: true }),
  'ccof:customer-card-id-declined': card({ declines: 'GENERIC_DECLINE' }),
  'ccof:customer-card-id-rejected-cvv': card({ declines: 'CVV_FAILURE' }),
  'ccof:customer-card-id-requires-verification': card({ declines: 'CARD_DECLINED_VERIFICATION_REQUIRED' }),
  'wnon:cash-app-ok': { type: 'WALLET' },
  'bauth:ok': { type: 'BANK_ACCOUNT' },
  'cnon:sandbox-expired': card({ declines: 'CARD_EXPIRED' }),
  'cnon:sandbox-insufficient-funds': card({ declines: 'INSUFFICIENT_FUNDS' }),
  'cnon:sandbox-refund-fails': card({ refund: 'fails' }),
  'cnon:sandbox-disputed': card({ disputed: true }),
};

export function sourceOf(token: string): Source | undefined {
  return Object.hasOwn(SOURCES, token) ? SOURCES[token] : undefined;
}
