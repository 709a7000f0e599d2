import type { PayWeights } from './pay-weights.ts';

/** One way to break the hub. */
export interface PayMutant {
  readonly name: string;
  /** Text patches on a copy of functions/payments. */
  readonly edits: readonly { file: string; find: string; replace: string }[];
  /** Faults that make it show soon; the correct hub must survive them too. */
  readonly weights: Partial<PayWeights>;
  /** A broken condition: not part of what the correct hub must survive. */
  readonly broken?: Partial<PayWeights>;
}

/** Answers get lost all the time, requests arrive late, and clocks run on. */
const foggy: Partial<PayWeights> = {
  replyLost: 0.2,
  late: 0.25,
  freeze: 0.02,
  oneStep: 0,
  manual: 0,
  voids: 0,
  refunds: 0,
  outages: 0.2,
  longOutages: 0,
};
const holds: Partial<PayWeights> = { ...foggy, policy: 'hold' };
const refunding: Partial<PayWeights> = {
  refunds: 1,
  manual: 0,
  voids: 0,
  oneStep: 0,
  replyLost: 0.15,
  late: 0.1,
  slowRefunds: 0.6,
  longOutages: 0,
};

export const payMutants: readonly PayMutant[] = [
  {
    name: 'timeout = failure',
    edits: [
      {
        file: 'send.ts',
        find: 'return unknown(noted, operation, { now, why: reply.message, doubt: 1 });',
        replace: "return notDone(noted, operation, { kind: 'unsent', message: reply.message }, now);",
      },
    ],
    weights: foggy,
  },
  {
    name: 'new key on retry',
    edits: [
      {
        file: 'send.ts',
        find: "const keyTry = kind === 'capture' || kind === 'void' ? Math.floor(doubts / SPOILT_AFTER) : 0;",
        replace: 'const keyTry = sends;',
      },
    ],
    weights: foggy,
  },
  {
    name: 'failover from unknown, one-step, no fence',
    edits: [
      {
        file: 'route.ts',
        find: "return how === 'hold' && (abandoned !== undefined || opening(payment, n)?.state === 'unknown');",
        replace:
          "return abandoned !== undefined || opening(payment, n)?.state === 'unknown' || how === undefined;",
      },
      {
        file: 'route.ts',
        find: 'if (payment.captureOwner !== undefined || payment.attempts',
        replace: 'if (payment.attempts',
      },
      {
        file: 'route.ts',
        find: 'if (live.length > 0 && instruments[vendor]?.oneStep) return false;',
        replace: '',
      },
      {
        file: 'route.ts',
        find: 'if (charged && charged.provider !== vendor) return false;',
        replace: 'if (charged === undefined && vendor === undefined) return false;',
      },
      {
        file: 'send.ts',
        find: 'if (takes && captureOwner !== n)',
        replace: 'if (takes && captureOwner !== n && n < 0)',
      },
    ],
    weights: { ...holds, oneStep: 1 },
  },
  {
    name: 'sent is recorded after the call',
    edits: [
      {
        file: 'advance.ts',
        find: 'if (!(await keep(hub, stored, recorded))) return undefined;\n  const sent',
        replace: 'const sent',
      },
      {
        file: 'advance.ts',
        find: 'const reply = await sendOperation(provider, session, recorded, sent);',
        replace:
          'const reply = await sendOperation(provider, session, recorded, sent);\n  if (!(await keep(hub, stored, recorded))) return undefined;',
      },
    ],
    weights: { ...foggy, crash: 0.04, oneStep: 1 },
  },
  {
    name: 'capture without fence',
    edits: [
      { file: 'next.ts', find: 'if (captureOwner !== attempt.n) return [];', replace: '' },
      {
        file: 'send.ts',
        find: 'if (takes && captureOwner !== n)',
        replace: 'if (takes && captureOwner !== n && n < 0)',
      },
      {
        file: 'tidy.ts',
        find: 'if (chosen !== undefined && chosen !== attempt.n)',
        replace: 'if (chosen !== undefined && chosen !== attempt.n && now < 0)',
      },
      {
        file: 'tidy.ts',
        find: "if (attempt.how === 'hold' && payment.captureOwner === attempt.n) return undefined;",
        replace: '',
      },
    ],
    weights: holds,
  },
  {
    name: 'an object that is only prepared is proof',
    edits: [
      {
        file: 'learn.ts',
        find: '  const first = opening(payment, attempt.n);\n  return first ?',
        replace:
          "  const first = opening(payment, attempt.n);\n  if (first?.state === 'unknown') return closeAbsent(payment, attempt, looking);\n  return first ?",
      },
    ],
    weights: { ...foggy, late: 0.4 },
  },
  {
    name: 'cancel by key without a second look',
    edits: [
      {
        file: 'send.ts',
        find: "if (shown === undefined) return move(payment, operation, 'succeeded', { by: 'worker', at: now });",
        replace:
          "if (shown === undefined) return closeAttempt(move(payment, operation, 'succeeded', { by: 'worker', at: now }), operation.attempt, { how: 'absent', proof: 'cancelled by key' }, { by: 'worker', at: now });",
      },
    ],
    weights: { ...holds, late: 0.4, replyLost: 0.3, voids: 0.3 },
  },
  {
    name: 'lease shorter than the late window',
    edits: [
      {
        file: 'timers.ts',
        find: 'return now + SEND_BY + PAUSE + CALL + lateness + 2 * SKEW;',
        replace: 'return now + 20_000 + 0 * (SEND_BY + PAUSE + CALL + lateness + SKEW);',
      },
    ],
    weights: { ...holds, late: 0.4, replyLost: 0.3, voids: 0.3 },
  },
  {
    name: 'a refusal of a retry is proof',
    edits: [{ file: 'send.ts', find: 'if (doubts > 0 && !isVain)', replace: 'if (doubts > 99 && !isVain)' }],
    weights: { ...foggy, tooMany: 0.25 },
  },
  {
    name: 'a decline of a retry is proof',
    edits: [
      {
        file: 'send.ts',
        find: '  const { attempt, kind, doubts } = operation;\n  if (doubts > 0)',
        replace: '  const { attempt, kind, doubts } = operation;\n  if (doubts > 99)',
      },
    ],
    weights: { ...foggy, soft: 0.35, late: 0.35 },
  },
  {
    name: 'the client library sends again',
    edits: [],
    weights: foggy,
    broken: { resends: 0.5, replyLost: 0.3, soft: 0.2, tooMany: 0.2 },
  },
  {
    name: 'expired by time while unknown',
    edits: [
      {
        file: 'tidy.ts',
        find: '|| taking(payment) || liveAttempts(payment).length > 0)',
        replace: '|| taking(payment) || (liveAttempts(payment).length > 0 && now < payment.processBefore))',
      },
    ],
    weights: { ...foggy, oneStep: 1, outages: 0.6, longOutages: 0.2 },
  },
  {
    name: 'a look before all is quiet counts',
    edits: [
      {
        file: 'learn.ts',
        find: '  const isQuiet = looking.startedAt > quietAt(payment, n);\n  if (attempt.abandoned) return isQuiet',
        replace: '  const isQuiet = looking.startedAt > 0;\n  if (attempt.abandoned) return isQuiet',
      },
      {
        file: 'next.ts',
        find: 'quietAt(payment, attempt.n) + 1);',
        replace: '0 * quietAt(payment, attempt.n));',
      },
    ],
    weights: { ...holds, late: 0.4, replyLost: 0.3, voids: 0.3 },
  },
  {
    name: 'refused attempts count as declines',
    edits: [
      {
        file: 'send.ts',
        find: "const closing = { how: 'refused' as const,",
        replace: "const closing = { how: 'declined' as const,",
      },
    ],
    weights: { ...foggy, outages: 1 },
  },
  {
    name: 'no send-by check',
    edits: [
      { file: 'send.ts', find: 'sendBefore: now + SEND_BY,', replace: 'sendBefore: now + 1000 * SEND_BY,' },
    ],
    weights: { ...foggy, freeze: 0.06 },
  },
  {
    name: 'a refund is reserved only when it is confirmed',
    edits: [
      {
        file: 'view.ts',
        find: '  return !FINAL.includes(state);\n}\n\nfunction sum',
        replace: '  return false;\n}\n\nfunction sum',
      },
    ],
    weights: refunding,
  },
  {
    name: 'a refund without a check of the sum',
    edits: [
      {
        file: 'ask.ts',
        find: 'if (!isWhole(amount) || reserved + amount > captured)',
        replace: 'if (!isWhole(amount) || (reserved < 0 && captured < 0))',
      },
    ],
    weights: refunding,
  },
  {
    name: 'a lost refund is released by the first look',
    edits: [
      {
        file: 'learn-refund.ts',
        find: 'if (isQuiet && isSpent)',
        replace: 'if (startedAt > 0 || (isQuiet && isSpent))',
      },
    ],
    weights: {
      ...refunding,
      late: 0.5,
      replyLost: 0.02,
      serverError: 0.02,
      crash: 0.002,
      freeze: 0.002,
      payments: 5,
    },
  },
  {
    name: 'the word of a worker without its token counts',
    edits: [
      {
        file: 'send.ts',
        find: "if (operation?.state !== 'sent' || operation.send?.token !== token) return payment;",
        replace:
          "if (operation === undefined || (token === '' && operation.send === undefined)) return payment;",
      },
    ],
    weights: { ...foggy, freeze: 0.06 },
  },
  {
    name: 'an abandoned attempt is closed without being released',
    edits: [
      {
        file: 'tidy.ts',
        find: 'if (!attempt.abandoned || needsRelease(payment, attempt)) continue;',
        replace: 'if (!attempt.abandoned) continue;',
      },
    ],
    weights: holds,
  },
  {
    name: 'a reference is free while its payment is open',
    edits: [
      {
        file: 'accept.ts',
        find: 'return payment?.ended !== undefined && !taking(payment)',
        replace: 'return payment?.version !== undefined || taking(payment)',
      },
    ],
    weights: {},
  },
  {
    name: 'an event is noted as announced before its errand is posted',
    edits: [
      {
        file: 'events/announce.ts',
        find: '  await post(announcer, payment);\n  return note(announcer, payment);',
        replace:
          '  const noted = await note(announcer, payment);\n  await post(announcer, payment);\n  return noted;',
      },
    ],
    weights: { crash: 0.04 },
  },
  {
    name: 'a lost prepare blocks failover',
    edits: [
      {
        file: 'tidy.ts',
        find: "if (operation.kind !== 'prepare' || operation.state !== 'unknown') continue;",
        replace: "if (operation.kind !== 'prepare' || operation.state !== 'pending') continue;",
      },
    ],
    weights: {},
  },
];
