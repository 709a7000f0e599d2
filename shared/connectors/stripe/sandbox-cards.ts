import type { LastError } from './sandbox-rows.ts';

/** What a test card does when it is charged ("Testing"); tokens that are not listed do not exist. */
export interface Card {
  readonly declines?: Pick<LastError, 'code' | 'decline_code' | 'advice_code'>;
  /** Needs the payer first. */
  readonly challenge?: true;
  readonly refund?: 'pending' | 'fails';
  /** Is disputed as soon as it is captured. */
  readonly disputed?: true;
}

const decline = (code: string, decline_code?: string, advice_code?: string): Card => ({
  declines: { code, ...(decline_code && { decline_code }), ...(advice_code && { advice_code }) },
});
const declined = (decline_code: string, advice_code?: string) =>
  decline('card_declined', decline_code, advice_code);

const CARDS: Readonly<Record<string, Card>> = {
  pm_card_visa: {},
  pm_card_visa_debit: {},
  pm_card_mastercard: {},
  pm_card_amex: {},
  pm_card_us: {},
  pm_card_chargeDeclined: declined('generic_decline'),
  pm_card_visa_chargeDeclined: declined('generic_decline'),
  pm_card_visa_chargeDeclinedInsufficientFunds: declined('insufficient_funds', 'try_again_later'),
  pm_card_chargeDeclinedInsufficientFunds: declined('insufficient_funds', 'try_again_later'),
  pm_card_visa_chargeDeclinedLostCard: declined('lost_card', 'do_not_try_again'),
  pm_card_visa_chargeDeclinedStolenCard: declined('stolen_card', 'do_not_try_again'),
  pm_card_visa_chargeDeclinedFraudulent: declined('fraudulent', 'do_not_try_again'),
  pm_card_chargeDeclinedFraudulent: declined('fraudulent', 'do_not_try_again'),
  pm_card_chargeDeclinedExpiredCard: decline('expired_card'),
  pm_card_chargeDeclinedIncorrectCvc: decline('incorrect_cvc'),
  pm_card_chargeDeclinedProcessingError: decline('processing_error', undefined, 'try_again_later'),
  pm_card_visa_chargeDeclinedVelocityLimitExceeded: declined('card_velocity_exceeded'),
  pm_card_authenticationRequired: { challenge: true },
  pm_card_threeDSecure2Required: { challenge: true },
  pm_card_pendingRefund: { refund: 'pending' },
  pm_card_refundFail: { refund: 'fails' },
  pm_card_createDispute: { disputed: true },
};

export function cardOf(token: string): Card | undefined {
  return Object.hasOwn(CARDS, token) ? CARDS[token] : undefined;
}
