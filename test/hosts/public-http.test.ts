import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createSecureContext } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { HttpFailure } from '../../shared/engine/ports.ts';
import { publicHttp } from '../../shared/hosts/public-http.ts';
import { selfSigned } from '../support/self-signed.ts';

const open: Server[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listening(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return (server.address() as AddressInfo).port;
}

const web = (listener: RequestListener, host?: string, port?: number) =>
  listening(createServer(listener), host, port);

function post(url: string, body = '{}', timeout = 10_000) {
  return { method: 'POST' as const, url, headers: { 'x-one': '1' }, body, timeout };
}

async function failureOf(answer: Promise<unknown>): Promise<HttpFailure> {
  const failure = await answer.then(
    () => new Error('it did not fail'),
    (cause: unknown) => cause,
  );
  if (!(failure instanceof HttpFailure)) throw failure;
  return failure;
}

/** Answers as a name server would that an outsider runs: each time something else. */
function nameServer(...answers: readonly string[][]) {
  const asked: string[] = [];
  const resolve = async (name: string) => {
    asked.push(name);
    const addresses = answers[Math.min(asked.length, answers.length) - 1] ?? [];
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return { asked, resolve };
}

describe('an address is refused before anything is sent', () => {
  test.each([
    ['http://club.example/hook', 'https://'],
    ['ftp://club.example/hook', 'https://'],
    ['//club.example', 'absolute URL'],
    ['not an address', 'absolute URL'],
    ['https://user:secret@club.example/hook', 'user name or password'],
    ['https://user@club.example/hook', 'user name or password'],
    ['https://club.example:22/', 'port 443'],
    ['https://club.example:80/', 'port 443'],
    ['https://127.0.0.1/', 'public address'],
    ['https://2130706433/', 'public address'],
    ['https://0x7f.1/', 'public address'],
    ['https://0177.0.0.1/', 'public address'],
    ['https://[::1]/', 'public address'],
    ['https://[::ffff:169.254.169.254]/', 'public address'],
    ['https://[64:ff9b::a9fe:a9fe]/', 'public address'],
    ['https://169.254.169.254/latest/meta-data/', 'public address'],
    ['https://①②⑦.0.0.1/', 'public address'],
  ])('%s', async (url, words) => {
    const names = nameServer(['8.8.8.8']);
    const failure = await failureOf(publicHttp(names)(post(url)));
    expect(failure.message).toContain(words);
    expect(failure.sent).toBe(false);
    expect(names.asked).toEqual([]);
  });

  test.each([
    [['10.0.0.1']],
    [['8.8.8.8', '192.168.1.1']],
    [['8.8.8.8', 'fd00:ec2::254']],
    [['::ffff:10.0.0.1']],
    [[]],
  ])('a name that stands for %j', async (addresses) => {
    const names = nameServer(addresses);
    const failure = await failureOf(publicHttp(names)(post('https://club.example:8443/')));
    expect(failure.message).toContain('club.example does not lead to a public address');
    expect(failure.sent).toBe(false);
    expect(names.asked).toEqual(['club.example']);
  });

  test('a name that nobody knows', async () => {
    const resolve = () => Promise.reject(new Error('ENOTFOUND'));
    const failure = await failureOf(publicHttp({ resolve })(post('https://club.example/')));
    expect(failure.message).toBe('club.example cannot be resolved');
  });

  test('a resolver that does not answer', async () => {
    const resolve = () => new Promise<never>(() => undefined);
    const failure = await failureOf(publicHttp({ resolve })(post('https://club.example/', '{}', 20)));
    expect(failure.message).toContain('given up');
  });
});

describe('loopback', () => {
  test('is reached where that is allowed, as 127.0.0.1 and as localhost', async () => {
    const seen: unknown[] = [];
    const port = await web(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      seen.push([request.method, request.url, request.headers.host, request.headers['x-one'], body]);
      response.writeHead(202, { 'x-two': '2' }).end('taken');
    });
    const http = publicHttp({ allowLoopback: true, ...nameServer(['127.0.0.1']) });
    for (const host of ['127.0.0.1', 'localhost']) {
      const answer = await http(post(`http://${host}:${port}/hook?a=1`, 'é'));
      expect(answer).toMatchObject({ status: 202, body: 'taken', headers: { 'x-two': '2' } });
    }
    const rest = ['1', 'é'];
    expect(seen).toEqual([
      ['POST', '/hook?a=1', `127.0.0.1:${port}`, ...rest],
      ['POST', '/hook?a=1', `localhost:${port}`, ...rest],
    ]);
  });

  test.each(['http://127.0.0.2:8000/', 'http://[::1]:8000/', 'http://club.example:8000/'])(
    'is those two names only: not %s',
    async (url) => {
      const names = nameServer(['127.0.0.1']);
      const failure = await failureOf(publicHttp({ allowLoopback: true, ...names })(post(url)));
      expect(failure.message).toContain('https://');
    },
  );

  test('another name that stands for it is refused there too', async () => {
    const names = nameServer(['127.0.0.1']);
    const failure = await failureOf(
      publicHttp({ allowLoopback: true, ...names })(post('https://club.example:8000/')),
    );
    expect(failure.message).toContain('public address');
  });

  test('localhost that stands for another machine is refused', async () => {
    const names = nameServer(['10.0.0.1']);
    const failure = await failureOf(
      publicHttp({ allowLoopback: true, ...names })(post('http://localhost:8000/')),
    );
    expect(failure.message).toContain('public address');
  });

  test('is refused without the option', async () => {
    const port = await web((_, response) => response.end());
    const failure = await failureOf(publicHttp()(post(`https://127.0.0.1:${port}/`)));
    expect(failure.sent).toBe(false);
  });
});

describe('a name that says something else a moment later', () => {
  test('is asked once, and the connection goes to what was checked', async () => {
    const reached: string[] = [];
    const note =
      (at: string): RequestListener =>
      (_, response) => {
        reached.push(at);
        response.end();
      };
    const port = await web(note('checked'), '127.0.0.1');
    await web(note('other'), '127.0.0.2', port);
    const names = nameServer(['127.0.0.1'], ['127.0.0.2']);
    await publicHttp({ allowLoopback: true, ...names })(post(`http://localhost:${port}/`));
    expect(names.asked).toEqual(['localhost']);
    expect(reached).toEqual(['checked']);
  });

  test('is checked anew at the next request', async () => {
    const port = await web((_, response) => response.end());
    const http = publicHttp({ allowLoopback: true, ...nameServer(['127.0.0.1'], ['10.0.0.1']) });
    await http(post(`http://localhost:${port}/`));
    const failure = await failureOf(http(post(`http://localhost:${port}/`)));
    expect(failure.message).toContain('public address');
  });
});

describe('an answer', () => {
  test('that redirects is only that', async () => {
    let requests = 0;
    const port = await web((_, response) => {
      requests += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const answer = await publicHttp({ allowLoopback: true })(post(`http://127.0.0.1:${port}/`));
    expect([answer.status, requests]).toEqual([302, 1]);
  });

  test('that never ends is read up to 64 KB, and its connection is closed', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await web((request, response) => {
      request.socket.on('close', () => closed.resolve());
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
        response.once('drain', more);
      };
      more();
    });
    const answer = await publicHttp({ allowLoopback: true })(post(`http://127.0.0.1:${port}/`));
    expect([answer.status, answer.body.length]).toEqual([200, 65_536]);
    await closed.promise;
  });

  test.each(['before its head', 'within its body'])('that stops %s is given up in time', async (where) => {
    const port = await web((_, response) => {
      if (where === 'within its body') response.write('x');
    });
    const failure = await failureOf(
      publicHttp({ allowLoopback: true })(post(`http://127.0.0.1:${port}/`, '{}', 100)),
    );
    expect(failure.sent).toBe(true);
    expect(failure.message).toContain('timeout');
  });

  test('whose request had to leave earlier is not asked for', async () => {
    let requests = 0;
    const port = await web((_, response) => {
      requests += 1;
      response.end();
    });
    const late = { ...post(`http://127.0.0.1:${port}/`), sendBefore: 1_000 };
    const failure = await failureOf(publicHttp({ allowLoopback: true })(late));
    expect([failure.sent, requests]).toEqual([false, 0]);
    expect(failure.message).toContain('the time to send it is over');
  });

  test('nobody waits for any more', async () => {
    const control = new AbortController();
    const port = await web(() => control.abort(new Error('the work is over')));
    const asked = { ...post(`http://127.0.0.1:${port}/`), signal: control.signal };
    const failure = await failureOf(publicHttp({ allowLoopback: true })(asked));
    expect(failure.message).toContain('the work is over');
  });
});

test('over TLS the certificate is asked for and checked by the name', async () => {
  const asked: string[] = [];
  const pair = selfSigned();
  const server = createSecureServer(
    {
      ...pair,
      SNICallback: (name, answer) => {
        asked.push(name);
        answer(null, createSecureContext(pair));
      },
    },
    (_, response) => response.end(),
  );
  const port = await listening(server);
  const http = publicHttp({ allowLoopback: true, ...nameServer(['127.0.0.1']) });
  const failure = await failureOf(http(post(`https://localhost:${port}/`)));
  expect(asked).toEqual(['localhost']);
  expect(failure.message).toContain('self-signed certificate');
  expect(failure.sent).toBe(false);
});
