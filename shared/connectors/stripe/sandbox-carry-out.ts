import { expandOf } from './sandbox-form.ts';
import type { Route } from './sandbox-gate.ts';
import { expanded } from './sandbox-objects.ts';
import { Refusal } from './sandbox-replies.ts';
import type { Json } from './sandbox-rows.ts';
import type { Call, World } from './sandbox-world.ts';

export interface Request {
  readonly route: Route;
  readonly call: Call;
  /** Its `Idempotency-Key`. */
  readonly key: string | undefined;
  /** Path and body: the same key with another one is refused. */
  readonly fingerprint: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Carries a call out and keeps its answer under its key, except where its parameters were refused first. */
export function carryOut(world: World, { route, call, key, fingerprint }: Request): Answer {
  if (key !== undefined) world.keys.begin(key, fingerprint, world.now());
  try {
    const body = expanded(world, route.handle(world, call), expandOf(call.params));
    return keep(200, body);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    world.count('refused');
    if (thrown.stored) return keep(thrown.status, thrown.body);
    if (key !== undefined) world.keys.release(key);
    return { status: thrown.status, body: JSON.stringify(thrown.body) };
  }

  function keep(status: number, body: Json): Answer {
    const text = JSON.stringify(body);
    if (key !== undefined) world.keys.answer(key, status, text);
    if (route.method === 'post') world.changes.count += 1;
    return { status, body: text };
  }
}

export function internalError(): Answer {
  const error = { type: 'api_error', message: 'An unknown error occurred' };
  return { status: 500, body: JSON.stringify({ error }) };
}
