import type { Session } from '../../engine/session.ts';
import type { Look, ShownDispute } from '../payment-provider.ts';
import { look } from './client.ts';
import { changed } from './faults.ts';
import { fromSquare } from './money.ts';
import { type Dispute, DisputeReplySchema } from './schema.ts';

const OPERATION = 'disputes.get';

/** The dispute as it is now. */
export async function readDispute(session: Session, id: string): Promise<Look<ShownDispute>> {
  const path = `/v2/disputes/${encodeURIComponent(id)}`;
  const found = (await look(session, { operation: OPERATION, path }, DisputeReplySchema))?.dispute;
  if (!found) return { kind: 'absent' };
  if (found.id !== id) throw changed(OPERATION, 'dispute.id', 'it is another dispute');
  return { kind: 'found', shown: shownOf(found) };
}

function shownOf(dispute: Dispute): ShownDispute {
  const { id, reason, disputed_payment, created_at, due_at } = dispute;
  const amount = fromSquare(dispute.amount_money);
  if (!amount) throw changed(OPERATION, 'dispute.amount_money', 'it is no amount');
  const respondBy = Date.parse(due_at ?? '');
  return {
    ...{ id, amount, standing: standingOf(dispute), openedAt: Date.parse(created_at) },
    ...{ paymentId: disputed_payment?.payment_id ?? '', reason: reason ?? 'UNKNOWN' },
    ...(!Number.isNaN(respondBy) && { respondBy }),
  };
}

/** Inquiries take no money yet, and are answered all the same. Accepting is giving in. */
function standingOf({ state }: Dispute): ShownDispute['standing'] {
  switch (state) {
    case 'INQUIRY_EVIDENCE_REQUIRED':
    case 'EVIDENCE_REQUIRED':
      return 'needs-response';
    case 'INQUIRY_PROCESSING':
    case 'PROCESSING':
      return 'under-review';
    case 'WON':
      return 'won';
    case 'LOST':
    case 'ACCEPTED':
      return 'lost';
    case 'INQUIRY_CLOSED':
      return 'closed';
  }
}
