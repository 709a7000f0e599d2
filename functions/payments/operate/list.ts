import * as z from 'zod';
import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { ServiceWork } from '../../../shared/engine/service.ts';
import type { Payment } from '../payment.ts';
import { isSettled, type Status, statusOf } from '../status.ts';
import { dayList, OPEN_LIST, readPayment } from '../store.ts';
import { amountsOf } from '../view.ts';
import { ListAnswer, type PaymentRow } from './answers.ts';
import { command, knownMerchant, type Office, whole } from './command.ts';
import { find } from './find.ts';

const DAY = 86_400_000;
/** Days that are looked through for the newest. */
const DAYS = 31;
/** Payments that are read for one answer. */
const MOST_READ = 2_000;
const BATCH = 50;

/** What a list can be asked for. */
export const STATUSES = [
  ...(['created', 'queued', 'processing', 'requires-action', 'unknown', 'needs-review'] as const),
  ...(['authorised', 'captured', 'declined', 'rejected', 'voided', 'expired'] as const),
] as const satisfies readonly Status[];

const Day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, { error: 'must be a day such as 2026-11-24' })
  .refine((day) => !Number.isNaN(Date.parse(day)), { error: 'must be a day such as 2026-11-24' });

const ListSchema = z.strictObject({
  merchant: z.string().optional(),
  status: z.enum(STATUSES, { error: `must be one of ${STATUSES.join(', ')}` }).optional(),
  day: Day.optional(),
  last: whole(1, 500).optional(),
  /** An id of ours or of a provider, or a reference. */
  find: z.string().max(255).optional(),
});
type Asked = z.infer<typeof ListSchema>;

/** Payments, the newest first. `day` (UTC) is when they came to rest, or were made if they have not. */
export const list = command(ListSchema, async (office, asked, work): Promise<ListAnswer> => {
  if (asked.merchant !== undefined) knownMerchant(office, asked.merchant);
  if (asked.find !== undefined && asked.find.trim() !== '') return named(office, asked, work);
  const { last = 20 } = asked;
  const open = asked.status === undefined || !isSettled(asked.status) || asked.day !== undefined;
  const sources = [...(open || isStuckAtRest(asked) ? [OPEN_LIST] : []), ...daysOf(office, asked)];
  const found = await newest(office.ports.documents, { sources, fits: fitting(asked), last });
  const items = found.payments.sort((a, b) => b.createdAt - a.createdAt).slice(0, last);
  return { items: items.map(rowOf), cut: found.cut };
});

/** A settled payment whose hold is still being released lies among the open ones. */
function isStuckAtRest({ status }: Asked): boolean {
  return status !== undefined && isSettled(status);
}

async function named(office: Office, asked: Asked, work: ServiceWork): Promise<ListAnswer> {
  const { payments, troubles } = await find(office, (asked.find ?? '').trim(), work);
  const items = payments.filter(fitting({ ...asked, day: undefined })).map(rowOf);
  return ListAnswer.parse({ items, cut: false, ...(troubles.length > 0 && { note: troubles.join('; ') }) });
}

/** Lists of payments at rest, today's first; none for what is never at rest. */
function daysOf({ ports }: Office, { day, status }: Asked): string[] {
  if (day !== undefined) return [dayList(Date.parse(day))];
  if (status !== undefined && !isSettled(status)) return [];
  return Array.from({ length: DAYS }, (_, back) => dayList(ports.clock.now() - back * DAY));
}

function fitting({ merchant, status, day }: Asked): (payment: Payment) => boolean {
  return (payment) =>
    (merchant === undefined || payment.merchant === merchant) &&
    (status === undefined || statusOf(payment) === status) &&
    (day === undefined || dayList(dayOf(payment)) === dayList(Date.parse(day)));
}

/** Of one that is not at rest the day on which it was made. */
function dayOf(payment: Payment): number {
  return isSettled(statusOf(payment))
    ? (payment.timeline.at(-1)?.at ?? payment.createdAt)
    : payment.createdAt;
}

interface Search {
  sources: readonly string[];
  fits(payment: Payment): boolean;
  last: number;
}

/** So many of the open ones, and so many of those at rest; each have their own limit of what is read. */
async function newest(documents: FiledDocuments, { sources, fits, last }: Search) {
  const groups = [sources.filter((each) => each === OPEN_LIST), sources.filter((each) => each !== OPEN_LIST)];
  const found = await Promise.all(groups.map((group) => newestOf(documents, { sources: group, fits, last })));
  return { payments: found.flatMap(({ payments }) => payments), cut: found.some(({ cut }) => cut) };
}

async function newestOf(documents: FiledDocuments, { sources, fits, last }: Search) {
  const payments: Payment[] = [];
  let read = 0;
  for (const source of sources) {
    const keys = (await keysOf(documents, source)).reverse();
    while (keys.length > 0) {
      if (read >= MOST_READ || payments.length >= last) return { payments, cut: true };
      const some = await Promise.all(keys.splice(0, BATCH).map((key) => readPayment(documents, idOf(key))));
      read += some.length;
      payments.push(...some.flatMap((each) => (each && fits(each.payment) ? [each.payment] : [])));
    }
    if (payments.length >= last) break;
  }
  return { payments, cut: false };
}

async function keysOf(documents: FiledDocuments, name: string): Promise<string[]> {
  const keys: string[] = [];
  let after: string | undefined;
  do {
    const page = await documents.listed(name, 500, after);
    keys.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return keys;
}

function idOf(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

/** A payment as lists show it. */
function rowOf(payment: Payment): PaymentRow {
  const { id, merchant, reference, amount, currency, createdAt } = payment;
  const { captured, refunded } = amountsOf(payment);
  const attempt = payment.attempts.at(-1);
  return {
    ...{ id, merchant, reference, amount, currency, captured, refunded, createdAt },
    status: statusOf(payment),
    ...(attempt && { provider: attempt.provider }),
    ...(attempt?.id !== undefined && { providerId: attempt.id }),
  };
}
