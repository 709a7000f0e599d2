export type Json = { [name: string]: unknown };

/** One error, as answers and failed cards carry it. */
export interface Problem {
  category: string;
  code: string;
  detail: string;
  field?: string;
}

export type PaymentState = 'APPROVED' | 'PENDING' | 'COMPLETED' | 'CANCELED' | 'FAILED';

/** What is stored of a Payment; times in milliseconds since 1970. */
export interface Payment {
  readonly id: string;
  readonly created: number;
  readonly order: string;
  readonly amount: number;
  readonly currency: string;
  readonly source: string;
  readonly reference: string | undefined;
  readonly note: string | undefined;
  readonly autocomplete: boolean;
  readonly delayAction: 'CANCEL' | 'COMPLETE';
  readonly delayMs: number;
  readonly failure: Problem | undefined;
  status: PaymentState;
  updated: number;
  version: number;
  refunded: number;
  fee: number;
  readonly refunds: string[];
  /** Was it approved, and when was the money taken or the hold released? */
  approvedAt: number | undefined;
  capturedAt: number | undefined;
  voidedAt: number | undefined;
  disputed: boolean;
}

export interface Refund {
  readonly id: string;
  readonly payment: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string | undefined;
  status: 'PENDING' | 'COMPLETED' | 'REJECTED' | 'FAILED';
  updated: number;
}

/** One line of the account's balance; `payout` once it was paid out. */
export interface Entry {
  readonly id: string;
  readonly at: number;
  readonly type: string;
  readonly gross: number;
  readonly fee: number;
  readonly currency: string;
  readonly about: { payment_id?: string; refund_id?: string; dispute_id?: string };
  payout: string | undefined;
}

export interface Dispute {
  readonly id: string;
  readonly payment: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  state: 'EVIDENCE_REQUIRED' | 'PROCESSING' | 'WON' | 'LOST' | 'ACCEPTED';
  version: number;
  updated: number;
}

export interface Payout {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  status: 'SENT' | 'PAID' | 'FAILED';
  version: number;
  updated: number;
}
