import { disputeChanged } from './sandbox-changes.ts';
import { bookDispute } from './sandbox-ledger.ts';
import type { Dispute, Payment } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

/** The payer's bank takes the money back until it has decided. */
export function openDispute(world: World, payment: Payment): string {
  const at = world.now();
  const { id: of, amount, refunded, currency } = payment;
  const dispute: Dispute = {
    ...{ id: world.draw(22), payment: of, created: at, updated: at, amount: amount - refunded, currency },
    ...{ state: 'EVIDENCE_REQUIRED', version: 0 },
  };
  payment.disputed = true;
  world.disputes.set(dispute.id, dispute);
  bookDispute(world, dispute, true);
  disputeChanged(world, dispute);
  return dispute.id;
}

export function closeDispute(world: World, dispute: Dispute, won: boolean): void {
  if (dispute.state === 'WON' || dispute.state === 'LOST') return;
  dispute.state = won ? 'WON' : 'LOST';
  if (won) bookDispute(world, dispute, false);
  disputeChanged(world, dispute);
}
