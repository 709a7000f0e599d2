/**
 * What an issue of a 422 (or 403) means for a call that wanted to move money:
 * - `hard`: never again with this instrument, or with this hold;
 * - `soft`: may work later or elsewhere;
 * - `payer`: the payer has to act first;
 * - `done`: an earlier call has done it, or is at it: only reading tells;
 * - `refused`: the request was wrong and nothing was done.
 */
export type IssueClass = 'hard' | 'soft' | 'payer' | 'done' | 'refused';

/** Names of issues as PayPal's OpenAPI documents of Orders v2 and Payments v2 list them; the classes are ours. */
export const ISSUES: Readonly<Record<IssueClass, string>> = {
  hard: `AGREEMENT_ALREADY_CANCELLED BILLING_AGREEMENT_NOT_FOUND CARD_BRAND_NOT_SUPPORTED CARD_EXPIRED
    COMPLIANCE_VIOLATION PAYER_ACCOUNT_LOCKED_OR_CLOSED PAYER_ACCOUNT_RESTRICTED PAYER_CANNOT_PAY
    REFERENCED_CARD_EXPIRED TOKEN_EXPIRED TOKEN_ID_NOT_FOUND TRANSACTION_BLOCKED_BY_PAYEE PAYEE_BLOCKED_TRANSACTION
    TRANSACTION_REFUSED PAYMENT_SOURCE_CANNOT_BE_USED MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED
    AUTHORIZATION_DENIED AUTHORIZATION_EXPIRED AUTHORIZATION_VOIDED
    REFUND_NOT_ALLOWED REFUND_TIME_LIMIT_EXCEEDED REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK REFUND_IS_RESTRICTED
    TRANSACTION_DISPUTED PARTIAL_REFUND_NOT_ALLOWED MAX_NUMBER_OF_REFUNDS_EXCEEDED`,
  soft: `INSTRUMENT_DECLINED DECLINED_DUE_TO_RELATED_TXN PAYMENT_SOURCE_DECLINED_BY_PROCESSOR
    PAYMENT_SOURCE_INFO_CANNOT_BE_VERIFIED TRANSACTION_LIMIT_EXCEEDED TRANSACTION_RECEIVING_LIMIT_EXCEEDED
    DOMESTIC_TRANSACTION_REQUIRED REFUND_FAILED_INSUFFICIENT_FUNDS PENDING_CAPTURE`,
  payer: 'PAYER_ACTION_REQUIRED REDIRECT_PAYER_FOR_ALTERNATE_FUNDING',
  done: `ORDER_ALREADY_AUTHORIZED ORDER_ALREADY_CAPTURED ORDER_ALREADY_COMPLETED ORDER_COMPLETED_OR_VOIDED
    ORDER_COMPLETION_IN_PROGRESS AUTHORIZATION_ALREADY_CAPTURED MAX_AUTHORIZATION_COUNT_EXCEEDED PREVIOUSLY_CAPTURED
    PREVIOUSLY_VOIDED DUPLICATE_INVOICE_ID PREVIOUS_REQUEST_IN_PROGRESS`,
  refused: `ACTION_DOES_NOT_MATCH_INTENT ORDER_NOT_APPROVED ORDER_EXPIRED ORDER_IS_PENDING_APPROVAL AMOUNT_MISMATCH
    AMOUNT_CANNOT_BE_SPECIFIED AUTHORIZATION_AMOUNT_EXCEEDED AUTHORIZATION_CURRENCY_MISMATCH AUTH_CAPTURE_NOT_ENABLED
    AUTH_CAPTURE_CURRENCY_MISMATCH CANCEL_URL_REQUIRED CANNOT_BE_NEGATIVE CANNOT_BE_ZERO_OR_NEGATIVE CANNOT_BE_VOIDED
    CAPTURE_FULLY_REFUNDED CURRENCY_MISMATCH DECIMALS_NOT_SUPPORTED DECIMAL_PRECISION INCOMPATIBLE_PARAMETER_VALUE
    INVALID_CURRENCY_CODE MAX_CAPTURE_AMOUNT_EXCEEDED MAX_CAPTURE_COUNT_EXCEEDED MAX_VALUE_EXCEEDED
    MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE NOT_ENABLED_FOR_CARD_PROCESSING NOT_PATCHABLE ONE_OF_PARAMETERS_REQUIRED
    PAYEE_ACCOUNT_INVALID PAYEE_ACCOUNT_LOCKED_OR_CLOSED PAYEE_ACCOUNT_RESTRICTED PAYMENT_SOURCE_MISMATCH
    PAYMENT_TYPE_NOT_SUPPORTED_FOR_INTENT PREFERRED_PAYMENT_SOURCE_MISMATCH REFUND_AMOUNT_EXCEEDED
    REFUND_AMOUNT_TOO_LOW REFUND_CAPTURE_CURRENCY_MISMATCH RETURN_URL_REQUIRED UNSUPPORTED_INTENT
    UNSUPPORTED_INTENT_FOR_PAYMENT_SOURCE PERMISSION_DENIED`,
};

/** The table by issue. */
export const CLASS_OF_ISSUE: ReadonlyMap<string, IssueClass> = new Map(
  classes().flatMap((each) => ISSUES[each].split(/\s+/).map((issue) => [issue, each] as const)),
);

function classes(): IssueClass[] {
  return ['hard', 'soft', 'payer', 'done', 'refused'];
}

/**
 * Refusals that are of this order, this moment or this merchant's account at PayPal: another order, or another
 * provider, may well take the same payment. All other refusals are of the request itself.
 */
export const PASSING: ReadonlySet<string> = new Set(
  `ORDER_NOT_APPROVED ORDER_IS_PENDING_APPROVAL ORDER_EXPIRED ACTION_DOES_NOT_MATCH_INTENT CANNOT_BE_VOIDED
  NOT_PATCHABLE PERMISSION_DENIED PAYEE_ACCOUNT_INVALID PAYEE_ACCOUNT_LOCKED_OR_CLOSED PAYEE_ACCOUNT_RESTRICTED
  AUTH_CAPTURE_NOT_ENABLED NOT_ENABLED_FOR_CARD_PROCESSING PAYMENT_TYPE_NOT_SUPPORTED_FOR_INTENT UNSUPPORTED_INTENT
  UNSUPPORTED_INTENT_FOR_PAYMENT_SOURCE`.split(/\s+/),
);

/**
 * Advice of the card networks: 01 new account data is there, 03 do not try again, 21 the payer stopped it. With this
 * instrument another try is useless; 02 says try later ("Card decline errors").
 */
const FINAL_ADVICE: ReadonlySet<string> = new Set(['01', '03', '21']);

/** Of processors: no such account, expired, lost or stolen, fraud, refused card, another attempt not permitted. */
const FINAL_RESPONSES: ReadonlySet<string> = new Set(
  '0390 1330 5180 5400 5700 5900 5910 5950 9500 9510 9520 9530 9540 9600 PPRN PPAI PPEX'.split(' '),
);

/** What a processor said of a declined card; `hard` = useless with this instrument. */
export function declineOf(
  response:
    | { response_code?: string | null | undefined; payment_advice_code?: string | null | undefined }
    | null
    | undefined,
  otherwise: string,
): { code: string; hard: boolean } {
  const code = response?.response_code ?? '';
  const advice = response?.payment_advice_code ?? '';
  const known = /^[0-9A-Z]{4}$/.test(code) ? code : otherwise;
  // The advice is the network's last word where there is one.
  const hard = advice === '' ? FINAL_RESPONSES.has(code) : FINAL_ADVICE.has(advice);
  return { code: known, hard };
}
