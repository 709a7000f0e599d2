import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import type { Look, PaymentProvider, Shown, Standing } from '../payment-provider.ts';
import { look, read } from './client.ts';
import { changed, VENDOR } from './faults.ts';
import { EXPAND, pathOf } from './intents.ts';
import { type Intent, IntentSchema, listOf } from './schema.ts';
import { intentAs, REFERENCE, shownOf } from './shown.ts';

const PAGE = 100;
/** After so many pages the window is too wide for a look at one payment. */
const MOST_PAGES = 50;

/** The payment as it is now. */
export async function readIntent(session: Session, id: string): Promise<Look<Shown>> {
  const operation = 'payment_intents.retrieve';
  const found = await look(session, { operation, path: pathOf(id), query: { expand: EXPAND } }, IntentSchema);
  if (!found) return { kind: 'absent' };
  const shown = intentAs({ id }).shown(found);
  if (typeof shown === 'string') throw changed(operation, 'the payment', shown);
  return { kind: 'found', shown };
}

/**
 * By listing a window of creation times: search by metadata would be one call, but it lags behind writes by up to an
 * hour ("Search", data freshness). Of several with our reference the one that is furthest on.
 */
export async function find(
  session: Session,
  { reference, from, to }: Parameters<PaymentProvider['find']>[1],
): Promise<Look<Shown>> {
  const operation = 'payment_intents.list';
  const created = { gte: Math.floor(from / 1_000), lte: Math.ceil(to / 1_000) };
  const matches: Intent[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const query = { created, limit: PAGE, starting_after: after, expand: ['data.latest_charge'] };
    const page = await read(session, { operation, path: '/v1/payment_intents', query }, listOf(IntentSchema));
    matches.push(...page.data.filter(({ metadata }) => metadata?.[REFERENCE] === reference));
    after = page.data.at(-1)?.id;
    if (!page.has_more || after === undefined) return furthest(matches, operation);
  }
  const message = `more than ${MOST_PAGES * PAGE} payments between these times; look in a narrower window`;
  throw new Fault('rejected', { vendor: VENDOR, operation, message, field: 'from' });
}

const ORDER: readonly Standing[] = [
  'captured',
  'held',
  'pending',
  'needs-payer',
  'prepared',
  'declined',
  'voided',
  'expired',
];

function furthest(matches: readonly Intent[], operation: string): Look<Shown> {
  const shown = matches.map((intent) => {
    const each = shownOf(intent);
    if (typeof each === 'string') throw changed(operation, 'the payment', each);
    return each;
  });
  const [first] = shown.toSorted((a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing));
  return first ? { kind: 'found', shown: first } : { kind: 'absent' };
}
