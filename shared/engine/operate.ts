import { readAccount } from './account-state.ts';
import { announce } from './announce.ts';
import { freshHint, type Hint } from './change-event.ts';
import type { Engine } from './engine.ts';
import { WORKER_DIED } from './failed.ts';
import { type Flow, SKEW, WORKER_TIMEOUT } from './flow.ts';
import { emptyBody, type LinkBody, withOutcome } from './link.ts';
import type { Link, LinkKey, Millis } from './ports.ts';
import { accountKey } from './session.ts';

/** A record within a flow. */
export type Name = Pick<LinkKey, 'collection' | 'id'>;

/** What pressing replay would mean for one record. It converges in every case; this says what to expect. */
export type Verdict =
  | { kind: 'safe'; why: string }
  | { kind: 'already-applied'; why: string }
  | { kind: 'needs-verification'; why: string }
  | { kind: 'mapping-changed'; why: string };

/** Pure. */
export function verdictOf(link: Link | undefined, deployment: string): Verdict {
  const body = link?.body;
  if (!body) return { kind: 'safe', why: 'it has never been delivered' };
  if (!body.parked)
    return {
      kind: 'already-applied',
      why: 'it is not parked; a replay compares both sides and repairs a difference',
    };
  if (body.parked.kind === WORKER_DIED)
    return { kind: 'needs-verification', why: 'workers died with it; replay it alone and watch the log' };
  if (body.doubt || link.lease)
    return {
      kind: 'needs-verification',
      why: 'a write may have landed; the replay writes whatever the link remembers',
    };
  if (body.parked.deployment !== undefined && body.parked.deployment !== deployment)
    return { kind: 'mapping-changed', why: 'the code has been deployed anew since it was parked' };
  return { kind: 'safe', why: 'nothing was written; it is read and mapped again' };
}

/** How many records were queued, and what to expect of each. */
export interface Replayed {
  sent: number;
  items: (Name & { verdict: Verdict })[];
}

/** Puts records on the queue again, to be compared with a fresh read of both sides. */
export async function replay(engine: Engine, flow: Flow, which: readonly Name[] | 'all'): Promise<Replayed> {
  const replayed: Replayed = { sent: 0, items: [] };
  const trace = engine.ports.random.token();
  for await (const links of which === 'all' ? allParked(engine, flow) : named(engine, flow, which)) {
    const now = engine.ports.clock.now();
    const hints = new Map<string, Hint[]>();
    for (const { key, link } of links) {
      hints.set(key.collection, [...(hints.get(key.collection) ?? []), freshHint(key.id, now, true)]);
      replayed.items.push({
        collection: key.collection,
        id: key.id,
        verdict: verdictOf(link, engine.deployment),
      });
    }
    for (const [collection, some] of hints) {
      const envelope = { flow: flow.name, collection, cause: 'replay', trace } as const;
      await announce(engine.ports, 'bulk', envelope, some);
      replayed.sent += some.length;
    }
  }
  return replayed;
}

/** Takes a parked record off the list for good, with a reason; a later change of it is delivered as usual. False = it is not parked, or in work. */
export async function discard(engine: Engine, flow: Flow, name: Name, reason: string): Promise<boolean> {
  const { ports } = engine;
  const key = { flow: flow.name, ...name };
  const now = ports.clock.now();
  const token = ports.random.token();
  const [claim] = await ports.links.claim([{ key, token, until: now + WORKER_TIMEOUT }], now - 2 * SKEW);
  if (!claim?.claimed) return false;
  const body = claim.before?.body ?? emptyBody;
  const { parked, ...rest } = body;
  const outcome = {
    at: now,
    outcome: 'discarded' as const,
    cause: 'replay',
    trace: token,
    attempt: 0,
    reason,
  };
  const next: LinkBody = parked ? withOutcome({ ...rest, doubt: true }, outcome) : body;
  await ports.links.settle([
    { key, token, body: claim.before?.body ? next : undefined, lease: 'release', rung: [] },
  ]);
  if (parked) ports.trail.write([{ ...outcome, cause: 'replay', ...key }]);
  return parked !== undefined;
}

/** Lets a held mass change through for a day, and its records move again. False = the flow is not held for one. */
export async function approve(engine: Engine, flow: Flow): Promise<boolean> {
  const day: Millis = 24 * 3_600_000;
  const state = await engine.gate(flow).state();
  if (state?.hold?.kind !== 'mass-change') return false;
  await engine.guard(flow).approve(engine.ports.clock.now() + day);
  return engine.gate(flow).release('mass-change');
}

/** Ends any hold of ours, without approving anything; it comes back if its cause is still there. */
export async function release(engine: Engine, flow: Flow): Promise<boolean> {
  await engine.watch(flow).forget();
  return engine.gate(flow).release();
}

/** Lets a held account be called again before its credentials change; undefined = no flow uses such an account. */
export async function releaseAccount(engine: Engine, account: string): Promise<boolean | undefined> {
  const ref = engine.flows.flatMap((flow) => flow.accounts).find((each) => accountKey(each) === account);
  if (!ref) return undefined;
  const state = await readAccount(engine.ports, ref);
  if (!state?.held) return false;
  await engine.account(ref).release();
  return true;
}

interface Named {
  key: LinkKey;
  link: Link | undefined;
}

async function* allParked(engine: Engine, flow: Flow): AsyncGenerator<Named[]> {
  let after: string | undefined;
  do {
    const page = await engine.ports.links.parked(flow.name, 100, after);
    yield page.items.map((link) => ({ key: link.key, link }));
    after = page.next;
  } while (after !== undefined);
}

async function* named(engine: Engine, flow: Flow, names: readonly Name[]): AsyncGenerator<Named[]> {
  for (let at = 0; at < names.length; at += 100) {
    const keys = names.slice(at, at + 100).map((name): LinkKey => ({ flow: flow.name, ...name }));
    const links = await engine.ports.links.read(keys);
    yield keys.map((key, index) => ({ key, link: links[index] }));
  }
}
