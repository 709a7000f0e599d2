import { Hono } from 'hono';
import { asFault } from '../../../shared/engine/fault.ts';
import type { ServiceWork } from '../../../shared/engine/service.ts';
import { admit } from './admit.ts';
import { idsOf, noPosting, postingOf, queryOf } from './arrived.ts';
import { readBody } from './body.ts';
import { docsPage } from './docs-page.ts';
import { openApiOf } from './openapi.ts';
import type { ApiParts } from './parts.ts';
import { problemAnswer, Refusal } from './problem.ts';
import type { Answer, Route } from './route.ts';
import { routesOf } from './routes.ts';

/** The hub's API. */
export interface PaymentsApi {
  answer(request: Request, work: ServiceWork): Promise<Response>;
}

type Environment = { Bindings: { work: ServiceWork } };

/** Asks nothing of its parts yet. */
export function buildApi(parts: ApiParts): PaymentsApi {
  const routes = routesOf(parts);
  const app = new Hono<Environment>();
  const base = () => parts.ports.publicUrl();
  const document = lazily(() => openApiOf(routes, base()));
  for (const route of routes)
    app.on(route.method, honoPath(route.path), async ({ req, env }) =>
      respond(await run(parts, route, { request: req.raw, path: req.param(), work: env.work })),
    );
  app.get('/openapi.json', (context) => context.json(document()));
  app.get('/docs', (context) => {
    context.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
    return context.html(docsPage(document()));
  });
  for (const [path, methods] of methodsOf(routes)) app.all(path, () => Promise.reject(noSuchMethod(methods)));
  app.notFound(() => {
    const because = 'the API has no such path';
    const refusal = new Refusal('not-found', { because, next: `see ${base()}/docs for those it has` });
    return problemAnswer(refusal, base());
  });
  app.onError((thrown) => problemAnswer(refusalOf(parts, thrown), base()));
  return {
    answer: async (request, work) => {
      const response = await app.fetch(request, { work });
      response.headers.set('cache-control', 'no-store');
      response.headers.set('x-content-type-options', 'nosniff');
      return response;
    },
  };
}

interface Arrived {
  request: Request;
  path: Readonly<Record<string, string>>;
  work: ServiceWork;
}

async function run(parts: ApiParts, route: Route, { request, path, work }: Arrived): Promise<Answer> {
  const merchant = await admit(parts, route, request);
  const call = { ...parts, merchant, work, path: idsOf(path), accept: request.headers.get('accept') ?? '' };
  const query = queryOf(new URL(request.url));
  if (route.method === 'GET') return route.run(call, { query, body: undefined, posting: noPosting });
  const body = await readBody(request);
  const posting = route.keyed ? postingOf(request, body) : noPosting;
  return route.run(call, { query, body, posting });
}

function respond({ status, body, headers, csv }: Answer): Response {
  const type = csv ? 'text/csv; charset=utf-8' : 'application/json';
  const text = csv ? String(body) : JSON.stringify(body);
  return new Response(text, { status, headers: { 'content-type': type, ...headers } });
}

function refusalOf({ ports }: ApiParts, thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  const { kind, message } = asFault(thrown, 'payments api');
  ports.log({ log: 'trouble', service: 'payments', kind, reason: message });
  const because = 'something on our side failed; what was accepted is kept';
  const next = 'send the same request again, with the same Idempotency-Key';
  return new Refusal('try-again', { because, next }, { 'retry-after': '5' });
}

function noSuchMethod(methods: readonly string[]): Refusal {
  const allow = methods.join(', ');
  const because = 'the path is right, and the method is not';
  return new Refusal('method-not-allowed', { because, next: `use one of: ${allow}` }, { allow });
}

function methodsOf(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>([
    ['/openapi.json', ['GET']],
    ['/docs', ['GET']],
  ]);
  for (const { path, method } of routes) {
    const at = honoPath(path);
    methods.set(at, [...(methods.get(at) ?? []), method]);
  }
  return methods;
}

/** `/v1/payments/{id}` → `/v1/payments/:id`. */
function honoPath(path: string): string {
  return path.replace('{id}.csv', ':id{.+\\.csv}').replaceAll(/\{(\w+)\}/g, ':$1');
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
