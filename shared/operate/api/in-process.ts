import { Hono } from 'hono';
import { type Client, clientOver } from '../client.ts';
import { answerProblem, Problem } from './problem.ts';
import { buildApi } from './routes.ts';
import type { ApiOptions } from './routes-known.ts';

export interface InProcess extends ApiOptions {
  /** For messages: what answers here. */
  name: string;
  /** Makes sense of what nobody foresaw; undefined = it is thrown on. */
  explain(error: unknown): Problem | undefined;
}

/** The operator's API without a port: the same routes and answers, in this process. */
export function inProcessClient({ name, explain, ...options }: InProcess): Client {
  let unexplained: unknown;
  const app = new Hono().route('/api', buildApi(options));
  app.onError((error, context) => {
    const problem = error instanceof Problem ? error : explain(error);
    if (problem) return answerProblem(context, problem);
    unexplained = error;
    return context.json({}, 500);
  });
  return clientOver({
    name,
    check: 'run the command again; if it stays, it is a defect',
    send: async (path, init) => {
      const response = await app.request(path, init);
      if (unexplained !== undefined) throw unexplained;
      return response;
    },
  });
}
