// The bench's own vendor, as cheap as a vendor can be: it reads and writes hundreds of records per call.
import { createServer, type IncomingMessage } from 'node:http';
import { moment, serveParent } from './child.ts';

const arrived = new Map<string, number>();
const calls = new Map<string, number>();
let size = 0;

const server = createServer(async (request, response) => {
  const body: unknown = JSON.parse(await textOf(request));
  const path = request.url ?? '/';
  calls.set(path, (calls.get(path) ?? 0) + 1);
  const answer = JSON.stringify(answerTo(path, body));
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(answer),
  });
  response.end(answer);
});

function answerTo(path: string, body: unknown): unknown {
  const { ids = [], refs = [], after = 0 } = body as { ids?: string[]; refs?: string[]; after?: number };
  switch (path) {
    case '/read':
      return { records: ids.map((id) => ({ id, name: `name of ${id}` })) };
    case '/write': {
      const at = moment();
      for (const ref of refs) if (!arrived.has(ref)) arrived.set(ref, at);
      return { targetIds: refs.map((ref) => `t${ref}`) };
    }
    case '/size':
      size = after;
      return {};
    case '/list': {
      const items = Array.from({ length: Math.min(1_000, size - after) }, (_, at) => `bulk-${after + at}`);
      return { items, next: after + items.length, more: after + items.length < size };
    }
    default:
      return {};
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString() || '{}';
}

// Nobody's kept socket is closed between two rounds, just as it is used again.
server.keepAliveTimeout = 600_000;
const port = await new Promise<number>((resolve) =>
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    resolve(typeof address === 'object' && address ? address.port : 0);
  }),
);
serveParent(
  {
    ready: () => true,
    port: () => port,
    count: () => arrived.size,
    calls: () => Object.fromEntries(calls),
    arrival: (id) => arrived.get(id),
    arrivals: () => [...arrived],
    forget: () => {
      arrived.clear();
      calls.clear();
    },
  },
  async () => void server.close(),
);
