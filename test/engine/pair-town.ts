import { Fault } from '../../shared/engine/fault.ts';
import type { Fields, FieldValue } from '../../shared/engine/fields.ts';
import { type FlowDefinition, WORKER_TIMEOUT } from '../../shared/engine/flow.ts';
import type { History, Version, Writer } from '../../shared/engine/history.ts';
import type { Back } from '../../shared/engine/pair.ts';
import { receive } from '../../shared/engine/receive.ts';
import { reconcile } from '../../shared/engine/reconcile.ts';
import type {
  Change,
  Found,
  Identity,
  Read,
  SourceResult,
  Target,
  Write,
} from '../../shared/engine/resource.ts';
import { scan } from '../../shared/engine/scan.ts';
import type { WebhookChange } from '../../shared/engine/webhook.ts';
import { type Person, type TargetRow, type Town, type TownOptions, town } from './town.ts';

/** What both sides of these pairs have; `title` belongs to the left side. */
const NAMES = ['name', 'email', 'consent', 'tags', 'title'] as const;

const RULES: Back['fields'] = {
  name: { policy: 'latest' },
  email: { policy: 'left-wins' },
  consent: { policy: 'deny-wins' },
  tags: { policy: 'union' },
};

export interface PairTownOptions {
  /** Do the sides tell who wrote what? */
  tells?: { left: boolean; right: boolean };
  back?: Partial<Back<Person, Fields>>;
  collection?: TownOptions['collection'];
  target?: Partial<Target>;
  flow?: Partial<FlowDefinition>;
}

/** What the vendors of this town know besides their records. */
interface Rest {
  /** Records of the right side that were merged away, and into which one. */
  mergedInto: Map<string, string>;
  /** What the right side's scan lists. */
  changes: (Change & { at: number })[];
  /** A vendor call of this name never returns: its worker is as good as dead. */
  hangs: string | undefined;
  made: number;
}

/** A town whose rows may change its people too. */
export function pairTown(options: PairTownOptions = {}) {
  const tells = options.tells ?? { left: true, right: true };
  const rest: Rest = { mergedInto: new Map(), changes: [], hangs: undefined, made: 0 };
  const t: Town = town({
    collection: {
      owns: NAMES,
      map: (person) => ({ kind: 'present', fields: canonical(person) }),
      back: backOf(() => t, rest, { tells: tells.left, ...options.back }),
      ...options.collection,
    },
    source: {
      read: async (_session, ids) =>
        called({ t, rest, operation: 'source.read' }, ids, () => readPeople(t, ids)),
    },
    target: { ...rowsOf(() => t, rest, tells.right), ...options.target },
    flow: {
      howOften: {
        webhook: 'every change',
        urgent: 'consent',
        scanEveryMinutes: 5,
        audit: { dailyAt: '02:30', timeZone: 'UTC' },
      },
      webhooks: { there: hook() },
      ...options.flow,
    },
  });
  return { ...t, rest, ...acts(t, rest) };
}

export type PairTown = ReturnType<typeof pairTown>;

/** What people do in the town, and what can be asked of it. */
function acts(t: Town, rest: Rest) {
  /** Somebody changes a person at the left side; a new one if there was none. */
  const atLeft = (id: string, values: Fields, by: Writer = 'other'): void => {
    t.people.set(id, changed(t.people.get(id) ?? { name: '' }, values, { at: t.clock.now(), by }));
  };
  /** Somebody changes a row at the right side; a new one, without our reference, if there was none. */
  const atRight = (targetId: string, values: Fields, by: Writer = 'other'): void => {
    const row = t.rows.get(targetId) ?? { fields: {} };
    t.rows.set(targetId, written(row, values, { at: t.clock.now(), by }));
  };
  const both = (id: string): { left: Fields | undefined; right: Fields | undefined } => {
    const person = t.people.get(id);
    const row = [...t.rows.values()].find(({ ref }) => ref === id);
    return { left: person && canonical(person), right: row && { ...blank, ...row.fields } };
  };
  const targetOf = (id: string): string => [...t.rows].find(([, { ref }]) => ref === id)?.[0] ?? 'none';
  const calls = (operation: string): number => t.calls.filter((call) => call.operation === operation).length;
  /** The right side's webhook. */
  const rings = async (...changes: readonly WebhookChange[]): Promise<void> => {
    const body = new TextEncoder().encode(JSON.stringify(changes));
    const url = 'https://x.example/hooks/test-flow/there';
    const request = { method: 'POST', url, headers: {}, body, receivedAt: t.clock.now() };
    const answer = await receive(t.engine, t.flow, 'there', request);
    if (answer.status !== 200) throw new Error(`the webhook answered ${answer.status}`);
  };
  /** Hints of rows, by their ids at the right side. */
  const rowsRing = (...ids: readonly string[]) =>
    rings(...ids.map((id) => ({ collection: 'people', id, atTarget: true })));
  /** A worker takes what is there and dies in this call. */
  const diesIn = async (operation: string): Promise<void> => {
    rest.hangs = operation;
    const from = { flow: t.flow.name, lane: 'live' as const };
    const deliveries = await t.ports.queue.receive(from, 10, 6 * WORKER_TIMEOUT);
    void reconcile(t.engine, t.flow, { lane: 'live', deliveries }, t.work());
    for (let tick = 0; tick < 200; tick += 1) await new Promise((resolve) => setImmediate(resolve));
    rest.hangs = undefined;
  };
  /** Time passes, so that the next hint is not covered by what was just read. */
  const later = (ms = 60_000): Promise<void> => t.clock.advance(ms);
  /** The pair is known to both sides and has settled. */
  const paired = async (id: string, values: Fields): Promise<string> => {
    atLeft(id, values);
    await t.hint([id]);
    await t.run();
    await later();
    return targetOf(id);
  };
  const scans = () => t.during(scan(t.engine, t.flow, 'people', t.work()));
  const outcomes = (): string[] => t.ports.state.trail.map(({ outcome }) => outcome);
  const pairOf = async (id: string) => (await t.link(id))?.body?.pair;
  return {
    atLeft,
    atRight,
    both,
    targetOf,
    count: calls,
    rings,
    rowsRing,
    diesIn,
    later,
    paired,
    scans,
    outcomes,
    pairOf,
  };
}

const blank: Fields = { name: null, email: null, consent: null, tags: null, title: null };

function canonical(person: Person): Fields {
  const { name, email = null, consent = null, tags = null, title = null } = person;
  return { name: name === '' ? null : name, email, consent, tags, title };
}

function remember(past: History, values: Fields, act: { at: number; by: Writer }): History {
  const added = Object.entries(values).map(([field, value]): [string, Version[]] => [
    field,
    [...(past[field] ?? []), { value, ...act }],
  ]);
  return { ...past, ...Object.fromEntries(added) };
}

function text(value: FieldValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function changed(person: Person, values: Fields, act: { at: number; by: Writer }): Person {
  const all = { ...canonical(person), ...values };
  const next: Person = {
    ...person,
    name: text(all.name) ?? '',
    consent: text(all.consent),
    tags: text(all.tags),
    title: text(all.title),
    revision: (person.revision ?? 0) + 1,
    past: remember(person.past ?? {}, values, act),
  };
  const email = text(all.email);
  if (email === null) delete next.email;
  else next.email = email;
  return next;
}

function written(row: TargetRow, values: Fields, act: { at: number; by: Writer }): TargetRow {
  return { ...row, fields: { ...row.fields, ...values }, past: remember(row.past ?? {}, values, act) };
}

async function called<T>(
  { t, rest, operation }: { t: Town; rest: Rest; operation: string },
  ids: readonly string[],
  answer: () => T,
): Promise<T> {
  const call = { operation, ids: [...ids] };
  t.calls.push(call);
  if (rest.hangs === operation) await new Promise(() => undefined);
  t.trouble.fail(call);
  return answer();
}

function readPeople(t: Town, ids: readonly string[]): ReadonlyMap<string, Read<Person>> {
  return new Map(
    ids.flatMap((id) => {
      const record = t.people.get(id);
      return record ? [[id, { state: 'present' as const, record }]] : [];
    }),
  );
}

/** The left side takes edits by the revision that they were made on, and keeps logins to people. */
function backOf(
  town: () => Town,
  rest: Rest,
  { tells, ...more }: Partial<Back<Person, Fields>> & { tells: boolean },
): Back<Person, Fields> {
  const apply = (t: Town, id: string, of: { record: Person; edit: Fields }): SourceResult => {
    const person = t.people.get(id);
    if (!person || person.revision !== of.record.revision) return { ok: false, fault: moved() };
    t.people.set(id, changed(person, of.edit, { at: t.clock.now(), by: 'us' }));
    return { ok: true };
  };
  return {
    fields: RULES,
    history: (person) => (tells ? (person.past ?? {}) : undefined),
    edit: (person, some) => {
      const { email, ...others } = some;
      if (!person.login || email === undefined) return { edit: some, items: [] };
      const items = [{ field: 'email', because: 'it is a login' }];
      return Object.keys(others).length > 0 ? { edit: others, items } : { items };
    },
    writer: {
      batchSize: 100,
      lateness: 30_000,
      write: async (_session, edits) =>
        called(
          { t: town(), rest, operation: 'source.write' },
          edits.map(({ id }) => id),
          () => {
            return new Map(edits.map(({ id, ...of }) => [id, apply(town(), id, of)]));
          },
        ),
      match: async (_session, wanted) =>
        called(
          { t: town(), rest, operation: 'source.match' },
          wanted.map(({ targetId }) => targetId),
          () => {
            const byEmail = (email: FieldValue | undefined) =>
              [...town().people].flatMap(([id, person]) => (email && person.email === email ? [id] : []));
            return new Map(wanted.map(({ targetId, fields }) => [targetId, byEmail(fields.email)]));
          },
        ),
    },
    whenNew: 'match',
    whenDeleted: 'leave',
    ...more,
  };
}

function moved(): Fault {
  const message = 'the record has moved since it was read';
  return new Fault('conflict', { vendor: 'here', operation: 'people.write', message });
}

function rowsOf(town: () => Town, rest: Rest, tells: boolean): Partial<Target> {
  const find = (ref: string, fields: Fields): Found[] => {
    const all = [...town().rows];
    const ours = all.filter(([, row]) => row.ref === ref);
    if (ours.length > 0) return ours.map(([targetId]) => ({ targetId, ref, by: 'reference' }));
    const same = all.filter(([, row]) => fields.email && row.fields.email === fields.email);
    return same.map(([targetId, row]) => ({ targetId, by: 'match', ...(row.ref ? { ref: row.ref } : {}) }));
  };
  const read = (id: string): Read<Fields> => {
    const into = rest.mergedInto.get(id);
    if (into !== undefined) return { state: 'merged', into };
    const row = town().rows.get(id);
    if (!row) return { state: 'gone' };
    const present = { state: 'present', record: { ...row.fields } } as const;
    return tells ? { ...present, history: row.past ?? {} } : present;
  };
  const identity = (id: string): Read<Identity> => {
    const found = read(id);
    if (found.state !== 'present') return found;
    const ref = town().rows.get(id)?.ref;
    const fields = { email: found.record.email ?? null };
    return { state: 'present', record: ref === undefined ? { fields } : { ref, fields } };
  };
  const ask = <T>(operation: string, ids: readonly string[], answer: () => T) =>
    called({ t: town(), rest, operation }, ids, answer);
  return {
    tells,
    read: async (_session, ids) =>
      ask('target.read', ids, () => {
        return new Map(
          ids.map((id) => [id, read(id)] as const).filter(([, { state }]) => state === 'present'),
        );
      }),
    readOne: async (_session, id) => ask('target.readOne', [id], () => read(id)),
    find: async (_session, wanted) =>
      ask(
        'target.find',
        wanted.map(({ ref }) => ref),
        () => {
          return new Map(wanted.map(({ ref, fields }) => [ref, find(ref, fields)]));
        },
      ),
    write: async (_session, writes) =>
      ask(
        'target.write',
        writes.map(({ ref }) => ref),
        () => {
          return new Map(writes.map((write) => [write.ref, applied(town(), rest, write)]));
        },
      ),
    identify: async (_session, ids) =>
      ask('target.identify', ids, () => new Map(ids.map((id) => [id, identity(id)]))),
    scan: async (_session, { from, to }) =>
      ask('target.scan', [String(from), String(to)], () => {
        return { items: rest.changes.filter(({ at }) => at >= from && at <= to) };
      }),
    overlap: 30_000,
  };
}

function applied(t: Town, rest: Rest, write: Write) {
  const refusal = t.trouble.refuse(write);
  if (refusal) return { ok: false as const, fault: refusal };
  const act = { at: t.clock.now(), by: 'us' as const };
  if (write.kind === 'create') {
    rest.made += 1;
    const targetId = `t${rest.made}`;
    t.rows.set(targetId, { ...written({ fields: {} }, write.fields, act), ref: write.ref });
    return { ok: true as const, targetId, created: true };
  }
  const targetId = write.targetId ?? '';
  const row = t.rows.get(targetId);
  if (!row) return { ok: false as const, lost: true as const };
  if (write.kind === 'remove') t.rows.delete(targetId);
  else t.rows.set(targetId, { ...written(row, write.fields, act), ref: write.ref });
  return { ok: true as const, targetId, created: false };
}

function hook() {
  return {
    account: { vendor: 'there', name: 'main', limits: () => ({}) },
    methods: ['POST'],
    read: async (_session: unknown, { body }: { body: Uint8Array }) => {
      const changes: WebhookChange[] = JSON.parse(new TextDecoder().decode(body));
      return { kind: 'accepted' as const, changes, ignored: 0 };
    },
  };
}
