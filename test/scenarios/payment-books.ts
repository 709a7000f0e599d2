import * as z from 'zod';
import { SandboxStateSchema } from '../../shared/operate/answers.ts';
import type { Killable } from './killable.ts';
import type { Order } from './payment-orders.ts';

/** The providers that take part. */
export const PROVIDERS = ['stripe', 'paypal', 'square'] as const;
/** What each provider counts of its charges, and how much of that one of our references explains. */
const COUNTED: Record<(typeof PROVIDERS)[number], { kind: string; explains(book: Book): number }> = {
  stripe: { kind: 'charge', explains: ({ holds, declined }) => holds + declined },
  paypal: { kind: 'capture', explains: ({ captures }) => captures },
  square: { kind: 'payment', explains: ({ payments }) => payments },
};

/** The hub's word about each payment, held against the books of the providers' sandboxes. */
export interface Comparison {
  payments: number;
  captured: number;
  declined: number;
  /** Final for another reason. */
  otherwise: number;
  /** Charges that the providers' books show, by our references. */
  charges: number;
  /** Accepted, and not final; or captured, and its money is not there. */
  lost: number;
  /** Charged more than once, or charged without being captured. */
  doubled: number;
  /** Holds that nobody released. */
  heldStill: number;
  /** Charges of the providers' books that no payment explains. */
  strangers: number;
  /** Of the first few that are wrong. */
  because: string;
}

const Payment = z.object({
  id: z.string(),
  status: z.string(),
  amount: z.number(),
  amounts: z.object({ captured: z.number() }),
  attempts: z.array(z.object({ number: z.number(), provider: z.enum(PROVIDERS) })),
});
type Payment = z.infer<typeof Payment>;

const Book = z.object({
  held: z.number(),
  captures: z.number(),
  captured: z.number(),
  holds: z.number(),
  declined: z.number().default(0),
  payments: z.number().default(0),
});
type Book = z.infer<typeof Book>;

interface Asked {
  orders: readonly Order[];
  keys: ReadonlyMap<string, string>;
  accepted: ReadonlyMap<string, string>;
}

/** Looks at every payment, through the API, and at every attempt in its provider's books. */
export async function compareBooks(host: Killable, asked: Asked): Promise<Comparison> {
  const end: Comparison = {
    ...{ payments: asked.accepted.size, captured: 0, declined: 0, otherwise: 0, charges: 0 },
    ...{ lost: 0, doubled: 0, heldStill: 0, strangers: 0, because: '' },
  };
  const explained = { stripe: 0, paypal: 0, square: 0 };
  const wrong: string[] = [];
  for (const order of asked.orders) {
    const payment = await read(host, asked, order);
    const books: Book[] = [];
    for (const { number, provider } of payment?.attempts ?? []) {
      const book = await bookOf(host, provider, `${payment?.id}.${number}`);
      books.push(book);
      explained[provider] += COUNTED[provider].explains(book);
    }
    const verdict = judge(order, payment, books);
    end[verdict.as] += 1;
    end.charges += verdict.captures;
    end.heldStill += verdict.held;
    if (verdict.as === 'lost' || verdict.as === 'doubled' || verdict.held > 0)
      wrong.push(JSON.stringify({ as: verdict.as, payment, books }));
  }
  for (const vendor of PROVIDERS)
    end.strangers += (await stored(host, vendor, COUNTED[vendor].kind)) - explained[vendor];
  end.because = wrong.slice(0, 3).join('\n');
  return end;
}

interface Verdict {
  as: 'captured' | 'declined' | 'otherwise' | 'lost' | 'doubled';
  captures: number;
  held: number;
}

function judge(order: Order, payment: Payment | undefined, books: readonly Book[]): Verdict {
  const sum = (of: 'captures' | 'captured' | 'held') => books.reduce((total, book) => total + book[of], 0);
  const [captures, held] = [sum('captures'), sum('held')];
  if (!payment) return { as: 'lost', captures, held };
  const isCaptured = payment.status === 'captured';
  if (captures > (isCaptured ? 1 : 0) || sum('captured') > order.amount)
    return { as: 'doubled', captures, held };
  if (isCaptured) {
    const isRight =
      captures === 1 && sum('captured') === order.amount && payment.amounts.captured === order.amount;
    return { as: isRight ? 'captured' : 'lost', captures, held };
  }
  if (payment.status === 'declined') return { as: 'declined', captures, held };
  const isFinal = ['rejected', 'voided', 'expired'].includes(payment.status);
  return { as: isFinal ? 'otherwise' : 'lost', captures, held };
}

async function read(host: Killable, { keys, accepted }: Asked, order: Order): Promise<Payment | undefined> {
  const headers = { authorization: `Bearer ${keys.get(order.merchant)}` };
  const id = accepted.get(order.key);
  const answer = await fetch(`${host.url()}/payments-api/v1/payments/${id}`, { headers });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`payment ${id}: ${answer.status} ${await answer.text()}`);
  return Payment.parse(await answer.json());
}

async function bookOf(host: Killable, provider: string, reference: string): Promise<Book> {
  const query = new URLSearchParams({ record: 'books', id: reference });
  return Book.parse((await host.get(`/sandbox/${provider}/_control?${query}`, SandboxStateSchema)).record);
}

/** How many charges the provider has at all. */
async function stored(host: Killable, provider: string, kind: string): Promise<number> {
  return (await host.get(`/sandbox/${provider}/_control`, SandboxStateSchema)).records[kind] ?? 0;
}
