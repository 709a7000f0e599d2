import * as z from 'zod';
import type { SandboxEdit } from '../sandbox.ts';
import { dayAt, onTheWall } from './sandbox-calendar.ts';
import { type Desk, day, filledIn, found } from './sandbox-desk-form.ts';
import { isReturned } from './sandbox-holdings.ts';
import { idIn } from './sandbox-row-values.ts';
import { giveBack } from './sandbox-ticket-desk.ts';

/** `Time` on the wall, as HH:MM. */
const ShowFormSchema = z.strictObject({
  Day: day.optional(),
  Time: z.iso.time({ precision: -1 }).optional(),
  Description: z.string().min(1).optional(),
  /** Of a new one. */
  Timed: z.boolean().default(false),
  /** All its tickets are returned at once. */
  Cancelled: z.boolean().optional(),
});

/** Without an id a new performance; with one it is moved, renamed or cancelled (`remove` cancels too). */
export function editShow(desk: Desk, { id: key, set, remove }: SandboxEdit): number {
  const { store, actor } = desk;
  const form = filledIn(ShowFormSchema, remove ? { ...set, Cancelled: true } : set);
  const before =
    key === undefined ? undefined : found('performance', Number(key), store.shows.get(Number(key)));
  const onDay = form.Day ?? dayAt(before?.start ?? store.now());
  const moved = form.Day !== undefined || form.Time !== undefined;
  const start = moved || !before ? onTheWall(onDay, minutesOf(form.Time ?? '19:30')) : before.start;
  const description = form.Description ?? before?.description ?? 'Special Event';
  if (!before) return store.shows.add(actor, { start, description, timed: form.Timed });
  const cancelled = form.Cancelled ?? before.cancelled;
  store.shows.change(actor, before.id, { start, description, cancelled });
  if (cancelled && !before.cancelled) returnAll(desk, before.id);
  return before.id;
}

function returnAll(desk: Desk, performance: number): void {
  for (const constituent of desk.store.buyersOf(performance)) {
    const theirs = desk.store
      .children('SubLineItems', constituent)
      .filter((row) => idIn(row.Performance) === performance && !isReturned(row));
    for (const ticket of theirs) giveBack(desk, ticket.Id);
  }
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
