/** A value of a request as Stripe's form encoding knows it; undefined is left out. */
export type FormValue =
  | string
  | number
  | boolean
  | undefined
  | readonly string[]
  | { [name: string]: FormValue };

/** `a[b]=c` for nested values and `a[]=b` for lists, in the order given ("Request bodies"). */
export function encodeForm(values: Readonly<Record<string, FormValue>>): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) append(pairs, name, value);
  return pairs.toString();
}

function append(pairs: URLSearchParams, name: string, value: FormValue): void {
  if (value === undefined) return;
  if (typeof value !== 'object') pairs.append(name, String(value));
  else if (isList(value)) for (const each of value) pairs.append(`${name}[]`, each);
  else for (const [inner, each] of Object.entries(value)) append(pairs, `${name}[${inner}]`, each);
}

function isList(value: readonly string[] | { [name: string]: FormValue }): value is readonly string[] {
  return Array.isArray(value);
}
