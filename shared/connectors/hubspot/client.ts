import type * as z from 'zod';
import type { HttpResponse } from '../../engine/ports.ts';
import type { Effect, Session } from '../../engine/session.ts';
import { freshSecret, originOf, renewedSecret } from './auth.ts';
import { faultOf } from './faults.ts';
import { observedLimits } from './limits.ts';
import { parseReply } from './reply.ts';
import type { HubspotSecret } from './schema.ts';
import { type Area, pathOf } from './versions.ts';

/** One call of HubSpot's API. */
export interface Call {
  /** For faults, counters and the trail: `contacts.upsert`. */
  operation: string;
  effect: Effect;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  area: Area;
  /** After the area's path, with its slash and query. */
  path?: string;
  body?: unknown;
}

/** Sends a call and parses its 2xx body; everything else is a fault. */
export async function call<T>(session: Session, request: Call, schema: z.ZodType<T>): Promise<T> {
  const response = await succeed(session, request);
  return parseReply(response.body, schema, request.operation);
}

/** Sends a call whose success has no body (204). */
export async function callForNothing(session: Session, request: Call): Promise<void> {
  await succeed(session, request);
}

async function succeed(session: Session, request: Call): Promise<HttpResponse> {
  const secret = await freshSecret(session);
  const first = await exchange(session, request, secret);
  if (first.status !== 401) return orThrow(session, request, secret, first);
  const renewed = await renewedSecret(session, secret.auth.accessToken ?? '');
  if (!renewed) return orThrow(session, request, secret, first);
  return orThrow(session, request, renewed, await exchange(session, request, renewed));
}

async function exchange(session: Session, request: Call, secret: HubspotSecret): Promise<HttpResponse> {
  const response = await session.send({
    operation: request.operation,
    effect: request.effect,
    method: request.method,
    url: `${originOf(secret)}${pathOf(request.area, secret.apiVersion)}${request.path ?? ''}`,
    headers: {
      authorization: `Bearer ${secret.auth.accessToken ?? ''}`,
      accept: 'application/json',
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  session.observe(observedLimits(response.headers));
  return response;
}

function orThrow(
  session: Session,
  request: Call,
  secret: HubspotSecret,
  response: HttpResponse,
): HttpResponse {
  if (response.status >= 200 && response.status < 300) return response;
  const { operation, effect } = request;
  throw faultOf(response, { operation, effect, now: session.now(), timeZone: secret.timeZone });
}
