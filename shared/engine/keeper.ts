import { type Hint, parseChangeEvent } from './change-event.ts';
import type { Engine } from './engine.ts';
import { type Flow, SKEW, TOLERANCE, WORKER_TIMEOUT } from './flow.ts';
import { emptyBody, localName } from './link.ts';
import type { DeadLetter, Link, LinkKey, Ports, StoredLetter } from './ports.ts';

const AT_MOST = 100;

export interface KeeperReport {
  /** Letters taken away because their record has healed or was discarded. */
  removed: number;
  /** Links marked for messages that the queue moved by itself. */
  marked: number;
}

/**
 * Keeps the dead-letter queue and the links telling the same story: a healed record's letter goes, and a raw
 * message that the queue gave up on becomes a parked link with a letter that says so.
 */
export async function keepDeadLetters(engine: Engine, flow: Flow): Promise<KeeperReport> {
  const { ports } = engine;
  const letters = await ports.deadLetters.look(flow.name, AT_MOST);
  const report: KeeperReport = { removed: 0, marked: 0 };
  const seen = new Set<string>();
  for (const stored of letters) {
    const { letter } = stored;
    if (!letter) report.marked += await markRaw(engine, flow, stored);
    else if (seen.has(localName({ ...letter }))) report.removed += await remove(ports, flow, stored);
    else report.removed += await removeHealed(ports, flow, stored, letter);
    if (letter) seen.add(localName({ ...letter }));
  }
  const { count, oldestSince } = await ports.links.parkedCount(flow.name);
  ports.meter.gauge(flow.name, 'parked', count);
  ports.meter.gauge(flow.name, 'parked.age', oldestSince === undefined ? 0 : ports.clock.now() - oldestSince);
  return report;
}

async function removeHealed(
  ports: Ports,
  flow: Flow,
  stored: StoredLetter,
  letter: DeadLetter,
): Promise<number> {
  const { collection, id } = letter;
  const [link] = await ports.links.read([{ flow: flow.name, collection, id }]);
  // A read may be stale, so a young letter is left for the next look.
  if (link?.body?.parked || ports.clock.now() - letter.at < WORKER_TIMEOUT) return 0;
  return remove(ports, flow, stored);
}

async function remove(ports: Ports, flow: Flow, stored: StoredLetter): Promise<number> {
  await ports.deadLetters.remove(flow.name, [stored.receipt]);
  return 1;
}

async function markRaw(engine: Engine, flow: Flow, stored: StoredLetter): Promise<number> {
  const event = parseChangeEvent(stored.body);
  if (!event || !flow.collection(event.collection)) return 0;
  const keys = event.records.map(
    ({ id }): LinkKey => ({ flow: flow.name, collection: event.collection, id }),
  );
  const links = await engine.ports.links.read(keys);
  // Some of its records may have been taken care of before the message came once too often.
  const open = keys.filter((_, at) => !isDone(links[at], event.records[at]));
  const letters = await parkUntold(engine, open, event.trace);
  if (letters.length > 0) await engine.ports.deadLetters.add(letters);
  if (letters.length === open.length) await engine.ports.deadLetters.remove(flow.name, [stored.receipt]);
  return letters.length;
}

function isDone(link: Link | undefined, hint: Hint | undefined): boolean {
  if (!link?.body || link.lease || !hint) return false;
  return link.body.parked !== undefined || (link.body.readAt ?? 0) > hint.observedAt + TOLERANCE;
}

/** A record that a worker holds right now is left for the next look. */
async function parkUntold(
  { ports, deployment }: Engine,
  keys: readonly LinkKey[],
  trace: string,
): Promise<DeadLetter[]> {
  const now = ports.clock.now();
  const token = ports.random.token();
  const reason =
    'the queue gave up on its message: no worker finished it in time, ten times in a row; look at the log, then replay';
  const fingerprint = 'redriven';
  const requests = keys.map((key) => ({ key, token, until: now + WORKER_TIMEOUT }));
  const claims = await ports.links.claim(requests, now - 2 * SKEW);
  const letters: DeadLetter[] = [];
  for (const [at, key] of keys.entries()) {
    const claim = claims[at];
    if (!claim?.claimed) continue;
    const body = claim.before?.body ?? emptyBody;
    const parked = body.parked ?? { reason, fingerprint, since: now, kind: 'redriven', deployment };
    const settlement = {
      key,
      token,
      body: { ...body, parked, doubt: true },
      lease: 'release' as const,
      rung: [],
    };
    const [result] = await ports.links.settle([settlement]);
    if (result === 'settled') letters.push({ ...key, reason, fingerprint, at: now, trace });
  }
  return letters;
}
