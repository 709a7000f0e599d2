import type * as z from 'zod';
import { ProblemSchema } from './answers.ts';

/** What the operator sees when a command cannot be done; `exit` 2 = asked wrongly or not reachable. */
export class CommandProblem extends Error {
  readonly hint: string;
  constructor(error: string, { hint, ...options }: ErrorOptions & { hint: string }) {
    super(error, options);
    this.name = 'CommandProblem';
    this.hint = hint;
  }
}

/** One answer: the whole of it for `--json`, and the part that this version understands. */
export interface Answer<T> {
  raw: unknown;
  value: T;
}

/** The host's API over HTTP. */
export interface Client {
  get<T>(path: string, schema: z.ZodType<T>): Promise<Answer<T>>;
  post<T>(path: string, schema: z.ZodType<T>, body?: object): Promise<Answer<T>>;
}

/** How a request reaches an API, and what its other end is called in messages. */
export interface Reach {
  name: string;
  send(path: string, init: RequestInit): Promise<Response>;
  /** Where to look when answers make no sense. */
  check: string;
}

export function openClient(url: string): Client {
  const base = url.replace(/\/+$/, '');
  const name = new URL(url).origin;
  return clientOver({
    name,
    check: 'is it really the host of Intertie? Check --url',
    send: (path, init) =>
      fetch(`${base}${path}`, init).catch((error: unknown) => {
        throw new CommandProblem(`${name} does not answer`, {
          hint: 'start the host with "npm start", or give its address with --url',
          cause: error,
        });
      }),
  });
}

export function clientOver(reach: Reach): Client {
  return {
    get: (path, schema) => ask(reach, path, schema, {}),
    post: (path, schema, body = {}) =>
      ask(reach, path, schema, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
  };
}

async function ask<T>(
  reach: Reach,
  path: string,
  schema: z.ZodType<T>,
  init: RequestInit,
): Promise<Answer<T>> {
  const response = await reach.send(path, init);
  const raw = await readJson(response, reach);
  if (!response.ok) {
    const problem = ProblemSchema.safeParse(raw);
    if (problem.success) throw new CommandProblem(problem.data.error, { hint: problem.data.hint });
    throw new CommandProblem(`${reach.name} answered ${response.status}`, { hint: reach.check });
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { raw, value: parsed.data };
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new CommandProblem(`the answer's field "${field}" is not understood`, {
    hint: 'CLI and host are of different versions: restart npm start',
  });
}

async function readJson(response: Response, { name, check }: Reach): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new CommandProblem(`${name} answered something that is not JSON (${response.status})`, {
      hint: check,
      cause: error,
    });
  }
}
