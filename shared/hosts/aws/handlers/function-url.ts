import * as z from 'zod';
import type { WebhookRequest } from '../../../engine/webhook.ts';
import type { Environment } from '../environment.ts';

/** What of a function URL's event (payload format 2.0) is used. */
export const UrlEvent = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    /** The function URL's own name, set by Lambda; not what the caller claims. */
    domainName: z.string(),
    http: z.object({ method: z.string() }),
  }),
});
export type UrlEvent = z.infer<typeof UrlEvent>;

/** What a function URL takes for an answer. */
export interface UrlAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** The address at which callers reach the function, without a slash at the end. */
export function publicUrlOf({ publicUrl }: Environment, { requestContext }: UrlEvent): string {
  return (publicUrl ?? `https://${requestContext.domainName}`).replace(/\/$/, '');
}

export function toWebhook(call: UrlEvent, publicUrl: string, receivedAt: number): WebhookRequest {
  const { rawPath, headers, requestContext } = call;
  return {
    method: requestContext.http.method,
    url: `${publicUrl}${rawPath}${queryOf(call)}`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: bytesOf(call),
    receivedAt,
  };
}

/** The same as a standard request. */
export function toRequest(call: UrlEvent, publicUrl: string): Request {
  const { method } = call.requestContext.http;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(`${publicUrl}${call.rawPath}${queryOf(call)}`, {
    method,
    headers: call.headers,
    ...(hasBody && { body: new Uint8Array(bytesOf(call)) }),
  });
}

export function textAnswer(statusCode: number, body: string): UrlAnswer {
  return { statusCode, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

export async function toAnswer(response: Response): Promise<UrlAnswer> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}

function queryOf({ rawQueryString }: UrlEvent): string {
  return rawQueryString === '' ? '' : `?${rawQueryString}`;
}

function bytesOf({ body = '', isBase64Encoded }: UrlEvent): Buffer {
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}
