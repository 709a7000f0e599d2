import type { Standing } from '../../../shared/connectors/payment-provider.ts';
import type { PayWorld } from './pay-world.ts';

/** A payment as the provider keeps it. */
export interface Kept {
  id: string;
  /** Key of the call that made it. */
  key: string;
  reference: string;
  amount: number;
  standing: Standing;
  captured: number;
  heldAt: number | undefined;
  refunds: KeptRefund[];
  /** What it had been declined with. */
  decline?: { code: string; hard: boolean };
}

export interface KeptRefund {
  id: string;
  key: string;
  amount: number;
  standing: 'pending' | 'succeeded' | 'failed';
}

/** What moved money at one provider, as its own books have it; the oracle reads nothing else. */
export class PayBooks {
  readonly world: PayWorld;
  readonly vendor: string;
  readonly kept = new Map<string, Kept>();
  /** Payments of ours that were ever declined here. */
  readonly declines = new Set<string>();
  /** Replaced by the run: money was taken, or something else changed. */
  onCapture: (payment: string, kept: Kept) => void = () => undefined;
  onChange: (payment: string) => void = () => undefined;
  /** A request with this key has arrived. */
  onArrival: (key: string) => void = () => undefined;
  #ids = 0;

  constructor(world: PayWorld, vendor: string) {
    this.world = world;
    this.vendor = vendor;
  }

  make(key: string, reference: string, amount: number): Kept {
    this.#ids += 1;
    const id = `${this.vendor}_${this.#ids}`;
    const kept: Kept = {
      id,
      key,
      reference,
      amount,
      standing: 'prepared',
      captured: 0,
      heldAt: undefined,
      refunds: [],
    };
    this.kept.set(id, kept);
    return kept;
  }

  change(kept: Kept, standing: Standing): void {
    kept.standing = standing;
    if (standing === 'held') kept.heldAt = this.world.now;
    this.world.tell(this.vendor, () => `${kept.reference} ${kept.id} ${standing}`);
    this.onChange(paymentOf(kept));
  }

  capture(kept: Kept, amount: number): void {
    kept.captured = amount;
    this.change(kept, 'captured');
    this.onCapture(paymentOf(kept), kept);
  }

  /** The payer's bank decides about one request: a hold or a charge, now or later. */
  decide(
    kept: Kept,
    how: 'hold' | 'charge',
    options: { needsPayer: boolean; terminalDecline: boolean },
  ): void {
    const { dice, weights } = this.world;
    const roll = dice.next();
    const { hard, soft, pending, needsPayer } = weights;
    if (roll < hard + soft) this.#decline(kept, roll < hard, options.terminalDecline);
    else if (roll < hard + soft + pending) this.#later(kept, 'pending', how);
    else if (options.needsPayer && roll < hard + soft + pending + needsPayer)
      this.#later(kept, 'needs-payer', how);
    else this.#accept(kept, how);
  }

  #accept(kept: Kept, how: 'hold' | 'charge'): void {
    if (how === 'hold') this.change(kept, 'held');
    else this.capture(kept, kept.amount);
  }

  #decline(kept: Kept, hard: boolean, isKept: boolean): void {
    kept.decline = { code: hard ? 'stolen_card' : 'insufficient_funds', hard };
    this.declines.add(paymentOf(kept));
    if (isKept) this.change(kept, 'declined');
  }

  #later(kept: Kept, standing: 'pending' | 'needs-payer', how: 'hold' | 'charge'): void {
    const { dice } = this.world;
    this.change(kept, standing);
    // Some payers never come back.
    if (standing === 'needs-payer' && dice.chance(0.3)) return;
    this.world.after(dice.between(30_000, 3_000_000), () => {
      if (kept.standing !== standing) return;
      if (dice.chance(0.8)) this.#accept(kept, how);
      else this.#decline(kept, false, true);
    });
  }
}

export function paymentOf({ reference }: Pick<Kept, 'reference'>): string {
  return reference.split('.')[0] ?? reference;
}
