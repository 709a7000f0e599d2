import * as z from 'zod';
import { amend, readDocument } from '../../../shared/engine/documents.ts';
import { command, type Office, whole } from './command.ts';

const KEY = 'payment-journal/operators';
const MOST = 200;

const EntrySchema = z.strictObject({
  at: z.number(),
  what: z.string(),
  /** The provider, payment, key or merchant that it was about. */
  about: z.string(),
  reason: z.string().optional(),
});
/** One thing that an operator did. */
export type Entry = z.infer<typeof EntrySchema>;
const JournalSchema = z.strictObject({ version: z.literal(1), entries: z.array(EntrySchema) });

/** Newest first. */
export const JournalAnswer = z.object({ items: z.array(EntrySchema) });

/** Notes what an operator did; the last 200 are kept, and the log has all of them. */
export async function note(
  { ports }: Pick<Office, 'ports'>,
  { what, about, reason }: Omit<Entry, 'at'>,
): Promise<void> {
  const entry: Entry = { at: ports.clock.now(), what, about, ...(reason !== undefined && { reason }) };
  ports.log({ log: 'operator', ...entry });
  await amend(ports, KEY, JournalSchema, (known) => ({
    version: 1 as const,
    entries: [entry, ...(known?.entries ?? [])].slice(0, MOST),
  }));
}

/** Newest first. */
export async function readJournal({ ports }: Pick<Office, 'ports'>): Promise<readonly Entry[]> {
  return (await readDocument(ports, KEY, JournalSchema))?.entries ?? [];
}

export const journal = command(
  z.strictObject({ last: whole(1, MOST).optional() }),
  async (office, { last = 50 }) => ({
    items: (await readJournal(office)).slice(0, last),
  }),
);
