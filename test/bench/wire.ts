import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import * as z from 'zod';

/** HTTP calls that this process has made, by host and by what they ask for. */
export interface Wire {
  /** By host, `127.0.0.1:4711`. */
  byHost(): Readonly<Record<string, number>>;
  /** By method and path, ids left out. */
  byPath(): Readonly<Record<string, number>>;
}

/** Counts from now on, until the process ends. */
export function countCalls(): Wire {
  const hosts = new Map<string, number>();
  const paths = new Map<string, number>();
  subscribe('http.client.request.start', (message) => {
    const { request } = z.object({ request: z.instanceof(ClientRequest) }).parse(message);
    count(hosts, String(request.getHeader('host')));
    count(paths, `${request.method} ${withoutIds(request.path)}`);
  });
  return { byHost: () => Object.fromEntries(hosts), byPath: () => Object.fromEntries(paths) };
}

/** What was counted since. */
export function difference(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function withoutIds(path: string): string {
  return path.replace(/\?.*$/, '').replace(/\/\d+(?=\/|$)/g, '/:id');
}
