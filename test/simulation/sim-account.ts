import * as z from 'zod';
import type { Page } from '../../shared/engine/ports.ts';
import type { AccountRef } from '../../shared/engine/session.ts';
import type { Weights } from './weights.ts';

/** A vendor's account: one limit, known to the engine. */
export function account(name: 'source' | 'target', weights: Weights): AccountRef {
  return {
    vendor: name,
    name: 'main',
    limits: () => (weights.rate > 0 ? { rate: { calls: weights.rate * 10, windowMs: 10_000 } } : {}),
  };
}

export const PageSchema = z.object({
  items: z.array(z.unknown()),
  next: z.string().optional(),
  total: z.number().optional(),
});

export function paged<T>(reply: { items: T[]; next?: string | undefined }): Page<T> {
  return reply.next === undefined ? { items: reply.items } : { items: reply.items, next: reply.next };
}
