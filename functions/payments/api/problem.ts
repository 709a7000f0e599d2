/** What a request can be answered instead of a result. A code never changes its meaning; programs branch on it. */
export const PROBLEMS = {
  'malformed-body': { status: 400, title: 'The body cannot be read' },
  'malformed-query': { status: 400, title: 'The query does not fit' },
  'key-missing': { status: 400, title: 'The Idempotency-Key is missing' },
  'key-malformed': { status: 400, title: 'The Idempotency-Key does not fit' },
  unauthenticated: { status: 401, title: 'There is no valid API key' },
  forbidden: { status: 403, title: 'The API key may not do this' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'This cannot be done here' },
  'state-conflict': { status: 409, title: 'The payment is not in a state for this' },
  'reference-exists': { status: 409, title: 'The reference belongs to another payment' },
  'in-progress': { status: 409, title: 'The first request with this key is still at it' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'media-type': { status: 415, title: 'The body is not JSON' },
  invalid: { status: 422, title: 'A field does not fit' },
  'card-number': { status: 422, title: 'Card numbers are never accepted' },
  'key-reused': { status: 422, title: 'The key belongs to another request' },
  'try-again': { status: 503, title: 'It could not be done just now' },
} as const satisfies Record<string, { status: number; title: string }>;
/** Names a problem for programs. */
export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong, why, and what to do next. Never carries a value that was sent. */
export interface Trouble {
  /** Which field of the body, the query or the headers is to blame. */
  field?: string | undefined;
  because: string;
  next: string;
  /** Further fields that do not fit. */
  errors?: readonly { field: string; because: string }[];
  /** The payment that is meant, where there is one. */
  payment?: string;
}

/** A request that is not done; thrown inside this room, and turned into an answer by it. */
export class Refusal extends Error {
  readonly code: ProblemCode;
  readonly trouble: Trouble;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, trouble: Trouble, headers: Readonly<Record<string, string>> = {}) {
    super(`${code}: ${trouble.because}`);
    this.name = 'Refusal';
    this.code = code;
    this.trouble = trouble;
    this.headers = headers;
  }
}

/** Problem details (RFC 9457); `base` is the API's own address, at which its page explains each code. */
export function problemAnswer({ code, trouble, headers }: Refusal, base: string): Response {
  const { status, title } = PROBLEMS[code];
  const { field, because, next } = trouble;
  const detail = `${field === undefined ? '' : `${field}: `}${because}; ${next}`;
  const body = { type: `${base}/docs#${code}`, title, status, detail, code, ...trouble };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}

/** Nothing of it is ours to show: it never was, or it is another merchant's. */
export function notFound(what: string): Refusal {
  return new Refusal('not-found', {
    because: `this merchant has no such ${what}`,
    next: 'check the id, and that the API key is of the right merchant',
  });
}
