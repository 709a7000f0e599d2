import type {
  ChangeQueue,
  Delivery,
  Depth,
  Millis,
  Outgoing,
  QueueRef,
} from '../../../shared/engine/ports.ts';
import { MAX_DELAY } from '../../../shared/engine/ports.ts';
import type { MemoryState, StoredMessage } from './state.ts';

export function sendIn(state: MemoryState, now: Millis, messages: readonly Outgoing[]): void {
  const bad = messages.find(({ delay }) => !(delay >= 0 && delay <= MAX_DELAY));
  if (bad)
    throw new Error(`delay: ${bad.delay} ms is not between 0 and ${MAX_DELAY}; put longer waits into dueAt`);
  for (const { lane, event, delay } of messages) {
    state.sequence += 1;
    const { sequence } = state;
    const body = JSON.stringify(event);
    const message = { sequence, flow: event.flow, lane, body, visibleAt: now + delay, receiveCount: 0 };
    state.messages.set(sequence, message);
  }
}

/** Oldest first; a simulator that wants another order picks with `receiveThese`. */
export function receiveIn(
  state: MemoryState,
  now: Millis,
  from: QueueRef,
  limits: { max: number; visibility: Millis },
): Delivery[] {
  const chosen = receivable(state, now, from)
    .sort((a, b) => a.visibleAt - b.visibleAt || a.sequence - b.sequence)
    .slice(0, limits.max);
  return receiveThese(chosen, now + limits.visibility);
}

export function receivable(state: MemoryState, now: Millis, from: QueueRef): StoredMessage[] {
  return on(state, from).filter((message) => message.visibleAt <= now);
}

export function receiveThese(messages: readonly StoredMessage[], visibleAgainAt: Millis): Delivery[] {
  return messages.map((message) => {
    message.visibleAt = visibleAgainAt;
    message.receiveCount += 1;
    return { receipt: receiptOf(message), body: message.body, receiveCount: message.receiveCount };
  });
}

/** A receipt is stale once its visibility timeout has ended, whether or not the message was received again. */
export function acknowledgeIn(
  state: MemoryState,
  now: Millis,
  from: QueueRef,
  receipts: readonly string[],
): void {
  for (const receipt of receipts) {
    const message = state.messages.get(Number(receipt.split(':')[0]));
    if (!message || message.flow !== from.flow || message.lane !== from.lane) continue;
    if (message.visibleAt > now && receiptOf(message) === receipt) state.messages.delete(message.sequence);
  }
}

export function depthIn(state: MemoryState, now: Millis, of: QueueRef): Depth {
  const depth: Depth = { visible: 0, inFlight: 0, delayed: 0 };
  for (const message of on(state, of)) {
    if (message.visibleAt <= now) depth.visible += 1;
    else if (message.receiveCount > 0) depth.inFlight += 1;
    else depth.delayed += 1;
  }
  return depth;
}

export function memoryQueue(state: MemoryState, now: () => Millis): ChangeQueue {
  return {
    send: async (messages) => sendIn(state, now(), messages),
    receive: async (from, max, visibility) => receiveIn(state, now(), from, { max, visibility }),
    acknowledge: async (from, receipts) => acknowledgeIn(state, now(), from, receipts),
    depth: async (of) => depthIn(state, now(), of),
  };
}

function on(state: MemoryState, ref: QueueRef): StoredMessage[] {
  return [...state.messages.values()].filter(({ flow, lane }) => flow === ref.flow && lane === ref.lane);
}

function receiptOf(message: StoredMessage): string {
  return `${message.sequence}:${message.receiveCount}`;
}
