/** What a handler of the sandbox answers; `undefined` body = none. */
export interface Reply {
  status: number;
  body?: unknown;
}

export interface Request {
  method: string;
  /** Segments after the service's root, as sent. */
  path: readonly string[];
  query: URLSearchParams;
  body: unknown;
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

/** The service's usual error body: a list of one. */
export function refusal(status: number, Description: string, ErrorPath?: string): Reply {
  const Code = `${status === 404 ? 'NOT_FOUND' : status === 409 ? 'CONFLICT' : 'ERROR'}`;
  return { status, body: [{ Code, Description, ...(ErrorPath === undefined ? {} : { ErrorPath }) }] };
}

export const notFound = (what: string): Reply => refusal(404, `${what} was not found.`);

/** The service does not check for it: a required query parameter that is missing ends in a server error. */
export const missingParameter: Reply = refusal(500, 'Object reference not set to an instance of an object.');
