import type { Hono } from 'hono';
import { Gate, type Handler } from './sandbox-gate.ts';
import type { World } from './sandbox-world.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Registers calls of the API, each behind the gate. */
export class Doors {
  readonly world: World;
  readonly #app: Hono;
  readonly #gate: Gate;

  constructor(app: Hono, world: World) {
    this.world = world;
    this.#app = app;
    this.#gate = new Gate(world);
  }

  /** `operation` is its name in the counters. */
  read(method: Method, path: string, operation: string, handle: Handler): void {
    this.#app[method](path, this.#gate.guard({ operation, effect: 'read', handle }));
  }

  write(method: Method, path: string, operation: string, handle: Handler): void {
    this.#app[method](path, this.#gate.guard({ operation, effect: 'write', handle }));
  }
}
