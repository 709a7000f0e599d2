import { Hono } from 'hono';
import type { Sandbox, SandboxEdit, SandboxOptions, SandboxState } from '../sandbox.ts';
import {
  accountDetails,
  createProperty,
  getProperty,
  issueToken,
  listProperties,
} from './sandbox-account.ts';
import { batchArchive, batchRead, batchWrite } from './sandbox-batch.ts';
import { Gate, type Handler } from './sandbox-gate.ts';
import { LIFECYCLE } from './sandbox-properties.ts';
import { json, Refusal } from './sandbox-replies.ts';
import { searchContacts } from './sandbox-search.ts';
import {
  createContact,
  deleteContact,
  getContact,
  listContacts,
  mergeContacts,
  patchContact,
  write,
} from './sandbox-single.ts';
import type { Row } from './sandbox-store.ts';
import { FAULTS, makeWorld, type World } from './sandbox-world.ts';

/** The sandbox of HubSpot, with what tests of OAuth need besides. */
export interface HubspotSandbox extends Sandbox {
  /** A secret that uses OAuth instead of a static token. */
  oauthSecret(baseUrl: string): Readonly<Record<string, unknown>>;
}

/** A local HubSpot account with contacts: v3, 2026-03 and 2026-09 paths on one store. It begins empty. */
export function hubspotSandbox(options: SandboxOptions): HubspotSandbox {
  const world = makeWorld(options);
  return {
    app: appOf(world),
    state: (baseUrl) => stateOf(world, baseUrl),
    oauthSecret: (baseUrl) => ({
      ...secretOf(world, baseUrl),
      auth: {
        kind: 'oauth',
        clientId: world.clientId,
        clientSecret: world.clientSecret,
        refreshToken: world.refreshToken,
      },
    }),
    setFaults: (faults) => setFaults(world, faults),
    advance: (ms) => world.advance(ms),
    edit: (edit) => editContact(world, edit),
    peek: (record, id) => peek(world, record, id),
    act: () => moveSomebody(world),
    revision: () => world.store.changes,
  };
}

function appOf(world: World): Hono {
  const app = new Hono();
  const gate = new Gate(world);
  for (const version of ['v1', 'v3', '2026-03', '2026-09'])
    app.post(`/oauth/${version}/token`, (context) => issueToken(world, context));
  for (const [objects, properties, account] of [
    ['/crm/v3/objects/contacts', '/crm/v3/properties/contacts', '/account-info/v3/details'],
    ['/crm/objects/2026-03/contacts', '/crm/properties/2026-03/contacts', '/account-info/2026-03/details'],
    ['/crm/objects/2026-09/contacts', '/crm/properties/2026-09/contacts', '/account-info/2026-09/details'],
  ] as const) {
    addObjects(app, gate, world, objects);
    const read = (operation: string, handle: Handler) => gate.guard({ operation, effect: 'read', handle });
    app.get(
      account,
      read('account.details', () => accountDetails(world)),
    );
    app.get(
      properties,
      read('properties.list', () => listProperties(world)),
    );
    app.get(
      `${properties}/:name`,
      read('properties.get', (context) => getProperty(world, context)),
    );
    const create: Handler = (context) => createProperty(world, context);
    app.post(properties, gate.guard({ operation: 'properties.create', effect: 'write', handle: create }));
  }
  // What HubSpot does not know it answers without its own error body.
  app.notFound(() => new Response('Not Found', { status: 404 }));
  app.onError((error) => {
    if (error instanceof Refusal) return json(error.body, error.status);
    throw error;
  });
  return app;
}

function addObjects(app: Hono, gate: Gate, world: World, base: string): void {
  const read = (operation: string, handle: Handler) => gate.guard({ operation, effect: 'read', handle });
  const change = (operation: string, handle: Handler) => gate.guard({ operation, effect: 'write', handle });
  app.post(
    `${base}/batch/read`,
    read('contacts.read', (context) => batchRead(world, context)),
  );
  for (const kind of ['create', 'update', 'upsert'] as const)
    app.post(
      `${base}/batch/${kind}`,
      change(`contacts.${kind}`, (context) => batchWrite(world, kind, context)),
    );
  app.post(
    `${base}/batch/archive`,
    change('contacts.archive', (context) => batchArchive(world, context)),
  );
  app.post(
    `${base}/search`,
    read('contacts.search', (context) => searchContacts(world, context)),
  );
  app.post(
    `${base}/merge`,
    change('contacts.merge', (context) => mergeContacts(world, context)),
  );
  app.get(
    base,
    read('contacts.list', (context) => listContacts(world, context)),
  );
  app.post(
    base,
    change('contacts.create-one', (context) => createContact(world, context)),
  );
  app.get(
    `${base}/:id`,
    read('contacts.get', (context) => getContact(world, context)),
  );
  app.patch(
    `${base}/:id`,
    change('contacts.update-one', (context) => patchContact(world, context)),
  );
  app.delete(
    `${base}/:id`,
    change('contacts.archive-one', (context) => deleteContact(world, context)),
  );
}

function stateOf(world: World, baseUrl: string): SandboxState {
  return {
    vendor: 'hubspot',
    title: 'HubSpot',
    secret: secretOf(world, baseUrl),
    faults: FAULTS.map((each) => ({ ...each, on: world.on.has(each.name) })),
    counters: {
      refused: 0,
      ...Object.fromEntries(world.counters),
      creates: world.store.creates,
      duplicates: world.store.duplicates,
    },
    now: new Date(world.now()).toISOString(),
    records: { contact: world.store.size, 'recycle bin': world.store.binned },
    kinds: ['contact'],
  };
}

function secretOf(world: World, baseUrl: string): Readonly<Record<string, unknown>> {
  const { burst, daily } = world.limits;
  const finite = (limit: number) => (Number.isFinite(limit) ? limit : null);
  return {
    auth: { kind: 'token', accessToken: world.accessToken },
    apiVersion: '2026-09',
    baseUrl,
    portalId: world.portalId,
    webhookSecrets: [world.clientSecret],
    tier: 'professional',
    timeZone: world.timeZone,
    limits: { callsPer10Seconds: finite(burst), callsPerDay: finite(daily) },
  };
}

function setFaults(world: World, faults: Readonly<Record<string, boolean>>): void {
  const known = new Map(FAULTS.map((each) => [String(each.name), each.name]));
  const unknown = Object.keys(faults).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new Error(`HubSpot's sandbox has no fault "${unknown}"; it has ${[...known.keys()].join(', ')}`);
  for (const [name, on] of Object.entries(faults)) {
    const fault = known.get(name);
    if (fault && on) world.on.add(fault);
    else if (fault) world.on.delete(fault);
  }
}

function editContact(world: World, { record, id, set = {}, remove }: SandboxEdit): string {
  if (record !== 'contact') throw new Error(`HubSpot's sandbox keeps no "${record}"; it keeps contact`);
  const row = id === undefined ? undefined : rowOf(world, id);
  if (id !== undefined && !row) throw new Error(`there is no contact ${id} in HubSpot's sandbox`);
  if (remove) {
    if (row) world.store.archive(row);
    return id ?? '';
  }
  const properties = Object.fromEntries(
    Object.entries(set).map(([name, value]) => [name, String(value ?? '')]),
  );
  try {
    return String(write(world, row, properties).id);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    throw new Error(`HubSpot refuses this edit: ${String(thrown.body.message)}`, { cause: thrown });
  }
}

function peek(world: World, record: string, id: string): Readonly<Record<string, unknown>> | undefined {
  const row = record === 'contact' ? rowOf(world, id) : undefined;
  return row && { id: String(row.id), ...Object.fromEntries(world.store.values(row)) };
}

/** By record id, or by `property:value` of a unique property. */
function rowOf(world: World, id: string): Row | undefined {
  const colon = id.indexOf(':');
  const key = colon < 0 ? Number(id) : world.store.holder(id.slice(0, colon), id.slice(colon + 1));
  return key === undefined ? undefined : world.store.get(key);
}

/** Marketing moves somebody one stage on: a field that no flow of ours owns. */
function moveSomebody(world: World): void {
  const first = world.store.nextId - world.store.size;
  const row = world.store.get(first + Math.floor(world.random() * world.store.size));
  if (!row) return;
  const stage = LIFECYCLE.indexOf(world.store.values(row).get('lifecyclestage') ?? '');
  world.store.update(
    row,
    new Map([['lifecyclestage', LIFECYCLE[Math.min(stage + 1, LIFECYCLE.length - 1)] ?? 'lead']]),
  );
}
