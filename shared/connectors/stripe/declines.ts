import type { PaymentError } from './schema.ts';

/**
 * `hard`: never again with this instrument. `payer`: only with the payer's help, so another try by ourselves is as
 * useless. `soft`: may work later or elsewhere.
 */
type DeclineClass = 'hard' | 'payer' | 'soft';

/** What the issuer advises goes before our reading of its code ("Declines", advice codes). */
const ADVICE: Readonly<Record<string, DeclineClass>> = {
  do_not_try_again: 'hard',
  confirm_card_data: 'payer',
  try_again_later: 'soft',
};

/** By decline code, then by error code ("Decline codes", "Error codes"); codes that are not listed are soft. */
const CODES: Readonly<Record<string, DeclineClass>> = {
  ...classed(
    'hard',
    `expired_card fraudulent highest_risk_level incorrect_number invalid_account invalid_number lost_card merchant_blacklist
     new_account_information_available no_action_taken pickup_card restricted_card revocation_of_all_authorizations
     revocation_of_authorization security_violation stolen_card stop_payment_order`,
  ),
  ...classed(
    'payer',
    `authentication_required authentication_not_handled incorrect_address incorrect_cvc incorrect_pin incorrect_zip
     invalid_cvc invalid_expiry_month invalid_expiry_year invalid_pin mobile_device_authentication_required
     offline_pin_required online_or_offline_pin_required payment_intent_authentication_failure pin_try_exceeded`,
  ),
  ...classed(
    'soft',
    `approve_with_id call_issuer card_decline_rate_limit_exceeded card_declined card_not_supported card_velocity_exceeded
     currency_not_supported do_not_honor duplicate_transaction generic_decline insufficient_funds invalid_amount
     issuer_not_available not_permitted payment_intent_payment_attempt_failed processing_error
     reenter_transaction service_not_allowed transaction_not_allowed try_again_later withdrawal_count_limit_exceeded`,
  ),
};

/** The most telling code, and whether another try of ours with this instrument is useless. */
export function declineOf(error: PaymentError): { code: string; hard: boolean } {
  const code = safeCode(error.decline_code) ?? safeCode(error.code) ?? 'card_declined';
  const byAdvice = error.advice_code ? ADVICE[error.advice_code] : undefined;
  const known = byAdvice ?? CODES[code] ?? (error.code ? CODES[error.code] : undefined) ?? 'soft';
  return { code, hard: known !== 'soft' };
}

/** A code of Stripe's that is safe to show; undefined for anything else. */
export function safeCode(code: string | null | undefined): string | undefined {
  return typeof code === 'string' && /^[a-z][a-z0-9_]{1,79}$/.test(code) ? code : undefined;
}

function classed(as: DeclineClass, codes: string): Record<string, DeclineClass> {
  return Object.fromEntries(codes.split(/\s+/).map((code) => [code, as]));
}
