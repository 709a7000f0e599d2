import * as z from 'zod';
import type { PaymentProvider } from '../../../shared/connectors/payment-provider.ts';
import { CannotDo, type ServiceWork } from '../../../shared/engine/service.ts';
import type { ApiParts } from '../api/parts.ts';
import { Refusal } from '../api/problem.ts';
import { fits } from '../api/requests.ts';
import type { Call } from '../api/route.ts';
import { type Merchant, merchantOf } from '../site.ts';

/** What operators work with: the API's own parts, and each provider account once. */
export interface Office extends ApiParts {
  providers: readonly PaymentProvider[];
}

/** One thing that operators may ask or tell. */
export interface Command {
  run(office: Office, input: unknown, work: ServiceWork): Promise<unknown>;
}

/** A command whose input is checked before it runs. A form sends text only, so numbers and lists may come as text. */
export function command<T>(
  input: z.ZodType<T>,
  run: (office: Office, input: T, work: ServiceWork) => Promise<unknown>,
): Command {
  return { run: (office, given, work) => explained(() => run(office, fits(input, given, 'body'), work)) };
}

async function explained<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    throw thrown instanceof Refusal ? said(thrown) : thrown;
  }
}

/** What the API refuses, said to an operator. */
function said(refusal: Refusal): CannotDo {
  const { field, because, next } = refusal.trouble;
  const help = /^compare/.test(next) ? 'its --help lists what it takes' : next;
  const kind =
    refusal.code === 'not-found' ? 'missing' : /conflict/.test(refusal.code) ? 'conflict' : 'input';
  const message = field === undefined ? because : `field "${field}" ${because}`;
  return new CannotDo(kind, message, help, { cause: refusal });
}

/** A number that a form sends as text. */
export function whole(least: number, most: number) {
  const says = `must be a whole number from ${least} to ${most}`;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,9}$/, { error: says })
          .transform(Number),
      ],
      { error: says },
    )
    .pipe(z.int({ error: says }).min(least, { error: says }).max(most, { error: says }));
}

/** A tick in a form is the text `true`. */
export const Tick = z.union([z.boolean(), z.literal('true').transform(() => true)], {
  error: 'must be true or false',
});

/** Why something was done; kept in the journal. */
export const Reason = z
  .string({ error: 'must be a text' })
  .min(3, { error: 'must say why, in at least 3 characters' })
  .max(500, { error: 'must have at most 500 characters' });

/** Who is paid here; a name that is none is refused with those there are. */
export function knownMerchant({ site }: Office, id: string): Merchant {
  const merchant = merchantOf(site, id);
  if (merchant) return merchant;
  throw new CannotDo(
    'missing',
    `field "merchant": nobody is called "${id}" here`,
    `the merchants are: ${site.merchants.map((each) => each.id).join(', ')}; functions/payments/site.ts lists them`,
  );
}

/** The one that was named, or all. */
export function merchantsAsked(office: Office, id: string | undefined): readonly Merchant[] {
  return id === undefined ? office.site.merchants : [knownMerchant(office, id)];
}

/** What an operator does, in the words of the API: as if the merchant had asked. */
export function callOf(office: Office, merchant: Merchant, work: ServiceWork): Call {
  return { ...office, merchant, work, path: {}, accept: '' };
}
