import { bookDispute } from './sandbox-ledger.ts';
import { disputeObject } from './sandbox-objects.ts';
import type { Charge, Dispute } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

/** The payer's bank takes the money back until it has decided. */
export function openDispute(world: World, charge: Charge): string {
  const { id: of, intent, amountCaptured: amount, currency } = charge;
  const id = world.newId('du');
  const created = world.seconds();
  const dispute: Dispute = {
    ...{ id, charge: of, intent, created, amount, currency },
    ...{ movements: [], status: 'needs_response' },
  };
  charge.disputed = true;
  world.disputes.set(id, dispute);
  bookDispute(world, dispute, true);
  tell(world, 'created', dispute);
  tell(world, 'funds_withdrawn', dispute);
  return id;
}

export function closeDispute(world: World, dispute: Dispute, won: boolean): void {
  dispute.status = won ? 'won' : 'lost';
  if (won) bookDispute(world, dispute, false);
  tell(world, 'closed', dispute);
  if (won) tell(world, 'funds_reinstated', dispute);
}

function tell(world: World, what: string, dispute: Dispute): void {
  world.outbox.tell(`charge.dispute.${what}`, disputeObject(dispute));
}
