import type { Look, PaymentProvider, ProviderHint, Shown } from '../../shared/connectors/payment-provider.ts';
import { SKEW } from '../../shared/engine/flow.ts';
import type { Millis } from '../../shared/engine/ports.ts';
import type { Errand, ServicePorts, ServiceWork } from '../../shared/engine/service.ts';
import { accountKey } from '../../shared/engine/session.ts';
import type { WebhookRequest } from '../../shared/engine/webhook.ts';
import type { Payment } from './payment.ts';

/** What a provider's webhook said may have changed, until it has been looked at. */
export interface Hint {
  account: string;
  about: ProviderHint['about'];
  /** The provider's id. */
  id: string;
}

const ABOUT = ['payment', 'refund', 'dispute', 'payout'] as const;

/** Its name on the queue: `<vendor>/<account>/<about>/<id>`. */
function nameOf({ account, about, id }: Hint): string {
  return `${account}/${about}/${id}`;
}

/** Undefined for what is no hint. */
export function parseHint(name: string): Hint | undefined {
  const [, account, about, id] = /^([^/]+\/[^/]+)\/([a-z]+)\/(.+)$/.exec(name) ?? [];
  const known = ABOUT.find((each) => each === about);
  return account !== undefined && id !== undefined && known ? { account, about: known, id } : undefined;
}

/** Durably queued when it answers 2xx; nothing of the body is kept but the ids. */
export async function receiveHints(
  ports: ServicePorts,
  provider: PaymentProvider,
  request: WebhookRequest,
  work: ServiceWork,
): Promise<{ status: number; body: string }> {
  const account = accountKey(provider.account);
  const verdict = await provider.webhook(ports.session(provider.account, work), request);
  switch (verdict.kind) {
    case 'forged':
      ports.log({ log: 'forged', account, reason: verdict.reason });
      return { status: 401, body: verdict.reason };
    case 'malformed':
      return { status: 400, body: verdict.reason };
    case 'accepted': {
      const now = ports.clock.now();
      for (const hint of verdict.hints) await ports.post(errandOf(account, hint), now);
      return { status: 200, body: 'ok' };
    }
  }
}

/** A reference of ours names the payment at once; otherwise the provider is asked whose it is. */
function errandOf(account: string, hint: ProviderHint): Errand {
  const payment = hint.about === 'payment' && hint.reference !== undefined && paymentOf(hint.reference);
  if (payment) return { collection: 'news', id: payment };
  const { about, id } =
    hint.about === 'refund' && hint.paymentId ? { about: 'payment' as const, id: hint.paymentId } : hint;
  return { collection: 'hint', id: nameOf({ account, about, id }) };
}

/** The payment of an attempt's reference; undefined for a reference that is not of our making. */
export function paymentOf(reference: string): string | undefined {
  return /^(pay_[^.]+)\.\d+$/.exec(reference)?.[1];
}

/**
 * Has a look that began after a hint came in answered it? One look answers all that came before it; what is told of
 * refunds is looked at each time, because a refund is read by itself.
 */
export function isAnswered({ attempts, operations }: Payment, hintedAt: Millis): boolean {
  const named = attempts.filter(({ id }) => id !== undefined);
  return (
    named.length > 0 &&
    !operations.some(({ kind }) => kind === 'refund') &&
    named.every(({ seen }) => seen !== undefined && seen.at > hintedAt + 2 * SKEW)
  );
}

/** The payment at the provider that a hint is about. */
export async function lookAt(
  ports: ServicePorts,
  provider: PaymentProvider,
  { about, id }: Hint,
  work: ServiceWork,
): Promise<Look<Shown>> {
  const session = ports.session(provider.account, work);
  if (about !== 'refund') return provider.read(session, id);
  const refund = await provider.readRefund(session, id);
  return refund.kind === 'found' ? provider.read(session, refund.shown.paymentId) : { kind: 'absent' };
}
