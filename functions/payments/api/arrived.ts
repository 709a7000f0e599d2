import { hash } from 'node:crypto';
import { notFound, Refusal } from './problem.ts';
import type { Posting } from './route.ts';

/** Of what needs no key. */
export const noPosting: Posting = { key: '', digest: '' };

/** Its key, and a digest of what it asks for. */
export function postingOf(request: Request, body: unknown): Posting {
  const key = request.headers.get('idempotency-key') ?? '';
  const next = 'send one key for each thing you ask for, and the same key with each repeat of it';
  const field = 'Idempotency-Key';
  if (key === '') throw new Refusal('key-missing', { field, because: 'every POST needs one', next });
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const because = 'it must be 1 to 255 visible ASCII characters';
    throw new Refusal('key-malformed', { field, because, next });
  }
  const { pathname } = new URL(request.url);
  return { key, digest: hash('sha256', `${request.method} ${pathname}\n${canonical(body ?? {})}`) };
}

/** Equal for equal JSON, however it was written. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`;
}

/** A name that is given twice would be read differently by different readers. */
export function queryOf({ searchParams }: URL): Readonly<Record<string, string>> {
  const names = [...searchParams.keys()];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new Refusal('malformed-query', {
      field: twice.slice(0, 60),
      because: 'it is there twice',
      next: 'send each parameter once',
    });
  return Object.fromEntries(searchParams);
}

/** Nothing that cannot be an id gets as far as the store. */
export function idsOf(path: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const ids = Object.entries(path).map(([name, value]) => [name, value.replace(/\.csv$/, '')] as const);
  if (ids.some(([, value]) => !/^[A-Za-z0-9._:~-]{1,160}$/.test(value))) throw notFound('thing');
  return Object.fromEntries(ids);
}
