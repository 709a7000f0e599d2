import type { Sandbox, SandboxOptions, SandboxState, SandboxWebhooks } from '../sandbox.ts';
import { deleteProperty } from './sandbox-account.ts';
import { editAtDesk, moveSomebody, RECORDS, rowAt } from './sandbox-desk.ts';
import { DELETABLE, FAULTS, switchFaults } from './sandbox-faults.ts';
import { appFor } from './sandbox-routes.ts';
import { makeWorld, storeOf, type World } from './sandbox-world.ts';

/** The sandbox of HubSpot, with what tests need besides. */
export interface HubspotSandbox extends Sandbox {
  /** The app that the secret's token belongs to: `sourceId` in property histories and webhooks. */
  readonly appId: number;
  readonly webhooks: SandboxWebhooks;
  /** Opens the settings of the app's webhooks (`hapikey`). */
  readonly developerKey: string;
  /** A secret that uses OAuth instead of a static token. */
  oauthSecret(baseUrl: string): Readonly<Record<string, unknown>>;
  /** The secret of another app in the same account: its writes are somebody else's. */
  otherSecret(baseUrl: string): Readonly<Record<string, unknown>>;
}

/** A local HubSpot account, empty at first: v3 (v4 for associations), 2026-03 and 2026-09 paths on one store. */
export function hubspotSandbox(options: SandboxOptions): HubspotSandbox {
  const world = makeWorld(options);
  const { clientId, clientSecret, refreshToken } = world;
  return {
    app: appFor(world),
    appId: world.app.id,
    webhooks: world.outbox,
    developerKey: world.developerKey,
    state: (baseUrl) => stateOf(world, baseUrl),
    oauthSecret: (baseUrl) => ({
      ...secretOf(world, baseUrl),
      auth: { kind: 'oauth', clientId, clientSecret, refreshToken },
    }),
    otherSecret: (baseUrl) => ({
      ...secretOf(world, baseUrl),
      appId: world.otherApp.id,
      auth: { kind: 'token', accessToken: world.otherToken },
    }),
    setFaults: (faults) => {
      switchFaults(world.on, faults);
      deleteProperty(world.contacts, DELETABLE, world.on.has('property-deleted'));
    },
    advance: (ms) => world.advance(ms),
    edit: (edit) => editAtDesk(world, edit),
    peek: (record, id) => peek(world, record, id),
    act: () => moveSomebody(world),
    revision: () => world.changes.count,
  };
}

function stateOf(world: World, baseUrl: string): SandboxState {
  const { contacts, companies, marketing } = world;
  return {
    vendor: 'hubspot',
    title: 'HubSpot',
    secret: secretOf(world, baseUrl),
    faults: FAULTS.map((each) => ({ ...each, on: world.on.has(each.name) })),
    counters: {
      refused: 0,
      ...Object.fromEntries(world.counters),
      creates: contacts.creates,
      duplicates: contacts.duplicates + companies.duplicates,
    },
    now: new Date(world.now()).toISOString(),
    records: {
      contact: contacts.size,
      company: companies.size,
      'marketing event': marketing.size,
      'recycle bin': contacts.binned + companies.binned,
    },
    kinds: RECORDS,
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
    appId: world.app.id,
    webhookSecrets: [world.clientSecret],
    tier: 'professional',
    timeZone: world.timeZone,
    limits: { callsPer10Seconds: finite(burst), callsPerDay: finite(daily) },
  };
}

/** A contact or company with its values; a `subscription` by e-mail address with the state of each topic. */
function peek(world: World, record: string, id: string): Readonly<Record<string, unknown>> | undefined {
  if (record === 'subscription') {
    const { consents } = world;
    const states = consents.topics.map((topic) => [
      topic.id,
      consents.of(id, topic)?.state ?? 'NOT_SPECIFIED',
    ]);
    return { all: consents.global(id)?.state ?? 'NOT_SPECIFIED', ...Object.fromEntries(states) };
  }
  const store = storeOf(world, record);
  const row = store && rowAt(store, id);
  return row && { id: String(row.id), ...Object.fromEntries(store.values(row)) };
}
