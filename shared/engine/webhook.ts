import type { Millis } from './ports.ts';
import type { AccountRef, Session } from './session.ts';

/** The largest webhook body we read; every vendor here sends far less. */
export const MAX_WEBHOOK_BYTES = 256 * 1024;

export interface WebhookRequest {
  method: string;
  /** The public URL, exactly as the vendor was given it, query included; never built from a Host header. */
  url: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  /** The bytes as they came: a signature is over these, not over anything parsed. */
  body: Uint8Array;
  receivedAt: Millis;
}

/** A record that may have changed. */
export interface WebhookChange {
  collection: string;
  id: string;
  /** `id` is a record of the collection's target, not of its source. */
  atTarget?: boolean;
  /** It goes by the flow's urgent lane, if it has one. */
  urgent?: boolean;
  /** The person was erased there on request: a read will only show that the record is gone. */
  erased?: boolean;
}

/** What a vendor's webhook says, once its signature is checked. */
export type WebhookVerdict =
  | {
      kind: 'accepted';
      /** Records that may have changed; events of a type that we do not use are only counted. */
      changes: readonly WebhookChange[];
      ignored: number;
    }
  /** 401: the signature is missing, wrong or stale. `reason` is safe to log. */
  | { kind: 'forged'; reason: string }
  /** 400: signed or unsigned, it is not what the vendor documents. */
  | { kind: 'malformed'; reason: string };

/** One vendor's webhook for one flow. */
export interface WebhookEndpoint {
  readonly account: AccountRef;
  readonly methods: readonly string[];
  read(session: Session, request: WebhookRequest): Promise<WebhookVerdict>;
}
