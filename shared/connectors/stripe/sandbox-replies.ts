import type { Json } from './sandbox-rows.ts';

interface ErrorFields {
  message: string;
  code?: string;
  param?: string;
  type?: string;
  more?: Json;
}

/** Ends a request with an error answer of Stripe's. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Json;
  /** Was it found out while the request was carried out? Then it is kept under its idempotency key. */
  readonly stored: boolean;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    { type = 'invalid_request_error', more = {}, ...fields }: ErrorFields,
    { stored = false, headers = {} }: { stored?: boolean; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(fields.message);
    this.status = status;
    this.body = { error: { ...fields, type, ...more } };
    this.stored = stored;
    this.headers = headers;
  }
}

export function json(body: Json, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body, undefined, 2), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** 404 for an id in the path, 400 for one in a parameter. */
export function missing(what: string, id: string, param = 'id'): Refusal {
  const message = `No such ${what}: '${id}'`;
  const inPath = param === 'id' || param === 'intent';
  return new Refusal(inPath ? 404 : 400, { code: 'resource_missing', message, param });
}
