import { asFault } from '../../../shared/engine/fault.ts';
import { CannotDo, type ServiceWork } from '../../../shared/engine/service.ts';
import { ownerOfReference } from '../accept.ts';
import { lookAt, paymentOf } from '../hints.ts';
import type { Payment } from '../payment.ts';
import { readPayment } from '../store.ts';
import type { Office } from './command.ts';

/** Payments that a text names, and which providers could not be asked. */
export interface Found {
  payments: Payment[];
  troubles: string[];
}

/** By our id or that of a refund, by a merchant's reference, or by whatever a provider calls it: that is asked there. */
export async function find(office: Office, text: string, work: ServiceWork): Promise<Found> {
  const { documents } = office.ports;
  const own = /^(?:pay_|re_|evt_pay_)/.test(text) ? await byOwnId(office, text) : undefined;
  if (own) return { payments: [own], troubles: [] };
  const owners = await Promise.all(
    office.site.merchants.map(({ id }) => ownerOfReference(documents, id, text)),
  );
  const named = await Promise.all(
    owners.map(async (id) => id && (await readPayment(documents, id))?.payment),
  );
  const payments = named.filter((each) => typeof each === 'object');
  return payments.length > 0 ? { payments, troubles: [] } : atProviders(office, text, work);
}

/** The one payment that a text names. */
export async function findOne(office: Office, text: string, work: ServiceWork): Promise<Payment> {
  const { payments, troubles } = await find(office, text, work);
  const [first, ...more] = payments;
  if (first && more.length === 0) return first;
  if (first)
    throw new CannotDo(
      'conflict',
      `"${text}" is the reference of ${payments.length} payments, of ${payments.map(({ merchant }) => merchant).join(' and ')}`,
      `give an id: ${payments.map(({ id }) => id).join(' or ')}`,
    );
  throw new CannotDo(
    'missing',
    `no payment is known by "${text.slice(0, 60)}"${troubles.map((each) => `; ${each}`).join('')}`,
    "give our id (pay_…), the merchant's reference, or the provider's id; `list` shows the newest",
  );
}

/** A refund's id begins with its payment's, and an event's too. */
async function byOwnId({ ports }: Office, text: string): Promise<Payment | undefined> {
  const id = text
    .replace(/^evt_(.+)_\d+$/, '$1')
    .replace(/^re_(.+)_[0-9a-f]{12}$/, 'pay_$1')
    .replace(/\.\d+$/, '');
  return (await readPayment(ports.documents, id))?.payment;
}

/** Our reference is on every payment at a provider, so that its own id leads back to ours. */
async function atProviders(office: Office, id: string, work: ServiceWork): Promise<Found> {
  const found: Found = { payments: [], troubles: [] };
  if (!/^[\x21-\x7e]{5,120}$/.test(id)) return found;
  for (const provider of office.providers)
    for (const about of ['payment', 'refund'] as const) {
      try {
        const account = `${provider.account.vendor}/${provider.account.name}`;
        const look = await lookAt(office.ports, provider, { account, about, id }, work);
        const ours = look.kind === 'found' && paymentOf(look.shown.reference ?? '');
        const payment = ours && (await readPayment(office.ports.documents, ours))?.payment;
        if (payment) return { ...found, payments: [payment] };
      } catch (thrown) {
        const { kind } = asFault(thrown, 'payments find');
        // An id of another shape than its own is refused: it is not there.
        if (kind === 'unavailable' || kind === 'rate-limited' || kind === 'auth-expired')
          found.troubles.push(`${provider.title} could not be asked (${kind})`);
      }
    }
  return { ...found, troubles: [...new Set(found.troubles)] };
}
