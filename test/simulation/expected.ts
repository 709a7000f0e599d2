import { differingFields, type Fields } from '../../shared/engine/fields.ts';

/** What the target should hold for a record, seen from outside of the engine. */
export type Expected =
  | { kind: 'present'; fields: Fields }
  | { kind: 'removed' }
  | { kind: 'marked'; fields: Fields }
  | { kind: 'unchecked' }
  /** Nobody can deliver it now: it kills its reader, is refused, or does not fit. */
  | { kind: 'undeliverable' }
  | { kind: 'blocked' };

/** Which fields differ, in words; undefined when none does. */
export function wrongFields(current: Fields, wanted: Fields): string | undefined {
  const wrong = differingFields(current, wanted);
  if (wrong.length === 0) return undefined;
  return wrong.map((name) => `${name} is ${current[name]} and should be ${wanted[name]}`).join(', ');
}
