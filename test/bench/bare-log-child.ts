// What a bare Node process can do: write a group-committed log, and forward each record with one call.
import { closeSync, fdatasync, openSync, write } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { promisify } from 'node:util';
import * as z from 'zod';
import { HookBody } from './bench-flow.ts';
import { serveParent, usage } from './child.ts';

const { file, sink } = z
  .object({ file: z.string(), sink: z.number() })
  .parse(JSON.parse(process.argv[2] ?? ''));
const log = openSync(file, 'a');
const writeAll = promisify(write);
const sync = promisify(fdatasync);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

let waiting: { line: string; written: () => void }[] = [];
let busy = false;

/** Resolves when the line is on disk; lines that arrive during one sync share the next. */
function logged(line: string): Promise<void> {
  return new Promise((resolve) => {
    waiting.push({ line, written: resolve });
    if (!busy) void commit();
  });
}

async function commit(): Promise<void> {
  busy = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await writeAll(log, group.map((each) => `${each.line}\n`).join(''));
    await sync(log);
    for (const { written } of group) written();
  }
  busy = false;
}

function forward(id: string): Promise<void> {
  const body = JSON.stringify({ refs: [id], fields: [{ name: `name of ${id}` }] });
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port: sink,
        path: '/write',
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (answer) => answer.resume().on('end', resolve),
    );
    call.on('error', reject);
    call.end(body);
  });
}

async function textOf(asked: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of asked) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const server = createServer(async (asked, answer) => {
  const text = await textOf(asked);
  await logged(text);
  answer.writeHead(200, { 'content-length': 2 });
  answer.end('ok');
  await Promise.all(HookBody.parse(JSON.parse(text)).map(forward));
});
server.keepAliveTimeout = 600_000;
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
const address = server.address();
const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
serveParent({ ready: () => true, url: () => url, usage }, async () => {
  server.close();
  closeSync(log);
});
