import type { Route } from './sandbox-gate.ts';
import { Refusal } from './sandbox-replies.ts';
import type { Json } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

export interface Request {
  readonly route: Route;
  readonly call: Call;
  /** Operation and `idempotency_key`; undefined where there is none. */
  readonly key: string | undefined;
  /** The body: the same key with another one is refused. */
  readonly fingerprint: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Carries a call out and keeps its answer under its key, except where its fields were refused first. */
export function carryOut(world: World, { route, call, key, fingerprint }: Request): Answer {
  if (key !== undefined) world.keys.begin(key, fingerprint, world.now());
  try {
    return keep(200, route.handle(world, call));
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    world.count('refused');
    if (thrown.stored) return keep(thrown.status, thrown.body);
    if (key !== undefined) world.keys.release(key);
    return { status: thrown.status, body: JSON.stringify(thrown.body) };
  }

  function keep(status: number, body: Json): Answer {
    const text = JSON.stringify(body);
    if (key !== undefined) {
      world.keys.answer(key, status, text);
      world.changes.count += 1;
    }
    return { status, body: text };
  }
}

export function internalError(): Answer {
  const error = {
    category: 'API_ERROR',
    code: 'INTERNAL_SERVER_ERROR',
    detail: 'An internal server error has occurred',
  };
  return { status: 500, body: JSON.stringify({ errors: [error] }) };
}
