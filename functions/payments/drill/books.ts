import * as z from 'zod';
import type { DrillStage } from '../../../shared/engine/drill.ts';
import { attemptReference } from '../keys.ts';
import type { Payment } from '../payment.ts';
import { type Status, statusOf } from '../status.ts';
import { readPayment } from '../store.ts';
import { amountsOf } from '../view.ts';
import type { Payer } from './load.ts';

/** A request for a payment, and what its shop was told. */
export interface Taken {
  payer: Payer;
  key: string;
  answer: { status: number; text: string } | undefined;
  /** From the payer's coming to the answer. */
  waited: number;
  tries: number;
}

/** A payment as the hub has it, beside what the providers' books say of each of its attempts. */
export interface Entry {
  taken: Taken;
  /** Absent when the request was refused. */
  payment?: {
    status: Status;
    captured: number;
    /** Who took the money, by the hub. */
    by?: string;
    /** When it was captured, by the hub. */
    at?: number;
  };
  books: readonly (Book & { provider: string })[];
}

const BookSchema = z.object({
  held: z.number().default(0),
  captures: z.number(),
  captured: z.number(),
});
type Book = z.infer<typeof BookSchema>;

const MadeSchema = z.object({ id: z.string() });

/** Looks a payment up on both sides. */
export async function bookOf(stage: DrillStage, taken: Taken): Promise<Entry> {
  if (taken.answer === undefined || taken.answer.status >= 300) return { taken, books: [] };
  const { id } = MadeSchema.parse(JSON.parse(taken.answer.text));
  const payment = (await readPayment(stage.ports.documents, id))?.payment;
  if (!payment) return { taken, books: [] };
  const books = payment.attempts.map(({ n, provider }) => ({
    ...BookSchema.parse(stage.vendor(provider).peek('books', attemptReference(id, n))),
    provider,
  }));
  return { taken, payment: shown(payment), books };
}

function shown(payment: Payment): NonNullable<Entry['payment']> {
  const took = payment.operations.find(
    ({ kind, state }) => (kind === 'capture' || kind === 'charge') && state === 'succeeded',
  );
  const by = payment.attempts.find(({ n }) => n === took?.attempt)?.provider;
  const at = payment.events.find(({ type }) => type === 'payment.captured')?.at;
  return {
    ...{ status: statusOf(payment), captured: amountsOf(payment).captured },
    ...(by !== undefined && { by }),
    ...(at !== undefined && { at }),
  };
}
