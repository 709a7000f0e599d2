import type * as z from 'zod';
import type { HttpResponse, Millis } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import { authorization, type Secret, SecretSchema } from './auth.ts';
import { type Call, contractChanged, faultFrom, fieldOf, parseJson } from './faults.ts';
import { BATCH_TIMEOUT } from './limits.ts';
import { BatchReplySchema } from './wire.ts';

/** A call with what goes over the wire; `path` is relative to the service, query included. */
export interface Request extends Call {
  path: string;
  body?: unknown;
  timeout?: Millis;
}

/** The secret is asked for with every call, so that a changed one is used at once; hosts keep it at hand. */
export function secretOf(session: Session): Promise<Secret> {
  return session.secret(SecretSchema);
}

/** Any status. */
export async function exchange(session: Session, request: Request): Promise<HttpResponse> {
  const secret = await secretOf(session);
  return session.send({
    operation: request.operation,
    effect: request.effect,
    method: request.method,
    url: `${secret.baseUrl}/${request.path}`,
    headers: {
      accept: 'application/json',
      authorization: authorization(secret),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    ...(request.timeout === undefined ? {} : { timeout: request.timeout }),
  });
}

/** The parsed body; a fault for any status but 2xx and for a reply that does not fit. */
export async function call<T>(session: Session, request: Request, schema: z.ZodType<T>): Promise<T> {
  const response = await exchange(session, request);
  if (!isSuccess(response.status)) throw faultFrom(request, response);
  return parsed(request, schema, parseJson(response.body));
}

/** A reply, or a part of one, that must fit: if it does not, it will not for anybody. */
export function parsed<T>(request: Call, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw contractChanged(request, fieldOf(result.error));
  return result.data;
}

/** Any 2xx. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** One GET inside a POST /Batch. */
export interface Part {
  operation: string;
  /** The service right, as for a call of its own. */
  resource: string;
  path: string;
}

/** The answer of one part of a batch call; undefined in its place means that the service left it out. */
export interface PartReply {
  status: number;
  value: unknown;
}

const BATCH: Call = { operation: 'batch', method: 'POST', resource: 'Batch', effect: 'read' };

/**
 * Many GETs in as few calls as the secret's `batchSize` allows; replies in the order of the parts, undefined
 * where the service gave none. A part that lacks a right or meets a refused sign-in fails the whole, because
 * every other record would meet the same.
 */
export async function batch(session: Session, parts: readonly Part[]): Promise<(PartReply | undefined)[]> {
  const { baseUrl, batchSize } = await secretOf(session);
  const replies: (PartReply | undefined)[] = parts.map(() => undefined);
  for (let from = 0; from < parts.length; from += batchSize) {
    const chunk = parts.slice(from, from + batchSize);
    const body = { Requests: chunk.map((part, index) => subRequest(`${baseUrl}/${part.path}`, index + 1)) };
    const reply = await call(
      session,
      { ...BATCH, path: 'Batch', body, timeout: BATCH_TIMEOUT },
      BatchReplySchema,
    );
    for (const each of reply.Responses) {
      const part = chunk[each.RequestId - 1];
      if (!part) throw contractChanged(BATCH, 'Responses[].RequestId');
      refuseWithoutRight(part, each.StatusCode, each.ErrorMessages);
      replies[from + each.RequestId - 1] = { status: each.StatusCode, value: each.ResponseObject };
    }
  }
  return replies;
}

/** Without ContinueOnError the first 404 would leave the rest undone. */
function subRequest(uri: string, id: number) {
  return { Id: id, HttpMethod: 'GET', Uri: uri, ContinueOnError: true };
}

function refuseWithoutRight(part: Part, status: number, errors: unknown): void {
  if (status !== 401 && status !== 403) return;
  throw faultFrom({ ...part, method: 'GET', effect: 'read' }, { status, body: JSON.stringify(errors ?? '') });
}

/** `?a=1&b=x`, encoded; undefined values are left out. */
export function query(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const pairs = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
  );
  return `?${pairs.join('&')}`;
}
