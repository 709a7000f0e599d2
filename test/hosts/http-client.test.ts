import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { HttpFailure, type HttpRequest } from '../../shared/engine/ports.ts';
import { httpClient } from '../../shared/hosts/http-client.ts';
import { selfSigned } from '../support/self-signed.ts';

const LONG = 30_000;
const open: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening(server: Server): Promise<{ url: string; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, sockets };
}

const web = (listener: RequestListener) => listening(createServer(listener));
const secureWeb = async (pair: { key: string; cert: string }, listener: RequestListener) => {
  const { url, sockets } = await listening(createSecureServer(pair, listener));
  return { url: url.replace('http:', 'https:'), sockets };
};
const raw = (onSocket: (socket: Socket) => void) => listening(createRawServer(onSocket));

function get(url: string, parts: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, timeout: LONG, ...parts };
}

async function failureOf(answer: Promise<unknown>): Promise<HttpFailure> {
  const failure = await answer.then(
    () => new Error('it did not fail'),
    (cause: unknown) => cause,
  );
  if (!(failure instanceof HttpFailure)) throw failure;
  return failure;
}

describe('an exchange', () => {
  test('sends method, path, headers and body, and brings back status, headers and body', async () => {
    const { url } = await web(async (request, response) => {
      const chunks = await request.toArray();
      response.writeHead(418, { 'X-Joined': ['a', 'b'], 'Set-Cookie': ['c=1', 'd=2'] });
      const { method, headers } = request;
      response.end(
        JSON.stringify({ method, url: request.url, headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    const headers = { Authorization: 'Bearer t', 'content-type': 'application/json' };
    const sent = { method: 'PATCH' as const, headers, body: '{"name":"東京 😀"}' };
    const answer = await httpClient({ maxSockets: 2 })(get(`${url}/a%20b?q=1`, sent));
    expect(answer).toMatchObject({ status: 418, headers: { 'x-joined': 'a, b', 'set-cookie': 'c=1, d=2' } });
    expect(JSON.parse(answer.body)).toMatchObject({
      method: 'PATCH',
      url: '/a%20b?q=1',
      headers: { authorization: 'Bearer t', 'content-length': '22', 'content-type': 'application/json' },
      body: sent.body,
    });
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['identity', (text: string) => Buffer.from(text)],
  ] as const)('reads a body in %s', async (encoding, encode) => {
    const { url } = await web((_, response) => {
      response.setHeader('content-encoding', encoding);
      response.end(encode('\ufeff{"city":"Zürich 😀"}'));
    });
    expect((await httpClient({ maxSockets: 1 })(get(url))).body).toBe('{"city":"Zürich 😀"}');
  });

  test('an empty body with an encoding is empty', async () => {
    const { url } = await web((_, response) => response.writeHead(204, { 'content-encoding': 'gzip' }).end());
    expect(await httpClient({ maxSockets: 1 })(get(url))).toMatchObject({ status: 204, body: '' });
  });

  test('a redirect is an answer like any other', async () => {
    const { url } = await web((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    expect(await httpClient({ maxSockets: 1 })(get(url))).toMatchObject({
      status: 302,
      headers: { location: '/elsewhere' },
    });
  });

  test('sockets are kept and shared, and never more than allowed', async () => {
    const ports = new Set<number | undefined>();
    let most = 0;
    const { url, sockets } = await web((request, response) => {
      ports.add(request.socket.remotePort);
      most = Math.max(most, sockets.size);
      response.end('ok');
    });
    const http = httpClient({ maxSockets: 3 });
    const answers = await Promise.all(Array.from({ length: 30 }, () => http(get(url))));
    expect(answers.every((answer) => answer.body === 'ok')).toBe(true);
    expect(ports.size).toBe(3);
    expect(most).toBe(3);
  });
});

describe('not sent', () => {
  test('a refused connection', async () => {
    const { url } = await web((_, response) => response.end());
    const [entry] = open.splice(0);
    await new Promise((resolve) => entry?.server.close(resolve));
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url)));
    expect(failure.sent).toBe(false);
    expect(failure.message).toContain('ECONNREFUSED');
  });

  test('a name that does not resolve', async () => {
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get('http://no-such-host.invalid/')));
    expect(failure.sent).toBe(false);
  });

  test.each(['ftp://vendor.example/', 'vendor.example', ''])('an unusable URL: %j', async (url) => {
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url)));
    expect(failure.sent).toBe(false);
  });

  test('a header that cannot be written; its value is not told', async () => {
    const headers = { authorization: 'Bearer sec\nret' };
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get('http://127.0.0.1:9/', { headers })));
    expect(failure.sent).toBe(false);
    expect(failure.message).toContain('authorization');
    expect(failure.message).not.toContain('ret"');
  });

  test('a server that does not speak TLS', async () => {
    const { url } = await raw((socket) => socket.end('plain words\r\n'));
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url.replace('http:', 'https:'))));
    expect(failure.sent).toBe(false);
  });

  test('a certificate that nobody vouches for', async () => {
    let requests = 0;
    const { url } = await secureWeb(selfSigned(), (_, response) => {
      requests += 1;
      response.end();
    });
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url)));
    expect(failure.sent).toBe(false);
    expect(failure.message).toContain('certificate');
    expect(requests).toBe(0);
  });

  test('a request that gave up while it waited for a socket', async () => {
    const { url } = await web(() => undefined);
    const http = httpClient({ maxSockets: 1 });
    const stop = new AbortController();
    const first = failureOf(http(get(url, { signal: stop.signal })));
    const second = await failureOf(http(get(url, { timeout: 20 })));
    expect(second.sent).toBe(false);
    stop.abort();
    await first;
  });

  test('a request that was aborted before', async () => {
    const failure = await failureOf(
      httpClient({ maxSockets: 1 })(get('http://127.0.0.1:9/', { signal: AbortSignal.abort() })),
    );
    expect(failure.sent).toBe(false);
  });
});

describe('over TLS', () => {
  const usual = getCACertificates('default');
  afterEach(() => setDefaultCACertificates(usual));

  test('an answer, a kept socket, and a reset that counts as sent', async () => {
    const pair = selfSigned();
    setDefaultCACertificates([pair.cert]);
    const ports = new Set<number | undefined>();
    const { url } = await secureWeb(pair, (request, response) => {
      ports.add(request.socket.remotePort);
      if (request.url === '/reset') request.socket.destroy();
      else response.end('private');
    });
    const http = httpClient({ maxSockets: 1 });
    expect((await http(get(url))).body).toBe('private');
    expect((await http(get(url))).body).toBe('private');
    expect((await failureOf(http(get(`${url}/reset`)))).sent).toBe(true);
    expect(ports.size).toBe(1);
    expect((await failureOf(httpClient({ maxSockets: 1 })(get(`${url}/reset`)))).sent).toBe(true);
  });

  test('a handshake that never ends is not sent', async () => {
    const { url } = await raw((socket) => socket.resume());
    const asked = get(url.replace('http:', 'https:'), { timeout: 50 });
    expect((await failureOf(httpClient({ maxSockets: 1 })(asked))).sent).toBe(false);
  });
});

describe('sent, so that nobody knows what became of it', () => {
  test('half open: the request is taken and never answered', async () => {
    const { url, sockets } = await raw((socket) => socket.resume());
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url, { timeout: 50 })));
    expect(failure.sent).toBe(true);
    expect(failure.message).toContain('50 ms');
    await gone(sockets);
  });

  test('reset after the request arrived', async () => {
    const { url } = await raw((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect((await failureOf(httpClient({ maxSockets: 1 })(get(url)))).sent).toBe(true);
  });

  test('closed without a word', async () => {
    const { url } = await raw((socket) => socket.once('data', () => socket.end()));
    expect((await failureOf(httpClient({ maxSockets: 1 })(get(url)))).sent).toBe(true);
  });

  test('an answer that is no HTTP', async () => {
    const { url } = await raw((socket) => socket.once('data', () => socket.end('what?\r\n\r\n')));
    expect((await failureOf(httpClient({ maxSockets: 1 })(get(url)))).sent).toBe(true);
  });

  test('a kept socket that is reset under the next request', async () => {
    const { url } = await raw((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        socket.once('data', () => socket.resetAndDestroy());
      });
    });
    const http = httpClient({ maxSockets: 1 });
    expect((await http(get(url))).body).toBe('ok');
    const post = get(url, { method: 'POST', body: '{}' });
    expect((await failureOf(http(post))).sent).toBe(true);
    expect((await http(get(url))).body).toBe('ok');
  });

  test('a body that ends too early', async () => {
    const { url } = await raw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf')),
    );
    expect((await failureOf(httpClient({ maxSockets: 1 })(get(url)))).sent).toBe(true);
  });

  test('a body that never ends: the timeout is for the whole exchange', async () => {
    const { url, sockets } = await raw((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf')),
    );
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url, { timeout: 50 })));
    expect(failure.sent).toBe(true);
    await gone(sockets);
  });

  test('a body that cannot be decoded', async () => {
    const { url } = await web((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end('not gzip');
    });
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url)));
    expect(failure.sent).toBe(true);
    expect(failure.message).toContain('decoded');
  });

  test('a body that is too large: its rest is not waited for', async () => {
    const { url, sockets } = await web((_, response) => {
      response.writeHead(200, { 'content-length': 50_000_000 });
      response.write(Buffer.alloc(20_000_001, 'x'));
    });
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url)));
    expect(failure.sent).toBe(true);
    expect(failure.message).toContain('larger than 20000000 bytes');
    await gone(sockets);
  });

  test('a body that is too large once it is decoded', async () => {
    const { url } = await web((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(20_000_001, 'x')));
    });
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url)));
    expect(failure.sent).toBe(true);
    expect(failure.message).toContain('larger than 20000000 bytes');
  });

  test('an abort destroys the socket', async () => {
    const stop = new AbortController();
    const { url, sockets } = await web(() => stop.abort());
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url, { signal: stop.signal })));
    expect(failure.sent).toBe(true);
    await gone(sockets);
  });
});

/** Resolves once the server has seen every socket close. */
async function gone(sockets: Set<Socket>): Promise<void> {
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
}

describe('a request that may leave only until a moment', () => {
  test('is sent whole before it', async () => {
    const bodies: string[] = [];
    const { url } = await web(async (request, response) => {
      bodies.push(Buffer.concat(await request.toArray()).toString());
      response.end('taken');
    });
    const asked = { method: 'POST', body: 'pay 10', sendBefore: Date.now() + LONG } as const;
    const send = httpClient({ maxSockets: 1 });
    expect((await send(get(url, asked))).body).toBe('taken');
    expect((await send(get(url, asked))).body, 'over a kept socket').toBe('taken');
    expect(bodies).toEqual(['pay 10', 'pay 10']);
  });

  test('is not sent after it, and says that no byte of it left', async () => {
    let met = 0;
    const { url } = await web((_, response) => {
      met += 1;
      response.end();
    });
    const asked = { method: 'POST', body: 'pay 10', sendBefore: Date.now() } as const;
    const failure = await failureOf(httpClient({ maxSockets: 1 })(get(url, asked)));
    expect(failure.sent).toBe(false);
    expect(failure.message).toContain('the time to send it is over');
    expect(met).toBe(0);
  });

  test('that waited for a socket until it was too late is not sent', async () => {
    let answer: (() => void) | undefined;
    const paths: string[] = [];
    const { url } = await web((request, response) => {
      paths.push(request.url ?? '');
      answer = () => response.end();
      if (request.url === '/first') setTimeout(() => answer?.(), 60);
      else response.end();
    });
    const send = httpClient({ maxSockets: 1 });
    const first = send(get(`${url}/first`));
    const second = failureOf(send(get(`${url}/second`, { sendBefore: Date.now() + 10 })));
    await first;
    expect((await second).sent).toBe(false);
    expect(paths).toEqual(['/first']);
  });
});
