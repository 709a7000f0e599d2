import type { Instrument } from './sandbox-instruments.ts';
import type { Money } from './sandbox-money.ts';
import type { Json } from './sandbox-replies.ts';

export interface Order {
  readonly id: string;
  readonly created: number;
  readonly amount: Money;
  customId: string | undefined;
  readonly description: string | undefined;
  intent: 'AUTHORIZE' | 'CAPTURE';
  status: 'CREATED' | 'APPROVED' | 'PAYER_ACTION_REQUIRED' | 'COMPLETED' | 'VOIDED';
  /** Where the payer goes afterwards. */
  readonly returnUrl: string | undefined;
  readonly source: Json | undefined;
  hold?: Hold;
  /** Of an order that was captured without a hold. */
  direct?: Capture;
}

export interface Hold {
  readonly id: string;
  readonly order: Order;
  readonly created: number;
  readonly instrument: Instrument;
  status: 'CREATED' | 'CAPTURED' | 'DENIED' | 'PARTIALLY_CAPTURED' | 'VOIDED' | 'PENDING';
  readonly captures: Capture[];
}

export interface Capture {
  readonly id: string;
  readonly order: Order;
  readonly created: number;
  readonly amount: Money;
  readonly final: boolean;
  readonly instrument: Instrument;
  readonly invoiceId: string | undefined;
  status: 'COMPLETED' | 'PENDING' | 'DECLINED' | 'PARTIALLY_REFUNDED' | 'REFUNDED';
  readonly refunds: Refund[];
}

export interface Refund {
  readonly id: string;
  readonly capture: Capture;
  readonly created: number;
  readonly amount: Money;
  readonly invoiceId: string | undefined;
  readonly customId: string | undefined;
  status: 'COMPLETED' | 'PENDING' | 'FAILED';
}

export interface Dispute {
  readonly id: string;
  readonly capture: Capture;
  readonly created: number;
  updated: number;
  status: 'OPEN' | 'WAITING_FOR_SELLER_RESPONSE' | 'UNDER_REVIEW' | 'RESOLVED';
  outcome?: 'RESOLVED_BUYER_FAVOUR' | 'RESOLVED_SELLER_FAVOUR';
}

/** One line of the transaction list. */
export interface Line {
  readonly id: string;
  readonly at: number;
  /** `T0006`. */
  readonly code: string;
  readonly amount: Money;
  readonly fee?: Money;
  readonly related?: string;
  readonly customId?: string | undefined;
  /** `S` completed, `P` pending, `D` denied. */
  readonly status: 'S' | 'P' | 'D';
}

/** Captures whose money was taken. */
export function isTaken({ status }: Capture): boolean {
  return status === 'COMPLETED' || status === 'PARTIALLY_REFUNDED' || status === 'REFUNDED';
}

export function capturesOf(order: Order): Capture[] {
  return [...(order.hold?.captures ?? []), ...(order.direct ? [order.direct] : [])];
}

export function total(parts: readonly { amount: Money }[]): number {
  return parts.reduce((sum, { amount }) => sum + amount.units, 0);
}
