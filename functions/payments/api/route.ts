import type * as z from 'zod';
import type { ServiceWork } from '../../../shared/engine/service.ts';
import type { Merchant } from '../site.ts';
import type { Scope } from './api-key.ts';
import type { ApiParts } from './parts.ts';
import type { ProblemCode } from './problem.ts';
import { fits } from './requests.ts';

/** One request whose sender is known and may ask for it. */
export interface Call extends ApiParts {
  merchant: Merchant;
  work: ServiceWork;
  /** Parts of the path by name, in the shape that ids have. */
  path: Readonly<Record<string, string>>;
  accept: string;
}

/** One POST: its idempotency key, and a digest of what it asks for. */
export interface Posting {
  key: string;
  digest: string;
}

/** What a route answers: JSON unless it says otherwise. */
export interface Answer {
  status: 200 | 201 | 202;
  body: unknown;
  headers?: Readonly<Record<string, string>>;
  csv?: true;
}

interface Spoken {
  /** As OpenAPI writes it: `/v1/payments/{id}`. */
  path: string;
  /** The name of the operation, for generated clients. */
  name: string;
  title: string;
  says: string;
  scope: Scope;
  /** By status: what the body is, and when. */
  answers: Readonly<Partial<Record<200 | 201 | 202, { shape: z.ZodType; says: string; csv?: true }>>>;
  problems: readonly ProblemCode[];
}

/** One operation of the API: its place, its document, and what it does. */
export interface Route extends Spoken {
  method: 'GET' | 'POST' | 'PUT';
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Needs an Idempotency-Key. */
  keyed: boolean;
  run(call: Call, sent: { query: unknown; body: unknown; posting: Posting }): Promise<Answer>;
}

type Told<B, Q> = Spoken & { query?: z.ZodType<Q> & z.ZodObject; body?: z.ZodType<B> };

/** Something is looked at. */
export function get<Q>(
  spoken: Told<never, Q> & { query: z.ZodType<Q> & z.ZodObject },
  run: (call: Call, query: Q) => Promise<Answer>,
): Route {
  return {
    ...spoken,
    method: 'GET',
    keyed: false,
    run: (call, { query }) => run(call, fits(spoken.query, query, 'query')),
  };
}

/** Something is asked for, once for each key. */
export function post<B>(
  spoken: Told<B, never> & { body: z.ZodType<B> },
  run: (call: Call, body: B, posting: Posting) => Promise<Answer>,
): Route {
  return {
    ...spoken,
    method: 'POST',
    keyed: true,
    run: (call, { body, posting }) => run(call, fits(spoken.body, body ?? {}, 'body'), posting),
  };
}

/** Something is set; the same again changes nothing. */
export function put<B>(
  spoken: Told<B, never> & { body: z.ZodType<B> },
  run: (call: Call, body: B) => Promise<Answer>,
): Route {
  return {
    ...spoken,
    method: 'PUT',
    keyed: false,
    run: (call, { body }) => run(call, fits(spoken.body, body ?? {}, 'body')),
  };
}
