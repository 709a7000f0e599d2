/** What reading a value from text gave: the value, or a reason that names no personal data and is safe to log. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; because: string };

export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function unparsed(because: string): { ok: false; because: string } {
  return { ok: false, because };
}
