import * as z from 'zod';
import type { PaymentProvider } from '../../../shared/connectors/payment-provider.ts';
import { readDocument } from '../../../shared/engine/documents.ts';
import type { ServicePorts, ServiceWork } from '../../../shared/engine/service.ts';
import type { Session } from '../../../shared/engine/session.ts';
import { type Claim, ClaimSchema } from './claims.ts';
import { type Entry, EntrySchema } from './entry.ts';
import { claimsIn, ledgerList } from './ledger.ts';
import { cursorKey, type Place, partKey, payoutIn, windowOf } from './places.ts';
import { writeOver } from './write-over.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A provider is not asked any more when so little time is left: its page may take as long. */
const RESERVE = 15_000;
/** How far back entries are looked for when the hub learnt late of what it had done. */
const FURTHEST = 31 * DAY;
/** After so long a run that stands still is begun anew: its first pages say nothing of today. */
const STALE = DAY;

const CursorSchema = z.strictObject({
  startedAt: z.number().int(),
  step: z.enum(['ledger', 'entries', 'done']),
  /** Of the ledger: which list. */
  list: z.number().int(),
  after: z.string().optional(),
  parts: z.number().int(),
  ledgerFrom: z.number().int(),
  entriesFrom: z.number().int(),
});
type Cursor = z.infer<typeof CursorSchema>;

const PartSchema = z.strictObject({ claims: z.array(ClaimSchema), entries: z.array(EntrySchema) });
type Part = z.infer<typeof PartSchema>;

/** One report in the making. */
export interface Run {
  place: Place;
  provider: PaymentProvider;
  session: Session;
}

/** All that both sides have. */
export type Gathered = Part & { startedAt: number };

/**
 * Reads both sides page by page, and goes on where an earlier worker stood. `later` when time ran out: what was read
 * is kept. `busy` when another worker is at it.
 */
export async function gather(
  ports: ServicePorts,
  run: Run,
  work: ServiceWork,
): Promise<Gathered | 'later' | 'busy'> {
  const { documents, clock } = ports;
  for (;;) {
    const stored = await documents.get(cursorKey(run.place));
    const known = stored && CursorSchema.parse(stored.value);
    const now = clock.now();
    const cursor = known && known.step !== 'done' && now < known.startedAt + STALE ? known : begin(run, now);
    if (now > work.deadline - RESERVE) return 'later';
    const { part, next } = await readPage(ports, run, cursor);
    await writeOver(documents, partKey(run.place, cursor.parts), part);
    const moved = { ...next, parts: cursor.parts + 1 };
    if (!(await documents.put(cursorKey(run.place), moved, stored?.revision))) return 'busy';
    if (moved.step === 'done') return await collected(ports, run.place, moved);
  }
}

function begin({ place }: Run, now: number): Cursor {
  const window = windowOf(place);
  return {
    startedAt: now,
    // What the hub has says how far back a day's entries have to be read; a payout's entries, how far back the hub.
    step: window ? 'ledger' : 'entries',
    ...{ list: 0, parts: 0 },
    ledgerFrom: (window?.from ?? now) - HOUR,
    entriesFrom: (window?.from ?? now) - DAY,
  };
}

interface Step {
  part: Part;
  /** `parts` is counted by who stores it. */
  next: Cursor;
}

async function readPage(ports: ServicePorts, run: Run, cursor: Cursor): Promise<Step> {
  return cursor.step === 'entries' ? await readEntries(run, cursor) : await readLedger(ports, run, cursor);
}

async function readEntries(run: Run, cursor: Cursor): Promise<Step> {
  const { after: _, ...still } = cursor;
  const { items, next } = await entriesAt(run, cursor);
  const ledgerFrom = Math.min(cursor.ledgerFrom, ...items.map(({ at }) => at - HOUR));
  const part: Part = { claims: [], entries: items };
  if (next !== undefined) return { part, next: { ...cursor, ledgerFrom, after: next } };
  return { part, next: { ...still, ledgerFrom, step: windowOf(run.place) ? 'done' : 'ledger' } };
}

async function readLedger(ports: ServicePorts, run: Run, cursor: Cursor): Promise<Step> {
  const { after, ...still } = cursor;
  const list = ledgerList(cursor.list, { from: cursor.ledgerFrom, now: cursor.startedAt });
  if (list === undefined) {
    const step = windowOf(run.place) ? 'entries' : 'done';
    return { part: { claims: [], entries: [] }, next: { ...still, step } };
  }
  const { items, next } = await claimsIn(ports.documents, { list, vendor: run.provider.vendor, after });
  const entriesFrom = Math.min(cursor.entriesFrom, earliestSent(run.place, items));
  const part: Part = { claims: items, entries: [] };
  if (next !== undefined) return { part, next: { ...cursor, entriesFrom, after: next } };
  return { part, next: { ...still, entriesFrom, list: cursor.list + 1 } };
}

async function entriesAt(
  { provider, session, place }: Run,
  { entriesFrom, startedAt, after }: Cursor,
): Promise<{ items: Entry[]; next?: string }> {
  const page = after === undefined ? {} : { page: after };
  const window = windowOf(place);
  if (window) {
    const to = Math.min(window.to + DAY, startedAt);
    return await provider.settlements(session, { from: entriesFrom, to, ...page });
  }
  const payout = payoutIn(place) ?? '';
  const told = await provider.payoutEntries?.(session, { payout, ...page });
  return told ?? { items: [] };
}

/** Of what the hub learnt on this day, when the first request for it left: its entry is not older. */
function earliestSent(place: Place, claims: readonly Claim[]): number {
  const window = windowOf(place);
  if (!window) return Number.POSITIVE_INFINITY;
  const spans = claims.flatMap(({ taken, refunds }) => [...(taken ? [taken] : []), ...refunds]);
  const told = spans.filter(({ until }) => until >= window.from && until < window.to);
  return Math.max(window.from - FURTHEST, Math.min(...told.map(({ from }) => from - HOUR)));
}

async function collected(ports: ServicePorts, place: Place, { parts, startedAt }: Cursor): Promise<Gathered> {
  const all: Part[] = [];
  for (let n = 0; n < parts; n += 1) {
    const part = await readDocument(ports, partKey(place, n), PartSchema);
    if (!part) throw new Error(`part ${n} of the report ${place.name} is gone: it is made anew`);
    all.push(part);
  }
  const entries = new Map(all.flatMap((each) => each.entries).map((entry) => [entry.id, entry]));
  return { startedAt, entries: [...entries.values()], claims: all.flatMap((each) => each.claims) };
}
