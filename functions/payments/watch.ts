import * as z from 'zod';
import { amend } from '../../shared/engine/documents.ts';
import type { ServicePorts, ServiceWork } from '../../shared/engine/service.ts';
import type { CircuitBoard } from './circuit-board.ts';
import { KINDS, type Payment } from './payment.ts';
import type { Merchant, Site } from './site.ts';
import { statusOf } from './status.ts';
import { dayList, OPEN_LIST, readPayment } from './store.ts';
import { taking } from './view.ts';

const MINUTE = 60_000;
/** An outcome that is unknown for longer pages. */
const UNKNOWN_FOR = 15 * MINUTE;
/** A payment whose message should have come this long ago is woken again. */
const OVERDUE = 10 * MINUTE;
const PAGE = 100;

/** What the payments that are not at rest look like, all of them. */
export interface OpenTally {
  /** Unknown for over 15 minutes. */
  unknown: number;
  needsReview: number;
  /** Woken again because nobody had come. */
  woken: number;
  open: number;
}

/** Walks every open payment: counts what people must know of, and wakes what nobody came back for. */
export async function watchOpen(ports: ServicePorts, work: ServiceWork): Promise<OpenTally> {
  const tally: OpenTally = { unknown: 0, needsReview: 0, woken: 0, open: 0 };
  let after: string | undefined;
  do {
    const page = await ports.documents.listed(OPEN_LIST, PAGE, after);
    const payments = await Promise.all(page.items.map((key) => openPayment(ports, key)));
    for (const payment of payments) if (payment) await count(ports, payment, tally);
    after = page.next;
  } while (after !== undefined && ports.clock.now() < work.deadline - 10_000);
  return tally;
}

async function openPayment({ documents }: ServicePorts, key: string): Promise<Payment | undefined> {
  return (await readPayment(documents, key.slice(key.indexOf('/') + 1)))?.payment;
}

async function count(ports: ServicePorts, payment: Payment, tally: OpenTally): Promise<void> {
  const now = ports.clock.now();
  tally.open += 1;
  const status = statusOf(payment);
  if (status === 'needs-review') tally.needsReview += 1;
  if (
    payment.operations.some(
      (each) => each.state === 'unknown' && now - (each.unknownSince ?? now) > UNKNOWN_FOR,
    )
  )
    tally.unknown += 1;
  // Its own message comes at `wakeAt`; before the first, one is due as soon as its API worker must be dead.
  if (status === 'authorised' || now - Math.max(payment.wakeAt ?? 0, payment.createdAt) < OVERDUE) return;
  tally.woken += 1;
  await ports.post({ collection: 'payment', id: payment.id }, now);
}

/** How many providers have a circuit open. */
export async function openCircuits(site: Site, circuits: CircuitBoard): Promise<number> {
  const vendors = [
    ...new Set(site.merchants.flatMap(({ providers }) => providers.map(({ vendor }) => vendor))),
  ];
  await circuits.load(vendors);
  const calls = [...KINDS, 'read'];
  return vendors.filter((vendor) => calls.some((call) => circuits.restsUntil(vendor, call) !== undefined))
    .length;
}

const SuccessSchema = z.strictObject({
  version: z.literal(1),
  day: z.string(),
  after: z.string().optional(),
  /** When money was last taken, by merchant. */
  last: z.record(z.string(), z.number()),
});
type Success = z.infer<typeof SuccessSchema>;

/** Goes on where it stood through the payments that have come to rest today; when each merchant was last paid. */
export async function lastSuccesses(ports: ServicePorts): Promise<Success['last']> {
  const today = dayList(ports.clock.now());
  const stored = await amend(ports, 'payment-watch/success', SuccessSchema, (known) =>
    known?.day === today ? undefined : { version: 1 as const, day: today, last: known?.last ?? {} },
  );
  const last = { ...stored?.last };
  let after = stored?.after;
  const page = await ports.documents.listed(today, 500, after);
  for (const key of page.items) {
    const payment = await openPayment(ports, key);
    if (payment && taking(payment))
      last[payment.merchant] = Math.max(last[payment.merchant] ?? 0, payment.createdAt);
  }
  if (page.next !== undefined) after = page.next;
  await amend(ports, 'payment-watch/success', SuccessSchema, (known) =>
    known?.day === today ? { ...known, ...(after !== undefined && { after }), last } : undefined,
  );
  return last;
}

/** Merchants that should have been paid by now and were not. */
export function silentMerchants(
  merchants: readonly Merchant[],
  last: Readonly<Record<string, number>>,
  now: number,
): Merchant[] {
  return merchants.filter(({ id, expects }) => {
    if (!expects || !isOpen(expects, now)) return false;
    const since = last[id];
    return since !== undefined && now - since > expects.everyMinutes * MINUTE;
  });
}

/** Open for at least as long as a payment may take to come. */
function isOpen(
  { between: [from, to], timeZone, everyMinutes }: NonNullable<Merchant['expects']>,
  now: number,
): boolean {
  return [now, now - everyMinutes * MINUTE].every((moment) => {
    const time = new Date(moment).toLocaleTimeString('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
    });
    return time >= from && time < to;
  });
}
