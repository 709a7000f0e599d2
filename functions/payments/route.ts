import type { PaymentProvider } from '../../shared/connectors/payment-provider.ts';
import type { Attempt, Payment } from './payment.ts';
import { MOST_ATTEMPTS, reopenDelay } from './timers.ts';
import { liveAttempts, opening, taking } from './view.ts';

/** What routing looks at besides the payment. */
export interface Surroundings {
  now: number;
  providers: ReadonlyMap<string, PaymentProvider>;
  /** Until when calls of this kind to a provider are held back; undefined = they are not. */
  restsUntil(provider: string, call: string): number | undefined;
}

/** Where the next attempt goes, or from when on one may be made; undefined = none may be. */
export type Route = { provider: PaymentProvider } | { at: number } | undefined;

/** The first provider in the payment's order that may be tried and can be called now. */
export function route(payment: Payment, around: Surroundings): Route {
  if (!mayOpen(payment, around.now)) return undefined;
  const open = candidates(payment, around).map((provider) => ({
    provider,
    at: availableAt(payment, provider, around),
  }));
  const now = open.find(({ at }) => at <= around.now);
  if (now) return { provider: now.provider };
  return open.length === 0 ? undefined : { at: Math.min(...open.map(({ at }) => at)) };
}

/** Another attempt may be made only while no other one can take money: proof has closed it, or it can only hold. */
function mayOpen(payment: Payment, now: number): boolean {
  if (payment.ended || payment.voidAsked || taking(payment) || now >= payment.processBefore) return false;
  if (payment.captureOwner !== undefined || payment.attempts.length >= MOST_ATTEMPTS) return false;
  if (payment.attempts.some(({ orphan }) => orphan !== undefined)) return false;
  if (payment.operations.some(({ state }) => state === 'needs-review')) return false;
  const live = liveAttempts(payment);
  if (live.length === 0) return true;
  return payment.routing.failover === 'hold' && live.every((attempt) => isLost(payment, attempt));
}

/** It can only have left a hold, and nobody knows whether it did, or wants it. */
function isLost(payment: Payment, { n, how, abandoned }: Attempt): boolean {
  return how === 'hold' && (abandoned !== undefined || opening(payment, n)?.state === 'unknown');
}

function candidates(payment: Payment, { providers }: Surroundings): PaymentProvider[] {
  const { routing, instruments, amount, currency } = payment;
  const usable = routing.order
    .filter((name) => instruments[name])
    .flatMap((name) => providers.get(name) ?? [])
    .filter((provider) => provider.objection({ minor: amount, currency }) === undefined);
  const stayed = routing.failover === 'never' ? usable.slice(0, 1) : usable;
  const live = liveAttempts(payment);
  const charged = payment.attempts.find(({ how, left }) => how === 'charge' && left);
  return stayed.filter(({ vendor }) => {
    if (charged && charged.provider !== vendor) return false;
    if (live.some(({ provider }) => provider === vendor)) return false;
    // What can only be charged is not tried while there may be a hold somewhere else.
    if (live.length > 0 && instruments[vendor]?.oneStep) return false;
    return !payment.attempts.some(
      ({ provider, closed }) => provider === vendor && closed?.how === 'declined',
    );
  });
}

/** Refusals say nothing of the payer; they only make us wait before this provider is asked again. */
function availableAt(payment: Payment, { vendor, opens }: PaymentProvider, around: Surroundings): number {
  const tried = payment.attempts.filter(({ provider }) => provider === vendor);
  const last = tried.at(-1)?.closed;
  const call = opens === 'two-step' ? 'prepare' : 'authorise';
  const rest = around.restsUntil(vendor, call) ?? 0;
  if (!last) return rest;
  return Math.max(rest, last.retryAfter ?? 0, last.at + reopenDelay(tried.length));
}
