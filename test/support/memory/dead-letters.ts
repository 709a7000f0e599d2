import * as z from 'zod';
import type { DeadLetter, DeadLetters, Millis, StoredLetter } from '../../../shared/engine/ports.ts';
import type { MemoryState, StoredDeadLetter } from './state.ts';

const RECEIPT_LASTS: Millis = 60_000;

const LetterSchema = z.strictObject({
  flow: z.string(),
  collection: z.string(),
  id: z.string(),
  reason: z.string(),
  fingerprint: z.string(),
  at: z.number(),
  trace: z.string(),
});

export function addLettersIn(state: MemoryState, letters: readonly DeadLetter[]): void {
  for (const letter of letters) addRawIn(state, letter.flow, JSON.stringify(letter));
}

/** As a queue's own redrive does after too many receives: the body is the change event itself. */
function addRawIn(state: MemoryState, flow: string, body: string): void {
  state.sequence += 1;
  state.letters.set(state.sequence, { sequence: state.sequence, flow, body, visibleAt: 0, looks: 0 });
}

/** Moves what was received `maxReceives` times and is visible again to the dead letters, as a redrive policy does. */
export function redriveIn(state: MemoryState, now: Millis, maxReceives: number): void {
  for (const message of [...state.messages.values()]) {
    if (message.receiveCount < maxReceives || message.visibleAt > now) continue;
    state.messages.delete(message.sequence);
    addRawIn(state, message.flow, message.body);
  }
}

/** A letter that was looked at is out of sight for 60 seconds, so that the next look shows the next ones. */
export function lookIn(state: MemoryState, now: Millis, flow: string, max: number): StoredLetter[] {
  return lettersOf(state, flow)
    .filter((letter) => letter.visibleAt <= now)
    .slice(0, max)
    .map((letter) => {
      letter.visibleAt = now + RECEIPT_LASTS;
      letter.looks += 1;
      return { receipt: receiptOf(letter), letter: parsed(letter.body), body: letter.body };
    });
}

export function removeLettersIn(state: MemoryState, flow: string, receipts: readonly string[]): void {
  for (const letter of lettersOf(state, flow)) {
    if (receipts.includes(receiptOf(letter))) state.letters.delete(letter.sequence);
  }
}

export function letterDepthIn(state: MemoryState, flow: string): number {
  return lettersOf(state, flow).length;
}

export function memoryDeadLetters(state: MemoryState, now: () => Millis): DeadLetters {
  return {
    add: async (letters) => addLettersIn(state, letters),
    look: async (flow, max) => lookIn(state, now(), flow, max),
    remove: async (flow, receipts) => removeLettersIn(state, flow, receipts),
    depth: async (flow) => letterDepthIn(state, flow),
  };
}

function lettersOf(state: MemoryState, flow: string): StoredDeadLetter[] {
  return [...state.letters.values()].filter((letter) => letter.flow === flow);
}

function receiptOf(letter: StoredDeadLetter): string {
  return `${letter.sequence}:${letter.looks}`;
}

function parsed(body: string): DeadLetter | undefined {
  const letter = LetterSchema.safeParse(JSON.parse(body));
  return letter.success ? letter.data : undefined;
}
