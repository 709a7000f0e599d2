import type { ChangeEvent } from '../../../shared/engine/change-event.ts';
import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { LinkBody } from '../../../shared/engine/link.ts';
import { emptyBody } from '../../../shared/engine/link.ts';
import type {
  ClaimResult,
  Delivery,
  Link,
  LinkKey,
  Millis,
  Ports,
  QueueRef,
} from '../../../shared/engine/ports.ts';

export type StoragePorts = Pick<Ports, 'links' | 'queue' | 'deadLetters' | 'secrets'> & {
  documents: FiledDocuments;
};

export interface OpenHost {
  ports: StoragePorts;
  /** Lets this much time pass for the host: at once if its clock can be moved, else really. */
  advance(ms: Millis): Promise<void>;
  /** The ports after the process ended and began again on the same data. */
  restart?(): Promise<StoragePorts>;
  close(): Promise<void>;
}

export interface HostTraits {
  /** False: `advance` waits for real, and tests that need more than two seconds are skipped. */
  movableClock: boolean;
  /** Runs of each property; fewer for a host that is far away. */
  runs?: number;
}

export interface Host {
  open(): OpenHost;
  traits: HostTraits;
}

/** The flows whose queues a host must have before the suite starts, lanes `live` and `bulk`. */
export const CONTRACT_FLOWS = ['contract-one', 'contract-two'] as const;
export const LIVE: QueueRef = { flow: CONTRACT_FLOWS[0], lane: 'live' };
export const BULK: QueueRef = { flow: CONTRACT_FLOWS[0], lane: 'bulk' };
export const OTHER: QueueRef = { flow: CONTRACT_FLOWS[1], lane: 'live' };

/** A moment that leases of the suite are placed around; links take every moment as an argument. */
export const T0: Millis = 1_700_000_000_000;

export function key(id: string, flow = 'contract-links', collection = 'people'): LinkKey {
  return { flow, collection, id };
}

export function body(parts: Partial<LinkBody> = {}): LinkBody {
  return { ...emptyBody, ...parts };
}

export function parkedBody(since: Millis): LinkBody {
  return body({ parked: { reason: 'rejected: e-mail', fingerprint: 'f', since, kind: 'rejected' } });
}

export function event(ref: QueueRef, parts: Partial<ChangeEvent> = {}): ChangeEvent {
  return {
    version: 1,
    flow: ref.flow,
    collection: 'people',
    cause: 'webhook',
    trace: 'trace-1',
    records: [{ id: 'r1', observedAt: T0, firstObservedAt: T0, attempt: 0 }],
    ...parts,
  };
}

/** Claims one record with a lease of one minute from T0, expired leases being those that ended before `at`. */
export async function claim(
  ports: Pick<Ports, 'links'>,
  of: LinkKey,
  token: string,
  at: Millis = T0,
): Promise<ClaimResult> {
  const [result] = await ports.links.claim([{ key: of, token, until: at + 60_000 }], at);
  if (!result) throw new Error('claim answered nothing');
  return result;
}

/** The link as the claim found it; fails the test when the claim was refused. */
export async function claimed(
  ports: Pick<Ports, 'links'>,
  of: LinkKey,
  token: string,
  at = T0,
): Promise<Link | undefined> {
  const result = await claim(ports, of, token, at);
  if (!result.claimed) throw new Error(`claim of ${of.id} refused, held until ${result.heldUntil}`);
  return result.before;
}

export async function readOne(ports: Pick<Ports, 'links'>, of: LinkKey): Promise<Link | undefined> {
  return (await ports.links.read([of]))[0];
}

/** Stores a body: a claim and its settle. */
export async function store(ports: Pick<Ports, 'links'>, of: LinkKey, stored: LinkBody): Promise<void> {
  const token = `store-${of.id}`;
  await claimed(ports, of, token);
  await ports.links.settle([{ key: of, token, body: stored, lease: 'release', rung: [] }]);
}

/** Receives until `count` messages came or a queue that may answer with a part has been asked often enough. */
export async function receiveAll(
  ports: StoragePorts,
  from: QueueRef,
  want: { count: number; visibility: Millis },
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (let tries = 0; tries < 60 && deliveries.length < want.count; tries += 1) {
    deliveries.push(...(await ports.queue.receive(from, want.count - deliveries.length, want.visibility)));
  }
  return deliveries;
}

/** A link with nothing in it and no link at all mean the same to the engine. */
export function plain(link: Link | undefined): Link | undefined {
  if (!link || (!link.body && !link.lease && link.takeovers === 0 && link.waiters.length === 0))
    return undefined;
  const { token, until, reported } = link.lease ?? {};
  const lease = token === undefined || until === undefined ? undefined : { token, until };
  return {
    ...link,
    lease: lease && reported ? { ...lease, reported } : lease,
    waiters: [...link.waiters].sort(),
  };
}
