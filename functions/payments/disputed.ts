import * as z from 'zod';
import { readDocument } from '../../shared/engine/documents.ts';
import type { Documents } from '../../shared/engine/filing.ts';

/** How far a dispute is; the first two are open. */
export const STANDINGS = ['needs-response', 'under-review', 'won', 'lost', 'closed'] as const;
type Standing = (typeof STANDINGS)[number];

/** The disputes about one payment at a provider, by their ids. */
const DisputedSchema = z.strictObject({ standings: z.record(z.string(), z.enum(STANDINGS)) });

/** Notes that a payment at a provider is disputed, and how far that is. */
export async function noteStanding(
  documents: Documents,
  dispute: { provider: string; paymentId: string; id: string; standing: Standing },
): Promise<void> {
  const { provider, paymentId, id, standing } = dispute;
  const key = keyOf(provider, paymentId);
  for (;;) {
    const stored = await documents.get(key);
    const { standings } = stored ? DisputedSchema.parse(stored.value) : { standings: {} };
    if (standings[id] === standing) return;
    if (await documents.put(key, { standings: { ...standings, [id]: standing } }, stored?.revision)) return;
  }
}

/** Of payments at a provider, whether a dispute about them is open; those without any are left out. */
export async function openDisputes(
  documents: Documents,
  provider: string,
  paymentIds: readonly string[],
): Promise<Map<string, boolean>> {
  const open = new Map<string, boolean>();
  for (const paymentId of new Set(paymentIds)) {
    const known = await readDocument({ documents }, keyOf(provider, paymentId), DisputedSchema);
    if (known) open.set(paymentId, Object.values(known.standings).some(isOpen));
  }
  return open;
}

function isOpen(standing: Standing): boolean {
  return standing === 'needs-response' || standing === 'under-review';
}

function keyOf(provider: string, paymentId: string): string {
  return `payment-disputed/${provider}/${paymentId}`;
}
