import type * as z from 'zod';
import { exponentOf, formatMoney } from '../../../shared/values/money.ts';

/** `19.99 EUR`; a currency that is none of ours is shown in the units it came in. */
export function amount(minor: number, currency: string): string {
  const known = exponentOf(currency) !== undefined;
  return known ? `${formatMoney({ minor, currency })} ${currency}` : `${minor} (minor units of ${currency})`;
}

/** A table for a terminal; the last column is as wide as it likes. */
export function aligned(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A table, or what it means that there is nothing in it. */
export function listed(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  nothing: string,
): string[] {
  return rows.length === 0 ? [nothing] : aligned(head, rows);
}

/** Lines of an answer that is what the schema says. */
export function lines<T>(
  schema: z.ZodType<T>,
  of: (answer: T, now: number) => readonly string[],
): (answer: unknown, now: number) => readonly string[] {
  return (answer, now) => of(schema.parse(answer), now);
}

/** `2026-11-24 18:05`, UTC. */
export function minute(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
