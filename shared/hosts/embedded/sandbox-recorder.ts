import type { Sandbox } from '../../connectors/sandbox.ts';
import type { Journal } from './sandbox-journal.ts';

const KEPT_HEADERS = ['authorization', 'content-type'];

/** The sandbox's protocol; every call that may have changed something is written down before it is answered. */
export function journaledFetch(sandbox: Sandbox, journal: Journal) {
  return async (request: Request, env?: unknown): Promise<Response> => {
    if (request.method === 'GET' || request.method === 'HEAD') return sandbox.app.fetch(request, Object(env));
    const at = Date.now();
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
        KEPT_HEADERS.flatMap((name) => {
          const value = request.headers.get(name);
          return value === null ? [] : [[name, value]];
        }),
      );
      journal.append({
        at,
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
