import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** A refusal of the API: what is wrong, and what to do next. Thrown anywhere below a route. */
export class Problem extends Error {
  readonly status: ContentfulStatusCode;
  readonly hint: string;

  constructor(status: ContentfulStatusCode, error: string, hint: string) {
    super(error);
    this.name = 'Problem';
    this.status = status;
    this.hint = hint;
  }
}

/** The body of every refusal. */
export function answerProblem(context: Context, problem: Problem): Response {
  return context.json({ error: problem.message, hint: problem.hint }, problem.status);
}
