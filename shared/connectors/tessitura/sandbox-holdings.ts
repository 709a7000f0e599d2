import * as z from 'zod';
import { TICKET } from './sandbox-history.ts';
import type { Row } from './sandbox-people.ts';
import type { Store } from './sandbox-store.ts';

/** What a constituent has open at the box office. */
export type Holding = 'unpaid' | 'to come';

const StatusSchema = z.object({ Description: z.string() });
const WhenSchema = z.object({ PerformanceDateTime: z.string() });

/** A ticket that lets somebody in. */
export function isHeld({ SubLineItemStatus }: Row): boolean {
  const word = StatusSchema.safeParse(SubLineItemStatus).data?.Description;
  return word === TICKET.printed.Description || word === TICKET.paid.Description;
}

export function isReturned({ SubLineItemStatus }: Row): boolean {
  return StatusSchema.safeParse(SubLineItemStatus).data?.Description === TICKET.returned.Description;
}

export function holdingsOf(store: Store, constituent: number): Holding[] {
  return store.children('SubLineItems', constituent).flatMap((row): Holding[] => {
    if (isReturned(row)) return [];
    if (!isHeld(row)) return ['unpaid'];
    const when = WhenSchema.safeParse(row.Performance).data?.PerformanceDateTime ?? '';
    return Date.parse(when) > store.now() ? ['to come'] : [];
  });
}
