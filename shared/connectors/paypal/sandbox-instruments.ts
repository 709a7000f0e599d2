import { type Json, unprocessable } from './sandbox-replies.ts';

/** What an instrument does when it is authorised, and later. */
export interface Instrument {
  /** A processor's no: the hold is made and shown as DENIED. */
  denied?: { response_code: string; payment_advice_code?: string };
  review?: true;
  refund?: 'pending' | 'fails';
  /** Is disputed as soon as it is captured. */
  disputed?: true;
  /** The payer must act first. */
  challenge?: true;
}

const INSTRUMENTS: Readonly<Record<string, Instrument>> = {
  ok: {},
  denied: { denied: { response_code: '5100' } },
  insufficient_funds: { denied: { response_code: '5120', payment_advice_code: '02' } },
  expired_card: { denied: { response_code: '5400' } },
  lost_or_stolen: { denied: { response_code: '9520', payment_advice_code: '03' } },
  review: { review: true },
  challenge: { challenge: true },
  refund_pending: { refund: 'pending' },
  refund_fails: { refund: 'fails' },
  disputed: { disputed: true },
};

/**
 * By the id of a saved card, wallet or agreement: a word of the table, perhaps with `-` and more behind it, or
 * `issue_` and an issue of PayPal's, e.g. `issue_INSTRUMENT_DECLINED`, which the authorisation is then refused with.
 */
export function instrumentOf(id: string): Instrument {
  const issue = id.match(/^issue_([A-Z_]+)$/)?.[1];
  if (issue !== undefined) throw unprocessable(issue);
  const word = id.split('-')[0] ?? '';
  const known = Object.hasOwn(INSTRUMENTS, word) ? INSTRUMENTS[word] : undefined;
  if (!known) throw unprocessable('TOKEN_ID_NOT_FOUND', '/payment_source');
  return known;
}

/** The id inside a payment source. */
export function savedId(source: Json): string | undefined {
  const parts = [source.card, source.paypal, source.token].filter((each) => isObject(each));
  const ids = parts.flatMap((each) => [each.vault_id, each.id]);
  return ids.find((each) => typeof each === 'string');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
