import type { Json, Problem } from './sandbox-rows.ts';

/** Ends a request with an error answer of Square's. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Json;
  /** Was it found out while the request was carried out? Then it is kept under its idempotency key. */
  readonly stored: boolean;

  constructor(
    status: number,
    problem: Problem,
    { more = {}, stored = false }: { more?: Json; stored?: boolean } = {},
  ) {
    super(problem.detail);
    this.status = status;
    this.body = { errors: [problem], ...more };
    this.stored = stored;
  }
}

/** 400 about one field. */
export function invalid(code: string, detail: string, field?: string): Refusal {
  return new Refusal(400, problemOf('INVALID_REQUEST_ERROR', code, detail, field));
}

/** 404 for an id. */
export function missing(what: string, id: string, field?: string): Refusal {
  const detail = `Could not find ${what} with id: ${id}`;
  return new Refusal(404, problemOf('INVALID_REQUEST_ERROR', 'NOT_FOUND', detail, field));
}

/** 401 or 403. */
export function unauthorised(code: string, status: 401 | 403 = 401): Refusal {
  const detail = 'This request could not be authorized.';
  return new Refusal(status, problemOf('AUTHENTICATION_ERROR', code, detail));
}

export function problemOf(category: string, code: string, detail: string, field?: string): Problem {
  return { category, code, detail, ...(field !== undefined && { field }) };
}
