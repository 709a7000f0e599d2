import { type Merchant, merchantOf } from '../site.ts';
import { keyFrom } from './api-key.ts';
import type { ApiParts } from './parts.ts';
import { Refusal } from './problem.ts';
import type { Route } from './route.ts';

/** Whose request it is, if they may ask for this. */
export async function admit(
  { ports, site }: ApiParts,
  { scope }: Route,
  request: Request,
): Promise<Merchant> {
  const key = await keyFrom(request.headers.get('authorization'), ports);
  if (!key)
    throw new Refusal(
      'unauthenticated',
      {
        field: 'Authorization',
        because: 'there is no API key, or it is not valid (any more)',
        next: 'send Authorization: Bearer itk_... with a key of this merchant',
      },
      { 'www-authenticate': 'Bearer realm="payments"' },
    );
  const merchant = merchantOf(site, key.merchant);
  if (merchant && key.scopes.includes(scope)) return merchant;
  throw new Refusal('forbidden', {
    field: 'Authorization',
    because: merchant
      ? `the API key has not the scope "${scope}"`
      : 'its merchant is not served here any more',
    next: merchant ? 'use a key that has it, or ask an operator for one' : 'ask an operator',
  });
}
