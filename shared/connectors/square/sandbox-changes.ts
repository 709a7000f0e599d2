import { disputeObject, paymentObject, payoutObject, refundObject } from './sandbox-objects.ts';
import type { Dispute, Json, Payment, Payout, Refund } from './sandbox-rows.ts';
import type { World } from './sandbox-world.ts';

/** A payment is new or has changed: a version for the lists, and an event. */
export function paymentChanged(world: World, payment: Payment): void {
  const isNew = payment.version === 0;
  payment.version += 1;
  payment.updated = world.now();
  tell(world, isNew ? 'payment.created' : 'payment.updated', {
    ...{ kind: 'payment', id: payment.id, object: paymentObject(world, payment) },
  });
}

export function refundChanged(world: World, refund: Refund, isNew = false): void {
  refund.updated = world.now();
  tell(world, isNew ? 'refund.created' : 'refund.updated', {
    ...{ kind: 'refund', id: refund.id, object: refundObject(world, refund) },
  });
}

export function disputeChanged(world: World, dispute: Dispute): void {
  dispute.version += 1;
  dispute.updated = world.now();
  tell(world, dispute.version === 1 ? 'dispute.created' : 'dispute.state.updated', {
    ...{ kind: 'dispute', id: dispute.id, object: disputeObject(world, dispute) },
  });
}

export function payoutChanged(world: World, payout: Payout): void {
  payout.version += 1;
  payout.updated = world.now();
  tell(world, `payout.${payout.status.toLowerCase()}`, {
    ...{ kind: 'payout', id: payout.id, object: payoutObject(world, payout) },
  });
}

function tell(
  world: World,
  type: string,
  { kind, id, object }: { kind: string; id: string; object: Json },
): void {
  // As it was then: a later change is another version and another event.
  const frozen = structuredClone(object);
  world.versions.set(id, [...(world.versions.get(id) ?? []), { at: world.now(), object: frozen }]);
  world.changes.count += 1;
  world.outbox.tell(type, { type: kind, id, object: { [kind]: frozen } });
}
