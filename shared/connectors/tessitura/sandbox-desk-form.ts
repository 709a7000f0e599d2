import * as z from 'zod';
import type { SandboxEdit } from '../sandbox.ts';
import type { Actor, Store } from './sandbox-store.ts';

/** `by` is who the hand at the keyboard belongs to. */
export type Hands = (by: SandboxEdit['by']) => Actor;

/** Somebody at work in the database. */
export interface Desk {
  store: Store;
  actor: Actor;
}

/** A whole number, also as text. */
export const id = z.coerce.number().int();
/** A date; given as the number of days since 1970. */
export const day = z.iso.date().transform((text) => Date.parse(text) / 86_400_000);

/** The form filled in; throws with the name of the field that is wrong. */
export function filledIn<T>(schema: z.ZodType<T>, set: SandboxEdit['set']): T {
  const parsed = schema.safeParse(set ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}

export function found<T>(what: string, id: number, row: T | undefined): T {
  if (row === undefined) throw new Error(`there is no ${what} ${id}`);
  return row;
}

export function mustExist(store: Store, constituent: number): void {
  if (!store.columns(constituent)) throw new Error(`there is no constituent ${constituent}`);
}
