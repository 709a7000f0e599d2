import { isKeyAlive } from './keys.ts';
import type { Circumstances, Due } from './next.ts';
import type { Operation, Payment } from './payment.ts';

/** Refunds stay with the provider that took the money. */
export function dueOfRefunds(payment: Payment, around: Circumstances): Due[] {
  return payment.operations
    .filter(({ kind }) => kind === 'refund')
    .flatMap((refund) => dueOfRefund(payment, refund, around));
}

function dueOfRefund(payment: Payment, operation: Operation, around: Circumstances): Due[] {
  const { state, seq, attempt: n, amount, nextAt = 0, again, send, refund } = operation;
  const attempt = payment.attempts.find((each) => each.n === n);
  const provider = around.providers.get(attempt?.provider ?? '');
  if (!attempt || !provider) return [];
  const rest = (call: string) => around.restsUntil(provider.vendor, call) ?? 0;
  const sending: Due = {
    at: Math.max(again ? 0 : nextAt, rest('refund')),
    step: { do: 'send', attempt: n, kind: 'refund', amount, seq },
  };
  const looking = (by: 'read' | 'find'): Due => ({
    at: Math.max(nextAt, rest('read')),
    step: { do: 'look-refund', seq, by },
  });
  const news: Due = { at: rest('read') || around.now, step: { do: 'look-refund', seq, by: 'read' } };
  const isNews = refund?.at !== undefined && around.looked?.has(`refund ${seq}`) === false;
  if (isNews && (state === 'pending' || state === 'succeeded')) return [news];
  switch (state) {
    case 'created':
      return [sending];
    case 'sent':
      return [{ at: send?.quietAt ?? 0 }];
    case 'pending':
    case 'needs-payer':
      return refund?.at === undefined ? [] : [looking('read')];
    case 'unknown':
    case 'needs-review': {
      const mayRepeat = isKeyAlive(operation, provider, around.now) && state === 'unknown';
      if (!provider.findRefund) return mayRepeat ? [sending] : [];
      return again && mayRepeat ? [sending] : [looking('find')];
    }
    case 'succeeded':
    case 'declined':
    case 'rejected':
    case 'not-executed':
    case 'retired':
      return [];
  }
}
