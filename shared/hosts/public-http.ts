import { promises as dns } from 'node:dns';
import { type IncomingMessage, request as plain } from 'node:http';
import { type RequestOptions, request as secure } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type Http, HttpFailure, type HttpRequest, type HttpResponse } from '../engine/ports.ts';
import { clock } from './clock.ts';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

/** So much of an answer is read; the rest is left where it is. */
const MOST_BYTES = 65_536;
const LONGEST_MS = 15_000;

/** An address that a name stands for. */
interface Resolved {
  address: string;
  family: number;
}

export interface PublicHttpOptions {
  /** 127.0.0.1 and localhost are allowed too, also over http: for a host on a developer's machine. */
  allowLoopback?: boolean;
  /** Asked once per request; the system's resolver if it is left out. */
  resolve?(name: string): Promise<readonly Resolved[]>;
}

/**
 * For addresses that outsiders gave us. The name is resolved once, each of its addresses must be public, and only
 * those are connected to, so that a name that says something else a moment later leads nowhere. A new connection for
 * each request, no redirects, no decoding, at most 64 KB of the answer, at most 15 seconds.
 */
export function publicHttp({ allowLoopback = false, resolve = system }: PublicHttpOptions = {}): Http {
  return async (asked) => {
    const end = AbortSignal.timeout(Math.min(asked.timeout, LONGEST_MS));
    const signal = asked.signal ? AbortSignal.any([end, asked.signal]) : end;
    const url = URL.parse(asked.url);
    const isLocal = allowLoopback && ['localhost', '127.0.0.1'].includes(url?.hostname ?? '');
    const problem = url ? problemOf(url, isLocal) : 'is not an absolute URL';
    if (!url || problem !== undefined) throw new HttpFailure(`the address ${problem}`, false);
    const addresses = await before(signal, addressesOf(url, resolve));
    const wrong = addresses.find(({ address }) => !(isLocal ? isLoopbackAddress : isPublicAddress)(address));
    if (wrong || addresses.length === 0)
      throw new HttpFailure(`${url.hostname} does not lead to a public address`, false);
    return exchange(url, { ...asked, signal }, addresses);
  };
}

/** What is wrong with an address before anybody resolves it, as the end of a sentence. */
function problemOf({ protocol, port, username, password }: URL, isLocal: boolean): string | undefined {
  if (protocol !== 'https:' && !(isLocal && protocol === 'http:')) return 'must begin with https://';
  if (username !== '' || password !== '') return 'must not contain a user name or password';
  if (port !== '' && Number(port) < 1024) return 'must have port 443 or one above 1023';
  return undefined;
}

async function addressesOf(
  { hostname }: URL,
  resolve: NonNullable<PublicHttpOptions['resolve']>,
): Promise<readonly Resolved[]> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  return resolve(host).catch((cause: unknown) => {
    throw new HttpFailure(`${host} cannot be resolved`, false, { cause });
  });
}

function system(name: string): Promise<readonly Resolved[]> {
  return dns.lookup(name, { all: true });
}

/** A resolver cannot be stopped, but need not be waited for. */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const over = () => reject(new HttpFailure(`given up: ${wordsOf(signal.reason)}`, false));
    if (signal.aborted) over();
    signal.addEventListener('abort', over, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', over));
  });
}

/** Answers with what was resolved and checked, whatever it is asked. */
function only(addresses: readonly Resolved[]): LookupFunction {
  return (_, options, answer) => {
    if (options.all) answer(null, [...addresses]);
    else answer(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
}

function exchange(
  url: URL,
  { method, headers, body, signal, sendBefore }: HttpRequest,
  addresses: readonly Resolved[],
): Promise<HttpResponse> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...length },
    agent: false,
    lookup: only(addresses),
    ...(signal && { signal }),
  };
  return new Promise((resolve, reject) => {
    let sent = false;
    const fail = (cause: unknown) =>
      reject(
        new HttpFailure(`${url.host}: ${wordsOf(signal?.aborted ? signal.reason : cause)}`, sent, { cause }),
      );
    const request = url.protocol === 'https:' ? secure(url, options) : plain(url, options);
    request.on('error', fail);
    request.on('socket', (socket) =>
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        if (sendBefore !== undefined && clock.now() >= sendBefore)
          return request.destroy(new Error('the time to send it is over'));
        sent = true;
        request.end(body);
      }),
    );
    request.on('response', (response) => {
      const { statusCode = 0 } = response;
      const plainly = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      firstBytes(response).then((text) => {
        resolve({ status: statusCode, headers: Object.fromEntries(plainly), body: text });
        request.destroy();
      }, fail);
    });
  });
}

async function firstBytes(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MOST_BYTES) break;
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, MOST_BYTES));
}

/** Node's own words name addresses and certificates, never a path or a body. */
function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ('code' in cause ? String(cause.code) : 'no reason given');
}
