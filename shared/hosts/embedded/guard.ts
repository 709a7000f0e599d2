import type { MiddlewareHandler } from 'hono';
import { answerProblem, Problem } from '../../operate/api/problem.ts';

/** Headers that say where a request comes from, as the browser or client sent them. */
export interface Provenance {
  method: string;
  path: string;
  host: string | undefined;
  origin: string | undefined;
  fetchSite: string | undefined;
}

const LOCAL = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * The host has no login: whoever reaches the port is the operator. So no web page may reach it: not under a
 * name of its own that resolves to this machine, and not by posting a form across origins. Webhooks are exempt:
 * a tunnel brings its own host name, and their signature says who they are from.
 */
export function refusalOf(from: Provenance): Problem | undefined {
  if (from.path.startsWith('/hooks/')) return undefined;
  const hostname = from.host?.replace(/:\d+$/, '').toLowerCase();
  if (hostname === undefined || !LOCAL.has(hostname)) {
    return new Problem(
      403,
      'this host name is not served',
      'use http://127.0.0.1 or http://localhost with the port that npm start printed',
    );
  }
  if (from.method === 'GET' || from.method === 'HEAD') return undefined;
  const foreignSite =
    from.fetchSite !== undefined && from.fetchSite !== 'same-origin' && from.fetchSite !== 'none';
  const foreignOrigin =
    from.origin !== undefined && from.origin.toLowerCase() !== `http://${from.host?.toLowerCase()}`;
  if (!foreignSite && !foreignOrigin) return undefined;
  return new Problem(
    403,
    'a page of another origin may not change anything here',
    'use the console on this port, or the CLI: npm run intertie -- --help',
  );
}

export const guard: MiddlewareHandler = async (context, next) => {
  const refusal = refusalOf({
    method: context.req.method,
    path: context.req.path,
    host: context.req.header('host'),
    origin: context.req.header('origin'),
    fetchSite: context.req.header('sec-fetch-site'),
  });
  if (refusal) return answerProblem(context, refusal);
  await next();
  context.header(
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  );
  context.header('x-content-type-options', 'nosniff');
  context.header('referrer-policy', 'same-origin');
  context.header('cache-control', 'no-store');
};
