import type { Work } from '../../shared/engine/engine.ts';
import type { Back } from '../../shared/engine/pair.ts';
import type { Identity, Read } from '../../shared/engine/resource.ts';
import { scan } from '../../shared/engine/scan.ts';
import { listen } from '../../shared/hosts/embedded/listen.ts';
import { buildServer } from '../../shared/hosts/embedded/server.ts';
import { gitMappings } from '../../shared/operate/api/git-mappings.ts';
import { bindOperations } from '../../shared/operate/api/operations-bound.ts';
import { bindServices } from '../../shared/operate/api/services.ts';
import { bindView } from '../../shared/operate/api/view.ts';
import { runCli } from '../../shared/operate/command-line.ts';
import { type Person, type Town, type TownOptions, town } from '../engine/town.ts';

/** A town whose people and rows may both change: `name` by the newer edit, `email` by the left side alone. */
export function twoWayTown(options: TownOptions = {}): Town {
  const made: Town = town({
    ...options,
    flow: { moves: { what: 'people', from: 'Tickets', to: 'Mail', direction: 'two-way' }, ...options.flow },
    collection: {
      label: (person) => `Dear ${person.name}`,
      back: nameBack(() => made.people),
      ...options.collection,
    },
    target: {
      identify: async (_session, ids) => new Map(ids.map((id) => [id, identity(made.rows.get(id))])),
      ...options.target,
    },
  });
  return made;
}

function nameBack(people: () => Town['people']): Back<Person> {
  return {
    fields: { name: { policy: 'latest' } },
    history: () => undefined,
    edit: (_, changed) => ({ edit: changed, items: [] }),
    whenNew: 'ignore',
    whenDeleted: 'again',
    writer: {
      batchSize: 100,
      lateness: 0,
      write: async (_session, edits) => {
        for (const { id, record, edit } of edits)
          people().set(id, { ...record, ...(edit as Partial<Person>) });
        return new Map(edits.map(({ id }) => [id, { ok: true }]));
      },
      match: async () => new Map(),
    },
  };
}

function identity(row: ReturnType<Town['rows']['get']>): Read<Identity> {
  if (!row) return { state: 'gone' };
  const { ref, fields } = row;
  return { state: 'present', record: ref === undefined ? { fields } : { ref, fields } };
}

/** Both people and rows of `p1` changed since they agreed, so that only a person can decide. */
export async function withOpenItem(t: Town): Promise<void> {
  t.people.set('p1', { name: 'Ann', email: 'ann@a.example' });
  await t.hint(['p1']);
  await t.run();
  t.people.set('p1', { name: 'Anne', email: 'ann@a.example' });
  for (const row of t.rows.values()) row.fields.name = 'Anna';
  await t.hint(['p1']);
  await t.run();
}

/** The operator's API, console and CLI on a town. */
export async function operate(t: Town) {
  const { engine, flow } = t;
  const invoke = <T>(run: (work: Work) => Promise<T>): Promise<T> => run(t.work());
  const told = {
    facts: () => ({ newParkings: 0, oldestUnfinished: undefined, startedAt: 0 }),
    counters: () => ({}),
    recent: () => [],
  };
  const errors: unknown[] = [];
  const services = bindServices({
    ...{ services: [], ports: engine.ports, invoke },
    health: () => Promise.reject(new Error('there is no service')),
  });
  const app = buildServer({
    flows: [{ name: flow.name, collections: flow.collections.map(({ name }) => name) }],
    view: bindView({
      engine,
      sandboxes: [],
      invoke,
      version: '1',
      startedAt: 0,
      told,
      services,
      serviceAccounts: [],
    }),
    services,
    desks: [],
    operations: bindOperations({
      engine,
      invoke,
      mappings: gitMappings(),
      scan: (of, name) => invoke((work) => scan(engine, of, name, work)),
    }),
    sandboxes: [],
    hooks: {
      receivers: [],
      clock: t.clock,
      publicUrl: () => 'https://public.example',
    },
    apis: [],
    onError: (error) => void errors.push(error),
  });
  const server = await listen(app, 0);
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    errors,
    close: () => server.close(0),
    async cli(...argv: string[]) {
      const said = { out: '', err: '' };
      const exit = await runCli(['--url', url, ...argv], {
        out: (text) => {
          said.out += text;
        },
        err: (text) => {
          said.err += text;
        },
        terminal: false,
        sleep: async () => undefined,
      });
      return { exit, ...said };
    },
  };
}
