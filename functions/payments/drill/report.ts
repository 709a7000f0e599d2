import type { DrillAsked, DrillReport } from '../../../shared/engine/drill.ts';
import type { Merchant } from '../site.ts';
import { isSettled } from '../status.ts';
import type { Entry } from './books.ts';
import type { Course } from './load.ts';

/** What a drill came to. */
export interface Facts {
  asked: DrillAsked;
  merchant: Pick<Merchant, 'providers'>;
  course: Course;
  /** When nothing was left to do; undefined when something still is. */
  restedAt: number | undefined;
  books: readonly Entry[];
  letters: number;
}

interface Counts {
  captured: number;
  refused: number;
  queued: number;
  lost: number;
  doubled: number;
}

/** Every payment in one place, the hub's word held against the providers' own books. */
export function reportOf(facts: Facts): DrillReport {
  const { asked, merchant, course, restedAt, books, letters } = facts;
  const counts = countsOf(books);
  const inTotal = books.length;
  const rows: [string, string][] = [
    ['payments asked for', figure(inTotal)],
    ['captured', figure(counts.captured)],
    ['refused with a reason (declined cards)', figure(counts.refused)],
    ['still queued at the end', figure(counts.queued)],
    ['lost', figure(counts.lost)],
    ['doubled', figure(counts.doubled)],
  ];
  const wrong: string[] = [];
  const say = (isWrong: boolean, words: string) => isWrong && wrong.push(words);
  for (const { vendor, title } of merchant.providers) {
    const ours = books.filter(({ payment }) => payment?.by === vendor).length;
    const theirs = sum(books, vendor, 'captures');
    const held = sum(books, vendor, 'held');
    rows.push([
      `${title}: captured by the hub / charges in its books / holds left`,
      `${figure(ours)} / ${figure(theirs)} / ${figure(held)}`,
    ]);
    say(ours !== theirs, `${title}'s books show ${theirs} charges, the hub has ${ours} captured`);
    say(held > 0, `${held} holds were never released at ${title}`);
  }
  rows.push(...timesOf(facts));
  const { lost, doubled, queued } = counts;
  say(counts.captured + counts.refused + queued !== inTotal, 'not every payment is in one place');
  say(lost > 0, `${lost} payments are lost`);
  say(doubled > 0, `${doubled} payments were charged twice`);
  say(queued > 0 || restedAt === undefined, `${queued} payments did not come to an end`);
  say(letters > 0, `${letters} messages failed for good`);
  const who = merchant.providers.map(({ title }) => title);
  const minutes = (course.recovery - course.outage) / 60_000;
  const title = `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} without ${who[0]}, ${asked.second ? `payers also have a token of ${who[1]}` : 'payers have no other token'}`;
  return { title, rows, wrong };
}

function countsOf(books: readonly Entry[]): Counts {
  const counts: Counts = { captured: 0, refused: 0, queued: 0, lost: 0, doubled: 0 };
  for (const entry of books) counts[verdict(entry)] += 1;
  return counts;
}

/** Where a payment belongs. Money at a provider that the hub does not know of counts as charged twice. */
function verdict({ taken, payment, books }: Entry): keyof Counts {
  if (!payment) {
    const isRefused = taken.answer !== undefined && taken.answer.status >= 400 && taken.answer.status < 500;
    return isRefused ? 'refused' : 'lost';
  }
  const captures = books.reduce((total, each) => total + each.captures, 0);
  const money = books.reduce((total, each) => total + each.captured, 0);
  if (payment.status !== 'captured') {
    if (captures > 0) return 'doubled';
    return isSettled(payment.status) ? 'refused' : 'queued';
  }
  if (captures > 1 || money > taken.payer.amount) return 'doubled';
  return captures === 1 && money === taken.payer.amount ? 'captured' : 'lost';
}

/** How payers and the queue fared. */
function timesOf({ course, books }: Facts): [string, string][] {
  const during = books.filter(
    ({ taken: { payer } }) => payer.at >= course.outage && payer.at < course.recovery,
  );
  const atOnce = during.filter(({ payment, taken }) => (payment?.at ?? Infinity) <= taken.payer.at + 10_000);
  const waits = books.map(({ taken }) => taken.waited).sort((a, b) => a - b);
  const late = during.map(({ payment }) => payment?.at ?? 0).filter((at) => at > course.recovery);
  const last = Math.max(course.recovery, ...late);
  return [
    [
      'asked for during the outage / of these captured within 10 s',
      `${figure(during.length)} / ${figure(atOnce.length)}`,
    ],
    ['captured only after the recovery', figure(late.length)],
    ['the last of these after', `${Math.round((last - course.recovery) / 1_000)} s`],
    ['longest wait for an answer', `${((waits.at(-1) ?? 0) / 1_000).toFixed(1)} s`],
  ];
}

function sum(books: readonly Entry[], vendor: string, what: 'captures' | 'held'): number {
  return books
    .flatMap((entry) => entry.books.filter(({ provider }) => provider === vendor))
    .reduce((total, book) => total + book[what], 0);
}

function figure(count: number): string {
  return count.toLocaleString('en-GB');
}
