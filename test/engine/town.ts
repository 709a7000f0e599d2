import {
  type Cause,
  type ChangeEvent,
  freshHint,
  type Lane,
  pack,
} from '../../shared/engine/change-event.ts';
import { type Engine, openEngine, type Work } from '../../shared/engine/engine.ts';
import { Fault } from '../../shared/engine/fault.ts';
import type { Fields } from '../../shared/engine/fields.ts';
import {
  type Collection,
  defineFlow,
  type Flow,
  type FlowDefinition,
  lanesOf,
  type Mapped,
  WORKER_TIMEOUT,
} from '../../shared/engine/flow.ts';
import type { History } from '../../shared/engine/history.ts';
import type { Link, Millis } from '../../shared/engine/ports.ts';
import { reconcile } from '../../shared/engine/reconcile.ts';
import type { Found, Read, Source, Target, Write, WriteResult } from '../../shared/engine/resource.ts';
import { virtualClock } from '../support/memory/clock.ts';
import { memoryPorts } from '../support/memory/ports.ts';

/** What a person is at the source of these tests. */
export interface Person {
  name: string;
  email?: string;
  hidden?: boolean;
  friends?: string[];
  recheckAt?: Millis;
  /** Only in towns that go both ways. */
  consent?: string | null;
  tags?: string | null;
  title?: string | null;
  /** Counts its changes; who wrote what. */
  revision?: number;
  past?: History;
  /** Its e-mail is its login, which only a person may change. */
  login?: boolean;
}

export interface TargetRow {
  ref?: string;
  fields: Record<string, Fields[string]>;
  past?: History;
}

/** One call that a vendor in memory was asked for. */
export interface Call {
  operation: string;
  ids: string[];
}

export interface TownOptions {
  flow?: Partial<FlowDefinition>;
  collection?: Partial<Collection<Person>>;
  source?: Partial<Source<Person>>;
  target?: Partial<Target>;
  deployment?: string;
}

/**
 * A source and a target that live in memory, with the real engine between them on in-memory ports. `fail` is
 * asked before every call and may throw or return a fault for it.
 */
export function town(options: TownOptions = {}) {
  const clock = virtualClock();
  const ports = memoryPorts({ clock });
  const people = new Map<string, Person>();
  const rows = new Map<string, TargetRow>();
  const calls: Call[] = [];
  const trouble: { fail: (call: Call) => void; refuse: (write: Write) => Fault | undefined } = {
    fail: () => undefined,
    refuse: () => undefined,
  };
  const called = (operation: string, ids: readonly string[]): void => {
    const call = { operation, ids: [...ids] };
    calls.push(call);
    trouble.fail(call);
  };
  const source = { ...memorySource(people, called, clock.now), ...options.source };
  const target = { ...memoryTarget(rows, called, (write) => trouble.refuse(write)), ...options.target };
  const flow = testFlow({ source, target }, options);
  const engine = openEngine({ ports, flows: [flow], deployment: options.deployment ?? 'd1' });
  return { clock, ports, people, rows, calls, trouble, flow, engine, ...driver(engine, flow, clock) };
}

export type Town = ReturnType<typeof town>;

function driver(engine: Engine, flow: Flow, clock: ReturnType<typeof virtualClock>) {
  const { ports } = engine;
  const work = (): Work => ({
    deadline: clock.now() + WORKER_TIMEOUT,
    signal: new AbortController().signal,
    background: (task) => void task.catch(() => undefined),
  });
  const hint = async (
    ids: readonly string[],
    how: { cause?: Cause; lane?: Lane; verify?: boolean } = {},
  ): Promise<void> => {
    const hints = ids.map((id) => freshHint(id, clock.now(), how.verify ?? false));
    const envelope = { flow: flow.name, collection: 'people', cause: how.cause ?? 'webhook', trace: 'test' };
    await ports.queue.send(
      pack(envelope, hints).map((event) => ({ lane: how.lane ?? 'live', event, delay: 0 })),
    );
  };
  /** One invocation per lane with whatever is visible now; true if there was anything. */
  const turn = async (): Promise<boolean> => {
    let any = false;
    for (const lane of lanesOf(flow)) {
      const from = { flow: flow.name, lane };
      const deliveries = await ports.queue.receive(from, 10, 6 * WORKER_TIMEOUT);
      if (deliveries.length === 0) continue;
      any = true;
      const { done } = await reconcile(engine, flow, { lane, deliveries }, work());
      await ports.queue.acknowledge(from, done);
    }
    return any;
  };
  /** Works and lets time pass until nothing is queued, or `atMost` has passed. */
  const run = async (atMost: Millis = 3_600_000): Promise<void> => {
    const end = clock.now() + atMost;
    for (;;) {
      while (await during(clock, turn()));
      const waiting = await waitingMessages(engine, flow);
      if (waiting === 0 || clock.now() >= end) return;
      await clock.advance(1_000);
    }
  };
  const link = async (id: string): Promise<Link | undefined> =>
    (await ports.links.read([{ flow: flow.name, collection: 'people', id }]))[0];
  return {
    work,
    hint,
    turn: () => during(clock, turn()),
    run,
    link,
    during: <T>(task: Promise<T>) => during(clock, task),
  };
}

async function waitingMessages(engine: Engine, flow: Flow): Promise<number> {
  let sum = 0;
  for (const lane of lanesOf(flow)) {
    const depth = await engine.ports.queue.depth({ flow: flow.name, lane });
    sum += depth.visible + depth.delayed + depth.inFlight;
  }
  return sum;
}

/** Lets virtual time pass while a task sleeps in it. */
async function during<T>(clock: ReturnType<typeof virtualClock>, task: Promise<T>): Promise<T> {
  let over = false;
  const watched = task.finally(() => {
    over = true;
  });
  watched.catch(() => undefined);
  for (let step = 0; step < 100_000 && !over; step += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    const next = clock.nextWake();
    if (!over && next !== undefined) await clock.advance(Math.max(0, next - clock.now()));
  }
  return watched;
}

function mapPerson(person: Person): Mapped {
  const affects = person.friends ?? [];
  const timed = person.recheckAt === undefined ? {} : { recheckAt: person.recheckAt };
  if (person.hidden) return { kind: 'absent', because: 'hidden', affects, ...timed };
  return { kind: 'present', fields: { name: person.name, email: person.email ?? null }, affects, ...timed };
}

function testFlow(sides: { source: Source<Person>; target: Target }, options: TownOptions): Flow {
  const collection: Collection<Person> = {
    name: 'people',
    ...sides,
    map: (person) => mapPerson(person),
    owns: ['name', 'email'],
    whenGone: 'remove',
    whenMerged: 'remove',
    whenAbsent: 'remove',
    ...options.collection,
  };
  return defineFlow({
    name: 'test-flow',
    title: 'People to rows',
    moves: { what: 'people', from: 'here', to: 'there', direction: 'one-way' },
    howOften: { webhook: 'every change', scanEveryMinutes: 5, audit: { dailyAt: '02:30', timeZone: 'UTC' } },
    whenItBreaks: {
      impact: 'Nobody is told.',
      retryHorizonHours: 48,
      maxAttempts: 4,
      parks: 'a person',
      removals: { share: 0.1, atLeast: 5 },
      changes: { share: 0.5, atLeast: 200 },
    },
    whoIsPaged: { owner: 'Tests', page: ['tests'] },
    whereToLook: { runbook: 'functions/README.md' },
    expects: { heartbeatMinutes: 15, oldestMinutes: 30 },
    collections: [collection],
    webhooks: {},
    ...options.flow,
  });
}

function memorySource(
  people: Map<string, Person>,
  called: (operation: string, ids: readonly string[]) => void,
  now: () => Millis,
): Source<Person> {
  const read = (id: string): Read<Person> => {
    const record = people.get(id);
    return record ? { state: 'present', record } : { state: 'gone' };
  };
  return {
    account: { vendor: 'here', name: 'main', limits: () => ({}) },
    title: 'people',
    batchSize: 100,
    readLag: 0,
    overlap: 60_000,
    callsPerRead: 1,
    read: async (_session, ids) => {
      called('source.read', ids);
      return new Map(ids.filter((id) => people.has(id)).map((id) => [id, read(id)]));
    },
    readOne: async (_session, id) => {
      called('source.readOne', [id]);
      return read(id);
    },
    scan: async (_session, { from, to }) => {
      called('source.scan', [String(from), String(to)]);
      return { items: [...people.keys()].map((id) => ({ id, changeId: `${id}@${now()}` })) };
    },
    list: async (_session, page) => {
      called('source.list', [page ?? '']);
      const ids = [...people.keys()].sort();
      const from = Number(page ?? 0);
      const items = ids.slice(from, from + 50);
      return from + 50 < ids.length
        ? { items, next: String(from + 50), total: ids.length }
        : { items, total: ids.length };
    },
  };
}

function memoryTarget(
  rows: Map<string, TargetRow>,
  called: (operation: string, ids: readonly string[]) => void,
  refuse: (write: Write) => Fault | undefined,
): Target {
  const read = (id: string): Read<Fields> => {
    const row = rows.get(id);
    return row ? { state: 'present', record: { ...row.fields } } : { state: 'gone' };
  };
  const candidates = (ref: string, fields: Fields): Found[] => {
    const all = [...rows];
    const ours = all.filter(([, row]) => row.ref === ref);
    if (ours.length > 0) return ours.map(([targetId]) => ({ targetId, ref, by: 'reference' }));
    const email = fields.email ?? undefined;
    return all
      .filter(([, row]) => email !== undefined && row.fields.email === email)
      .map(([targetId, row]) => ({
        targetId,
        by: 'match',
        ...(row.ref === undefined ? {} : { ref: row.ref }),
      }));
  };
  let made = 0;
  const apply = (write: Write): WriteResult => {
    const fault = refuse(write);
    if (fault) return { ok: false, fault };
    const { email } = write.fields;
    const holder = [...rows].find(
      ([id, row]) => email != null && row.fields.email === email && id !== write.targetId,
    );
    if (holder && write.kind !== 'remove') return { ok: false, fault: conflict() };
    if (write.kind === 'create') {
      made += 1;
      const targetId = `t${made}`;
      rows.set(targetId, { ref: write.ref, fields: { ...write.fields } });
      return { ok: true, targetId, created: true };
    }
    const targetId = write.targetId ?? '';
    const row = rows.get(targetId);
    if (!row) return { ok: false, lost: true };
    if (write.kind === 'remove') rows.delete(targetId);
    else rows.set(targetId, { ref: write.ref, fields: { ...row.fields, ...write.fields } });
    return { ok: true, targetId, created: false };
  };
  return {
    account: { vendor: 'there', name: 'main', limits: () => ({}) },
    title: 'rows',
    batchSize: 100,
    readLag: 0,
    lateness: 30_000,
    lookup: 'before-create',
    read: async (_session, ids) => {
      called('target.read', ids);
      return new Map(ids.filter((id) => rows.has(id)).map((id) => [id, read(id)]));
    },
    readOne: async (_session, id) => {
      called('target.readOne', [id]);
      return read(id);
    },
    find: async (_session, wanted) => {
      called(
        'target.find',
        wanted.map(({ ref }) => ref),
      );
      return new Map(wanted.map(({ ref, fields }) => [ref, candidates(ref, fields)]));
    },
    write: async (_session, writes) => {
      called(
        'target.write',
        writes.map(({ ref }) => ref),
      );
      return new Map(writes.map((write) => [write.ref, apply(write)]));
    },
    list: async () => {
      called('target.list', []);
      return {
        items: [...rows].flatMap(([targetId, { ref }]) => (ref === undefined ? [] : [{ targetId, ref }])),
      };
    },
  };
}

function conflict(): Fault {
  return new Fault('conflict', {
    vendor: 'there',
    operation: 'rows.write',
    message: 'the e-mail is held by another row',
  });
}

/** A fault of the vendor `there`, for tests. */
export function fault(
  kind: Fault['kind'],
  more: { message?: string; retryAfter?: Millis; vendor?: string; field?: string } = {},
): Fault {
  const { message = `${kind} in a test`, vendor = 'there', ...rest } = more;
  return new Fault(kind, { vendor, operation: 'rows.write', message, ...rest });
}

/** The change events that lie in a lane. */
export function queued(t: Town, lane: Lane): ChangeEvent[] {
  return [...t.ports.state.messages.values()]
    .filter((each) => each.lane === lane)
    .map((each): ChangeEvent => JSON.parse(each.body));
}
