import { once } from 'node:events';
import type { Server } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { HOST } from './options.ts';

export interface Listening {
  port: number;
  /** Takes no new connection; resolves when those in use have ended, at the latest after `patience` ms. */
  close(patience: number): Promise<void>;
}

/** Serves on 127.0.0.1; port 0 = any free one. An occupied port is one line that says what to do. */
export async function listen(app: Pick<Hono, 'fetch'>, port: number): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new Error(`port ${port} is in use: stop what listens there, or choose another with --port`, {
        cause: error,
      });
    }
    throw error;
  }
  return { port: portOf(server), close: (patience) => closeServer(server, patience) };
}

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function closeServer(server: ReturnType<typeof createAdaptorServer>, patience: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  if ('closeIdleConnections' in server) server.closeIdleConnections();
  const late = setTimeout(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
  }, patience);
  await closed;
  clearTimeout(late);
}
