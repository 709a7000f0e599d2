/** What the sandbox answers with. */
export type Json = Readonly<Record<string, unknown>>;

/** An answer in both forms that `Prefer` asks for; without a minimal one it is always whole. */
export interface Reply {
  readonly status: number;
  readonly whole?: Json | undefined;
  readonly minimal?: { status: number; body?: Json };
}

const WORDS: Readonly<Record<string, string>> = {
  INVALID_REQUEST: 'Request is not well-formed, syntactically incorrect, or violates schema.',
  AUTHENTICATION_FAILURE:
    'Authentication failed due to missing authorization header, or invalid credentials.',
  NOT_AUTHORIZED: 'Authorization failed due to insufficient permissions.',
  RESOURCE_NOT_FOUND: 'The specified resource does not exist.',
  RESOURCE_CONFLICT: 'The server has detected a conflict while processing this request.',
  UNPROCESSABLE_ENTITY:
    'The requested action could not be performed, semantically incorrect, or failed business validation.',
  INTERNAL_SERVER_ERROR: 'An internal server error has occurred.',
  RATE_LIMIT_REACHED: 'Too many requests. Blocked due to rate limiting.',
};

/** Ends a request with an error answer of PayPal's. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Json;
  constructor(status: number, name: string, details: readonly Json[] = [], links: readonly Json[] = []) {
    super(`HTTP ${status} ${name}`);
    this.status = status;
    this.body = {
      name,
      message: WORDS[name] ?? name,
      debug_id: 'f0a1b2c3d4e5f',
      ...(details.length && { details }),
      links,
    };
  }
}

/** 422, which PayPal uses for whatever is well-formed and cannot be done. */
export function unprocessable(issue: string, field?: string, links: readonly Json[] = []): Refusal {
  const detail = { issue, description: issue.toLowerCase().replaceAll('_', ' '), ...(field && { field }) };
  return new Refusal(422, 'UNPROCESSABLE_ENTITY', [detail], links);
}

/** 400. */
export function invalid(issue: string, field: string): Refusal {
  return new Refusal(400, 'INVALID_REQUEST', [{ field, location: 'body', issue, description: issue }]);
}

export function notFound(): Refusal {
  const description = 'Specified resource ID does not exist.';
  return new Refusal(404, 'RESOURCE_NOT_FOUND', [{ issue: 'INVALID_RESOURCE_ID', description }]);
}

export function json(body: Json | undefined, status: number): Response {
  const headers = { 'content-type': 'application/json', 'paypal-debug-id': 'f0a1b2c3d4e5f' };
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
}
