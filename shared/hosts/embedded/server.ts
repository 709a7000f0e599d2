import { type Context, Hono } from 'hono';
import { answerProblem, Problem } from '../../operate/api/problem.ts';
import { buildApi } from '../../operate/api/routes.ts';
import type { ApiOptions } from '../../operate/api/routes-known.ts';
import { buildConsole, missingPage } from '../../operate/console/pages.ts';
import type { ServiceDesk } from '../../operate/service-desk.ts';
import { buildControl } from './control.ts';
import { guard } from './guard.ts';
import { answerHook, type HookOptions } from './hooks.ts';
import type { SandboxProcess } from './sandboxes.ts';
import type { ServiceApi } from './services.ts';

export interface ServerOptions extends ApiOptions {
  /** How people operate the services. */
  desks: readonly ServiceDesk[];
  hooks: HookOptions;
  apis: readonly ServiceApi[];
  sandboxes: readonly SandboxProcess[];
  /** Told of what nobody foresaw; the answer only says that it happened. */
  onError(error: unknown): void;
}

/** Everything on the host's port: webhooks, API, console and the sandboxes' controls. */
export function buildServer(options: ServerOptions): Hono {
  const app = new Hono();
  app.use(guard);
  app.all('/hooks/:flow/:source', (context) => answerHook(context, options.hooks));
  app.route('/api', buildApi(options));
  for (const { path, answer } of options.apis) app.all(`${path}/*`, (context) => answer(context.req.raw));
  app.route('/sandbox', buildControl(options.sandboxes));
  app.route(
    '/',
    buildConsole(options.view, {
      desks: options.desks,
      run: options.services.run,
      now: () => options.hooks.clock.now(),
    }),
  );
  app.notFound((context) => notFound(context, app));
  app.onError((error, context) => {
    if (error instanceof Problem) return refuse(context, error);
    options.onError(error);
    return refuse(
      context,
      new Problem(
        500,
        'unexpected error',
        'the terminal of npm start has the details; the request may be sent again',
      ),
    );
  });
  return app;
}

function notFound(context: Context, app: Hono): Response | Promise<Response> {
  const { method, path } = context.req;
  const others = app.routes.filter(
    (route) => route.method !== 'ALL' && route.method !== method && matches(route.path, path),
  );
  if (others.length === 0)
    return refuse(
      context,
      new Problem(404, 'no such address', 'the README lists the addresses of this port'),
    );
  const allowed = [...new Set(others.map((route) => route.method))];
  context.header('allow', allowed.join(', '));
  return refuse(context, new Problem(405, 'wrong method', `use ${allowed.join(' or ')}`));
}

/** People get a page, programs JSON. */
function refuse(context: Context, problem: Problem): Response | Promise<Response> {
  const forPeople = context.req.header('accept')?.includes('text/html') ?? false;
  if (!forPeople) return answerProblem(context, problem);
  return context.html(missingPage(problem.message, problem.hint), problem.status);
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at])
  );
}
