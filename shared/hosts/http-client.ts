import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  request as plain,
} from 'node:http';
import { Agent as HttpsAgent, request as secure } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Http, HttpFailure, type HttpRequest, type HttpResponse } from '../engine/ports.ts';
import { clock } from './clock.ts';
import { readBody } from './http-body.ts';

/** Shorter than common servers keep an idle socket: a request must not meet a socket that is being closed. */
const IDLE_MS = 4_000;

/**
 * Sockets are kept alive, at most `maxSockets` per origin; further requests wait for one. No redirects and no
 * retries: what a retry means is the engine's business. A request counts as sent from the moment a connected
 * socket took it, so a kept socket that the other side had just closed fails as sent: from here the two
 * look the same.
 */
export function httpClient({ maxSockets }: { maxSockets: number }): Http {
  const options = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets, timeout: IDLE_MS };
  const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };

  const start = (asked: HttpRequest): ClientRequest => {
    const url = new URL(asked.url);
    const exchange = { method: asked.method, headers: headersOf(asked) };
    if (url.protocol === 'https:') return secure(url, { ...exchange, agent: agents['https:'] });
    if (url.protocol === 'http:') return plain(url, { ...exchange, agent: agents['http:'] });
    throw new Error(`${url.protocol} is neither http nor https: correct the base URL in the secret`);
  };

  return async (asked) => {
    if (asked.signal?.aborted) throw new HttpFailure('given up before it was sent', false);
    let request: ClientRequest;
    try {
      request = start(asked);
    } catch (cause) {
      const words = `the request cannot be made: ${wordsOf(cause)}`;
      // biome-ignore lint/style/useErrorCause: it is there, as the third argument.
      throw new HttpFailure(words, false, { cause });
    }
    return exchange(request, asked);
  };
}

function exchange(request: ClientRequest, asked: HttpRequest): Promise<HttpResponse> {
  const { body, timeout, signal, sendBefore } = asked;
  return new Promise((resolve, reject) => {
    let sent = false;
    const over = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (cause: unknown) => {
      over();
      request.destroy();
      const where = sent ? 'after it was sent' : 'before it was sent';
      reject(new HttpFailure(`${request.host}: ${wordsOf(cause)} (${where})`, sent, { cause }));
    };
    const abort = () => fail(new Error('given up'));
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeout} ms`)), timeout);
    signal?.addEventListener('abort', abort, { once: true });
    // Stays after the end: an error of a socket that nobody listens to would stop the process.
    request.on('error', fail);
    request.on('socket', (socket) =>
      whenConnected(request, socket, () => {
        if (sendBefore !== undefined && clock.now() >= sendBefore)
          return fail(new Error('the time to send it is over'));
        sent = true;
        if (sendBefore !== undefined) request.end(body);
      }),
    );
    request.on('response', async (response) => {
      try {
        const text = await readBody(response);
        over();
        resolve({ status: response.statusCode ?? 0, headers: joined(response.headers), body: text });
      } catch (cause) {
        fail(cause);
      }
    });
    if (sendBefore === undefined) request.end(body);
  });
}

/** TLS sockets whose handshake is over. */
const shaken = new WeakSet<Socket>();

/** Until then the request waits in our memory. When in doubt, at once: taken for sent is the safe side. */
function whenConnected(request: ClientRequest, socket: Socket, then: () => void): void {
  const waits = socket instanceof TLSSocket ? !shaken.has(socket) : socket.connecting;
  const connected = () => {
    shaken.add(socket);
    then();
  };
  if (waits && !request.reusedSocket) {
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', connected);
  } else {
    then();
  }
}

function headersOf({ headers, body }: HttpRequest): Record<string, string> {
  const sent: Record<string, string> = { 'accept-encoding': 'gzip, br' };
  for (const [name, value] of Object.entries(headers)) sent[name.toLowerCase()] = value;
  if (body !== undefined) sent['content-length'] = String(Buffer.byteLength(body));
  return sent;
}

function joined(headers: IncomingHttpHeaders): Record<string, string> {
  const plainly: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plainly[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plainly;
}

/** Node's own words name addresses and certificates, never a path, a header's value or a body. */
function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause ? String(cause.code) : '';
  // Trying several addresses of a name fails as one error without words of its own.
  return cause.message || code || 'no reason given';
}
