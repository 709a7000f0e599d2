import { hash } from 'node:crypto';

/** A value as JSON has it. */
export type FieldValue = string | number | boolean | null;

/** A record in the target's terms: flat. `null` clears; an absent field is not ours and is left alone. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** Equal field sets have equal hashes, whatever the order of their names. */
export function hashFields(fields: Fields): string {
  const names = Object.keys(fields).sort();
  return hash('sha256', JSON.stringify(names.map((name) => [name, blankToNull(fields[name])]))).slice(0, 22);
}

/**
 * Names of the fields in which the target's `current` differs from what is `desired`; fields that we do not
 * set are not looked at. A cleared field and an absent one are the same.
 */
export function differingFields(current: Fields, desired: Fields): string[] {
  return Object.keys(desired).filter((name) => blankToNull(current[name]) !== blankToNull(desired[name]));
}

/** A value as it is compared. */
export function valueIn(fields: Fields, name: string): FieldValue {
  return blankToNull(fields[name]);
}

/** Only the named fields. */
export function pickFields(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
}

/** Names of the fields that `desired` clears and `current` still holds. */
export function clearedFields(current: Fields, desired: Fields): string[] {
  return differingFields(current, desired).filter((name) => blankToNull(desired[name]) === null);
}

function blankToNull(value: FieldValue | undefined): FieldValue {
  return value === undefined || value === '' ? null : value;
}
