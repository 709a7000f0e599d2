import * as z from 'zod';
import { amend, readDocument } from './documents.ts';
import type { Millis, Ports } from './ports.ts';

/** How long one worker may hold a cursor without saving; longer than any page takes. */
const CURSOR_LEASE: Millis = 120_000;

/** The right to continue one long walk (scan, backfill, audit), and where it stands. */
export interface Held<T> {
  state: T | undefined;
  /** Saves after the step's effects are durable, and keeps the lease; false = it was lost, stop. */
  save(state: T): Promise<boolean>;
  /** Gives the lease back, with the last state if one is given. */
  release(state?: T): Promise<void>;
}

/** One worker at a time, by lease; the next one continues where the last state was saved. */
export async function holdCursor<T>(
  ports: Ports,
  key: string,
  schema: z.ZodType<T>,
): Promise<Held<T> | undefined> {
  const document = z.object({
    lease: z.object({ token: z.string(), until: z.number() }).optional(),
    state: schema.optional(),
  });
  type Stored = z.infer<typeof document>;
  const token = ports.random.token();
  const until = (): Millis => ports.clock.now() + CURSOR_LEASE;
  const now = ports.clock.now();
  const taken = await amend<Stored>(ports, key, document, (current) =>
    current?.lease && current.lease.until > now
      ? undefined
      : withState({ token, until: until() }, current?.state),
  );
  if (taken?.lease?.token !== token) return undefined;
  const change = async (next: (current: Stored) => Stored): Promise<boolean> => {
    let ours = false;
    await amend<Stored>(ports, key, document, (current) => {
      ours = current?.lease?.token === token;
      return ours && current ? next(current) : undefined;
    });
    return ours;
  };
  return {
    state: taken.state,
    save: (state) => change(() => withState({ token, until: until() }, state)),
    release: async (state) => {
      await change((current) => withState(undefined, state ?? current.state));
    },
  };
}

/** Where a walk stands, without the right to continue it. */
export async function readCursor<T>(ports: Ports, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const stored = await readDocument(ports, key, z.object({ state: schema.optional() }));
  return stored?.state;
}

/** Gives a walk its first state if it has none, whoever holds it. */
export async function establishCursor<T>(
  ports: Ports,
  key: string,
  schema: z.ZodType<T>,
  state: T,
): Promise<void> {
  const document = z.looseObject({ state: schema.optional() });
  await amend(ports, key, document, (current) =>
    current?.state === undefined ? { ...current, state } : undefined,
  );
}

/** Replaces the state whoever holds it: the walk begins anew. */
export async function resetCursor<T>(
  ports: Ports,
  key: string,
  schema: z.ZodType<T>,
  state: T,
): Promise<void> {
  const document = z.object({ state: schema.optional() });
  await amend(ports, key, document, () => ({ state }));
}

function withState<T, L>(lease: L | undefined, state: T | undefined): { lease?: L; state?: T } {
  const stored: { lease?: L; state?: T } = {};
  if (lease !== undefined) stored.lease = lease;
  if (state !== undefined) stored.state = state;
  return stored;
}
