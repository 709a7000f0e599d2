import type { Sandbox } from '../../connectors/sandbox.ts';
import type { Journal } from './sandbox-journal.ts';

/** Everything else may decide what a call comes to: credentials, idempotency keys, versions. */
const OF_THE_CONNECTION = new Set([
  ...['accept-encoding', 'connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding'],
]);

/** The sandbox's protocol; every call that may have changed something is written down before it is answered. */
export function journaledFetch(sandbox: Sandbox, journal: Journal) {
  return async (request: Request, env?: unknown): Promise<Response> => {
    if (request.method === 'GET' || request.method === 'HEAD') return sandbox.app.fetch(request, Object(env));
    const body = await request.text();
    const { pathname, search } = new URL(request.url);
    const before = sandbox.revision();
    const answer = await sandbox.app.fetch(
      new Request(request.url, {
        method: request.method,
        headers: request.headers,
        ...(body !== '' && { body }),
      }),
      Object(env),
    );
    const broken = answer.headers.has('x-hono-already-sent');
    if (broken || sandbox.revision() !== before) {
      const headers = Object.fromEntries(
        [...request.headers].filter(([name]) => !OF_THE_CONNECTION.has(name)),
      );
      journal.append({
        // When it was done, which a slow vendor puts long after it was asked: lines are in the order of their time.
        at: Date.now(),
        method: request.method,
        path: `${pathname}${search}`,
        headers,
        body,
        status: broken ? 0 : answer.status,
      });
    }
    return answer;
  };
}
