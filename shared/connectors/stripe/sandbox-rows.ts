export type Json = { [name: string]: unknown };

export interface LastError {
  type: string;
  code: string;
  message: string;
  decline_code?: string;
  advice_code?: string;
  charge?: string;
}

/** What is stored of a PaymentIntent; times in seconds since 1970. */
export interface Intent {
  readonly id: string;
  readonly created: number;
  readonly clientSecret: string;
  readonly amount: number;
  readonly currency: string;
  readonly captureMethod: 'automatic' | 'automatic_async' | 'manual';
  readonly allowRedirects: 'always' | 'never';
  readonly description: string | null;
  metadata: Readonly<Record<string, string>>;
  status: IntentState;
  paymentMethod: string | null;
  returnUrl: string | null;
  received: number;
  charge: string | null;
  lastError: LastError | null;
  nextAction: Json | null;
  canceledAt: number | null;
  cancellationReason: string | null;
}

export type IntentState =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'canceled'
  | 'succeeded';

export interface Charge {
  readonly id: string;
  readonly intent: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly paymentMethod: string;
  readonly failure: LastError | null;
  /** Holds end after seven days. */
  readonly holdEnds: number;
  captured: boolean;
  amountCaptured: number;
  amountRefunded: number;
  disputed: boolean;
  movement: string | null;
}

export interface Refund {
  readonly id: string;
  readonly charge: string;
  readonly intent: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string | null;
  metadata: Readonly<Record<string, string>>;
  status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  failureReason: string | null;
  movement: string | null;
  failureMovement: string | null;
}

/** A balance transaction. */
export interface Movement {
  readonly id: string;
  readonly created: number;
  readonly type: string;
  readonly category: string;
  readonly amount: number;
  readonly fee: number;
  readonly currency: string;
  readonly source: string | null;
  readonly description: string | null;
  payout: string | null;
}

export interface Dispute {
  readonly id: string;
  readonly charge: string;
  readonly intent: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  readonly movements: string[];
  status: 'needs_response' | 'under_review' | 'won' | 'lost';
}

export interface Payout {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly currency: string;
  status: 'in_transit' | 'paid' | 'failed';
  movement: string | null;
  failureMovement: string | null;
}
