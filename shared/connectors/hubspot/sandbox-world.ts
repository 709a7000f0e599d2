import { realSleep, type SandboxOptions } from '../sandbox.ts';
import { Associations } from './sandbox-associations.ts';
import { type Author, byApp } from './sandbox-author.ts';
import { Consents } from './sandbox-consents.ts';
import { seededRandom } from './sandbox-dice.ts';
import type { FaultName } from './sandbox-faults.ts';
import { COMPANY, CONTACT } from './sandbox-kinds.ts';
import { MarketingEvents } from './sandbox-marketing-events.ts';
import { Outbox } from './sandbox-outbox.ts';
import { ObjectStore, type StoreChange } from './sandbox-store.ts';

/** An app that is installed in the account. */
export interface App {
  readonly id: number;
  readonly name: string;
  readonly author: Author;
}

/** What all parts of the sandbox share. */
export interface World {
  readonly seed: number;
  readonly portalId: number;
  readonly timeZone: string;
  readonly contacts: ObjectStore;
  readonly companies: ObjectStore;
  readonly associations: Associations;
  readonly consents: Consents;
  readonly marketing: MarketingEvents;
  readonly outbox: Outbox;
  /** E-mail addresses of contacts that were permanently deleted. */
  readonly blocklist: Set<string>;
  /** Calls per 10 seconds, per day and searches per second; Infinity = no limit. */
  readonly limits: { burst: number; daily: number; search: number };
  readonly accessToken: string;
  /** The token of another app in the same account. */
  readonly otherToken: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** Opens the settings of the app's webhooks. */
  readonly developerKey: string;
  /** Ours, and another one. */
  readonly app: App;
  readonly otherApp: App;
  /** OAuth access tokens and the moment each ends. */
  readonly tokens: Map<string, number>;
  readonly on: Set<FaultName>;
  readonly counters: Map<string, number>;
  /** Changes of what is stored so far; only ever counted up. */
  readonly changes: { count: number };
  /** The sandbox's own clock. */
  now(): number;
  advance(ms: number): void;
  /** Real time. */
  sleep(ms: number): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
  count(name: string): void;
}

/** A fresh account. */
export function makeWorld(options: SandboxOptions): World {
  const machine = options.now ?? Date.now;
  const scale = options.rateScale ?? 1;
  let ahead = 0;
  const now = () => machine() + ahead;
  const counters = new Map<string, number>();
  const on = new Set<FaultName>();
  const changes = { count: 0 };
  const account = accountOf(options.seed);
  const count = (counter: string) => void counters.set(counter, (counters.get(counter) ?? 0) + 1);
  const touch = () => {
    changes.count += 1;
  };
  const { app, portalId, clientSecret } = account;
  const outbox = new Outbox({
    portalId,
    appId: app.id,
    clientSecret,
    machine,
    now,
    on,
    count,
    seed: options.seed,
  });
  return {
    ...account,
    ...storesOf({ now, touch }, outbox),
    outbox,
    blocklist: new Set(),
    limits: { burst: scaled(190, scale), daily: scaled(650_000, scale), search: scaled(5, scale) },
    tokens: new Map(),
    on,
    counters,
    changes,
    now,
    advance: (ms) => {
      ahead += ms;
    },
    sleep: options.sleep ?? realSleep,
    random: seededRandom(options.seed),
    count,
  };
}

/** All that is stored, each part told of what happens in the others. */
function storesOf({ now, touch }: { now(): number; touch(): void }, outbox: Outbox) {
  const associations = new Associations({ tell: (change) => outbox.association(change), touch });
  const contacts = new ObjectStore(CONTACT, { now, tell });
  const consents = new Consents({ now, contacts, touch });
  const marketing = new MarketingEvents({ now, touch });
  function tell(change: StoreChange): void {
    touch();
    outbox.note(change);
    const { kind, id, what } = change;
    if (what === 'merge') associations.move(change);
    if (what === 'privacyDeletion') associations.forget(change);
    if (kind !== CONTACT) return;
    if (what === 'merge') marketing.move(change);
    if (what === 'privacyDeletion') marketing.forget(id);
    if (what === 'propertyChange' && change.name === 'email') consents.show(id, change.author);
  }
  return { contacts, companies: new ObjectStore(COMPANY, { now, tell }), associations, consents, marketing };
}

function accountOf(seed: number) {
  const name = seed.toString(36);
  const appOf = (id: number, title: string): App => ({ id, name: title, author: byApp(id) });
  return {
    seed,
    portalId: 4_000_000 + (seed % 1_000_000),
    timeZone: 'America/New_York',
    accessToken: `sandbox-access-${name}`,
    otherToken: `sandbox-other-access-${name}`,
    clientId: `sandbox-client-${name}`,
    clientSecret: `sandbox-client-secret-${name}`,
    refreshToken: `sandbox-refresh-${name}`,
    developerKey: `sandbox-developer-${name}`,
    app: appOf(1_000_000 + (seed % 1_000_000), 'Intertie'),
    otherApp: appOf(2_000_000 + (seed % 1_000_000), 'Another app'),
  };
}

/** The store of an object type, by its name in paths or by its type id. */
export function storeOf(world: World, type: string): ObjectStore | undefined {
  return [world.contacts, world.companies].find(({ kind }) =>
    [kind.name, kind.plural, kind.typeId].some((each) => each === type),
  );
}

/** The app that a call's token belongs to; the main one for tokens of OAuth. */
export function appOf(world: World, authorization: string | undefined): App {
  return authorization === `Bearer ${world.otherToken}` ? world.otherApp : world.app;
}

function scaled(limit: number, scale: number): number {
  return scale === Number.POSITIVE_INFINITY ? scale : Math.max(1, Math.floor(limit * scale));
}
