import type { Millis, Page } from '../engine/ports.ts';
import type { AccountRef, Session } from '../engine/session.ts';
import type { WebhookRequest } from '../engine/webhook.ts';

/** Integer minor units of an ISO 4217 currency in upper case; each connector converts to its provider's own form. */
export interface Amount {
  minor: number;
  currency: string;
}

/** What one call has to carry. `key` is the provider's idempotency key, at most 40 characters, stored before the call. */
export interface Charge {
  key: string;
  /** Ours, at most 40 characters; kept at the provider so that a payment is found again. */
  reference: string;
  amount: Amount;
  /** The provider's own token of a card or wallet. Never a card number. */
  instrument: string;
  /** Where the payer comes back to after a step of their own. */
  returnUrl?: string;
  /** Shown to the payer. */
  description?: string;
}

/** How far a payment is at its provider. */
export type Standing =
  /** Made, and no money can move before the next call of ours. */
  | 'prepared'
  /** The payer has to do something first. */
  | 'needs-payer'
  /** The provider is still at it. */
  | 'pending'
  /** A hold: the money is reserved, not taken. */
  | 'held'
  | 'captured'
  | 'voided'
  | 'declined'
  | 'expired';

/** A payment as its provider shows it; the only word that counts. */
export interface Shown {
  /** The provider's id of the payment. */
  id: string;
  standing: Standing;
  amount: Amount;
  captured: Amount;
  refunded: Amount;
  reference?: string;
  /** For `needs-payer`. */
  nextAction?: { type: 'redirect' | 'sdk'; url?: string; clientSecret?: string; expiresAt?: Millis };
  /** For `declined`: the provider's code, and whether another try with this instrument is useless. */
  decline?: { code: string; hard: boolean };
}

/** A refund as its provider shows it; one that `succeeded` may still fail later, which is a new fact. */
export interface ShownRefund {
  id: string;
  paymentId: string;
  standing: 'pending' | 'succeeded' | 'failed';
  amount: Amount;
  failure?: string;
}

/** A dispute as its provider shows it: the payer's bank, or the provider itself, has taken the payer's side so far. */
export interface ShownDispute {
  id: string;
  /** The provider's id of the payment. */
  paymentId: string;
  amount: Amount;
  /** The provider's word for why. */
  reason: string;
  /** `closed` = it ended without a winner, e.g. it was withdrawn. */
  standing: 'needs-response' | 'under-review' | 'won' | 'lost' | 'closed';
  /** Until when an answer counts. */
  respondBy?: Millis;
  openedAt: Millis;
}

/**
 * How a call ended. `refused` and `unsent` prove that nothing happened, but only about this very send; after an
 * earlier send of the same key they prove nothing about that one. `unknown` = nobody knows. No connector sends twice
 * by itself. Anything that cannot be called now (budget, breaker) is thrown as a Fault.
 */
export type Sent<T> =
  | { kind: 'answered'; shown: T }
  /** The provider said no to the payer: a final answer about this key. */
  | { kind: 'declined'; code: string; hard: boolean; shown?: T }
  /** The provider refused the request before it did anything: 401, 403, 429, a malformed field. */
  | {
      kind: 'refused';
      code: string;
      message: string;
      retryAfter?: Millis;
      field?: string;
      /** The same request would be refused again, whoever sends it: a malformed field, an unknown instrument. */
      permanent?: true;
    }
  /** No byte of the request left. */
  | { kind: 'unsent'; message: string }
  | { kind: 'unknown'; message: string };

/** What looking for a payment by its reference or key found. */
export type Look<T> =
  | { kind: 'found'; shown: T }
  /** Not there. Proof of absence only if the look began after nothing sent before can still arrive. */
  | { kind: 'absent' };

/** One line of what a provider paid out or kept. */
export interface SettlementEntry {
  id: string;
  /** The provider's id of the payment or refund it is about, if any. */
  about?: string;
  /** Ours, where the line carries it: the only tie for a provider whose lines do not name the payment. */
  reference?: string;
  kind: 'charge' | 'refund' | 'refund-failed' | 'dispute' | 'fee' | 'reserve' | 'payout' | 'adjustment';
  gross: Amount;
  fee: Amount;
  net: Amount;
  at: Millis;
  payout?: string;
}

/** What a provider's webhook may have changed: a hint, never the truth. */
export type ProviderHint =
  | { about: 'payment'; id: string; reference?: string }
  | { about: 'refund'; id: string; paymentId?: string }
  | { about: 'dispute'; id: string; paymentId?: string }
  | { about: 'payout'; id: string };

/** What a delivery is worth once its signature is checked; `ignored` counts events that are of no use to us. */
export type ProviderVerdict =
  | { kind: 'accepted'; hints: readonly ProviderHint[]; ignored: number }
  | { kind: 'forged'; reason: string }
  | { kind: 'malformed'; reason: string };

/** What the hub needs of a payment provider. Every call is one send with a deadline of its own. */
export interface PaymentProvider {
  readonly vendor: string;
  readonly title: string;
  readonly account: AccountRef;
  /**
   * `two-step`: preparing makes an object that moves no money, and authorising acts on its id.
   * `one-step`: authorising is the first call, found again by its key.
   */
  readonly opens: 'two-step' | 'one-step';
  /** The longest time that the provider may still carry out a request that we gave up on, and where that is from. */
  readonly lateness: Millis;
  /** How long a key may be sent again. */
  readonly keyLife: Millis;
  /** Does the provider take this amount in this currency? A sentence that says why not. */
  objection(amount: Amount): string | undefined;
  /** Two-step only: makes the object. */
  prepare?(session: Session, charge: Charge): Promise<Sent<Shown>>;
  /** A hold of the whole amount; never takes the money. `id` is the prepared object's where the provider is two-step. */
  authorise(session: Session, charge: Charge, id: string | undefined): Promise<Sent<Shown>>;
  /** For instruments that cannot be held: takes the money at once. Absent where every instrument can be held. */
  charge?(session: Session, charge: Charge, id: string | undefined): Promise<Sent<Shown>>;
  /** A hold can only be taken whole: no part of it. */
  readonly wholeCaptureOnly?: true;
  /** Takes the held money, once, whole or a part; the rest is released. */
  capture(
    session: Session,
    of: { id: string; key: string; amount: Amount; final: boolean },
  ): Promise<Sent<Shown>>;
  /** Releases a hold, or ends a prepared object so that it can never become one. */
  void(session: Session, of: { id: string; key: string }): Promise<Sent<Shown>>;
  /** One-step only: ends whatever a key may have opened or may still open. */
  voidByKey?(session: Session, key: string): Promise<Sent<undefined>>;
  refund(
    session: Session,
    of: { id: string; key: string; amount: Amount; reason?: string },
  ): Promise<Sent<ShownRefund>>;
  read(session: Session, id: string): Promise<Look<Shown>>;
  readRefund(session: Session, id: string): Promise<Look<ShownRefund>>;
  /** Absent where the provider has no disputes that can be read. */
  readDispute?(session: Session, id: string): Promise<Look<ShownDispute>>;
  /** Of a payment, the refund made under a key whose answer was lost; absent where the provider cannot tell. */
  findRefund?(session: Session, of: { paymentId: string; key: string }): Promise<Look<ShownRefund>>;
  /** By our reference, in a window of time: consistent where the provider promises that, never a search index. */
  find(session: Session, of: { reference: string; from: Millis; to: Millis }): Promise<Look<Shown>>;
  /** How long after money moved `settlements` surely shows it; a few hours unless said. */
  readonly settledAfter?: Millis;
  /** Money that moved in a window, page by page. */
  settlements(
    session: Session,
    window: { from: Millis; to: Millis; page?: string },
  ): Promise<Page<SettlementEntry>>;
  /** What one payout is made of, its own line included; only where `settlements` cannot tell the payout of a line. */
  payoutEntries?(session: Session, of: { payout: string; page?: string }): Promise<Page<SettlementEntry>>;
  webhook(session: Session, request: WebhookRequest): Promise<ProviderVerdict>;
}
