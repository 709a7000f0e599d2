import type * as z from 'zod';
import type { Fault } from '../../engine/fault.ts';
import type { HttpResponse, Millis } from '../../engine/ports.ts';
import type { Effect, Session } from '../../engine/session.ts';
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

/** One write inside a POST /Batch. */
export interface WritePart extends Part {
  method: 'POST' | 'PUT';
  body: unknown;
}

/** The answer of one part of a batch call; undefined in its place means that the service left it out. */
export interface PartReply {
  status: number;
  value: unknown;
  /** What the service says of a part that it refused. */
  errors: unknown;
}

/**
 * Many GETs in as few calls as the secret's `batchSize` allows; replies in the order of the parts, undefined
 * where the service gave none. A part that lacks a right or meets a refused sign-in fails the whole, because
 * every other record would meet the same.
 */
export function batch(session: Session, parts: readonly Part[]): Promise<(PartReply | undefined)[]> {
  return inBatches(session, parts.map(asGet), 'read');
}

/** The same for writes, carried out one after the other in this order; each part may fail by itself. */
export function batchWrite(
  session: Session,
  parts: readonly WritePart[],
): Promise<(PartReply | undefined)[]> {
  return inBatches(session, parts, 'write');
}

type AnyPart = Part & { method: Call['method']; body?: unknown };

function asGet(part: Part): AnyPart {
  return { ...part, method: 'GET' };
}

async function inBatches(session: Session, parts: readonly AnyPart[], effect: Effect) {
  const { baseUrl, batchSize } = await secretOf(session);
  const asked: Call = { operation: 'batch', method: 'POST', resource: 'Batch', effect };
  const replies: (PartReply | undefined)[] = parts.map(() => undefined);
  for (let from = 0; from < parts.length; from += batchSize) {
    const chunk = parts.slice(from, from + batchSize);
    const body = { Requests: chunk.map((part, index) => subRequest(baseUrl, part, index + 1)) };
    const request = { ...asked, path: 'Batch', body, timeout: BATCH_TIMEOUT };
    const reply = await call(session, request, BatchReplySchema);
    for (const each of reply.Responses) {
      const part = chunk[each.RequestId - 1];
      if (!part) throw contractChanged(asked, 'Responses[].RequestId');
      const { StatusCode: status, ResponseObject: value, ErrorMessages: errors } = each;
      if (status === 401 || status === 403) throw partFault(part, { status, errors }, effect);
      replies[from + each.RequestId - 1] = { status, value, errors };
    }
  }
  return replies;
}

/** The rows of each part, in their order; a 404 is none, and any other failure is one of the whole. */
export async function batchRows<T>(
  session: Session,
  parts: readonly Part[],
  schema: z.ZodType<T[]>,
): Promise<T[][]> {
  if (parts.length === 0) return [];
  const replies = await batch(session, parts);
  return parts.map((part, index) => {
    const [asked, reply] = [{ ...asGet(part), effect: 'read' } as const, replies[index]];
    if (reply?.status === 404) return [];
    if (reply?.status !== 200) throw partFault(asked, reply ?? { status: 500, errors: '' }, 'read');
    return parsed(asked, schema, reply.value);
  });
}

/** A part that was refused, as the fault that a call of its own would have been. */
export function partFault(
  part: Part & { method: Call['method'] },
  { status, errors }: Pick<PartReply, 'status' | 'errors'>,
  effect: Effect,
): Fault {
  const { operation, resource, method } = part;
  const body = JSON.stringify(errors ?? '');
  return faultFrom({ operation, resource, method, effect }, { status, body });
}

/** Without ContinueOnError the first 404 would leave the rest undone. */
function subRequest(baseUrl: string, { method, path, body }: AnyPart, id: number) {
  const content = body === undefined ? {} : { Content: body };
  return { Id: id, HttpMethod: method, Uri: `${baseUrl}/${path}`, ContinueOnError: true, ...content };
}

/** `?a=1&b=x`, encoded; undefined values are left out. */
export function query(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const pairs = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
  );
  return `?${pairs.join('&')}`;
}
