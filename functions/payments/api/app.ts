import { hash } from 'node:crypto';
import { Hono } from 'hono';
import { asFault } from '../../../shared/engine/fault.ts';
import type { ServiceWork } from '../../../shared/engine/service.ts';
import { type Merchant, merchantOf } from '../site.ts';
import { keyFrom } from './api-key.ts';
import { readBody } from './body.ts';
import { docsPage } from './docs-page.ts';
import { openApiOf } from './openapi.ts';
import type { ApiParts } from './parts.ts';
import { notFound, problemAnswer, Refusal } from './problem.ts';
import type { Answer, Posting, Route } from './route.ts';
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

async function admit({ ports, site }: ApiParts, { scope }: Route, request: Request): Promise<Merchant> {
  const key = await keyFrom(request.headers.get('authorization'), ports);
  if (!key)
    throw new Refusal(
      'unauthenticated',
      {
        field: 'Authorization',
        because: 'there is no API key, or it is not valid (any more)',
        next: 'send Authorization: Bearer itk_... with a key of this merchant',
      },
      { 'www-authenticate': 'Bearer realm="payments"' },
    );
  const merchant = merchantOf(site, key.merchant);
  if (merchant && key.scopes.includes(scope)) return merchant;
  throw new Refusal('forbidden', {
    field: 'Authorization',
    because: merchant
      ? `the API key has not the scope "${scope}"`
      : 'its merchant is not served here any more',
    next: merchant ? 'use a key that has it, or ask an operator for one' : 'ask an operator',
  });
}

const noPosting: Posting = { key: '', digest: '' };

function postingOf(request: Request, body: unknown): Posting {
  const key = request.headers.get('idempotency-key') ?? '';
  const next = 'send one key for each thing you ask for, and the same key with each repeat of it';
  const field = 'Idempotency-Key';
  if (key === '') throw new Refusal('key-missing', { field, because: 'every POST needs one', next });
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const because = 'it must be 1 to 255 visible ASCII characters';
    throw new Refusal('key-malformed', { field, because, next });
  }
  const { pathname } = new URL(request.url);
  return { key, digest: hash('sha256', `${request.method} ${pathname}\n${canonical(body ?? {})}`) };
}

/** Equal for equal JSON, however it was written. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`;
}

/** A name that is given twice would be read differently by different readers. */
function queryOf({ searchParams }: URL): Readonly<Record<string, string>> {
  const names = [...searchParams.keys()];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new Refusal('malformed-query', {
      field: twice.slice(0, 60),
      because: 'it is there twice',
      next: 'send each parameter once',
    });
  return Object.fromEntries(searchParams);
}

/** Nothing that cannot be an id gets as far as the store. */
function idsOf(path: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const ids = Object.entries(path).map(([name, value]) => [name, value.replace(/\.csv$/, '')] as const);
  if (ids.some(([, value]) => !/^[A-Za-z0-9._:~-]{1,160}$/.test(value))) throw notFound('thing');
  return Object.fromEntries(ids);
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
