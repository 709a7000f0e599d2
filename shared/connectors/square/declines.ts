import type { SquareError } from './schema.ts';

/**
 * `hard`: never again with this instrument. `payer`: only with the payer's help, so another try by ourselves is as
 * useless. `soft`: may work later or elsewhere.
 */
type DeclineClass = 'hard' | 'payer' | 'soft';

/** By error code ("Error codes", payment errors). */
const CODES: Readonly<Record<string, DeclineClass>> = {
  ...classed(
    'hard',
    `ACCOUNT_UNUSABLE ALLOWABLE_PIN_TRIES_EXCEEDED CARD_EXPIRED INVALID_ACCOUNT INVALID_CARD INVALID_CARD_DATA
     PAN_FAILURE UNSUPPORTED_CARD_BRAND`,
  ),
  ...classed(
    'payer',
    `ADDRESS_VERIFICATION_FAILURE BAD_EXPIRATION BUYER_REFUSED_PAYMENT CARD_DECLINED_VERIFICATION_REQUIRED
     CARD_PRESENCE_REQUIRED CHIP_INSERTION_REQUIRED CVV_FAILURE EXPIRATION_FAILURE INVALID_EXPIRATION
     INVALID_EXPIRATION_DATE INVALID_EXPIRATION_YEAR INVALID_PIN INVALID_POSTAL_CODE MISSING_ACCOUNT_TYPE MISSING_PIN
     VERIFY_AVS_FAILURE VERIFY_CVV_FAILURE`,
  ),
  ...classed(
    'soft',
    `CARDHOLDER_INSUFFICIENT_PERMISSIONS CARD_DECLINED CARD_DECLINED_CALL_ISSUER CARD_NOT_SUPPORTED GENERIC_DECLINE
     GIFT_CARD_AVAILABLE_AMOUNT INSUFFICIENT_FUNDS ISSUER_INSTALLMENT_ERROR PAYMENT_LIMIT_EXCEEDED READER_DECLINED
     REFUND_DECLINED RESERVATION_DECLINED TRANSACTION_LIMIT VOICE_FAILURE`,
  ),
};

/** Does this code say no to the payer, whatever its category? */
export function isDecline(code: string): boolean {
  return Object.hasOwn(CODES, code);
}

/** The code, and whether another try of ours with this instrument is useless; codes that are not listed are soft. */
export function declineOf(error: SquareError | undefined): { code: string; hard: boolean } {
  const code = safeCode(error?.code) ?? 'GENERIC_DECLINE';
  return { code, hard: (isDecline(code) ? CODES[code] : 'soft') !== 'soft' };
}

/** A code of Square's that is safe to show; undefined for anything else. */
export function safeCode(code: string | null | undefined): string | undefined {
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,79}$/.test(code) ? code : undefined;
}

function classed(as: DeclineClass, codes: string): Record<string, DeclineClass> {
  return Object.fromEntries(codes.split(/\s+/).map((code) => [code, as]));
}
