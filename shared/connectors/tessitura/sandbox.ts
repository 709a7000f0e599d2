import { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { realSleep, type Sandbox, type SandboxOptions, type SandboxState } from '../sandbox.ts';
import { authorization } from './auth.ts';
import { parseJson } from './faults.ts';
import { DEFAULT_CONCURRENCY } from './limits.ts';
import { segmentsBelow } from './sandbox-batch.ts';
import { DESK_RECORDS, sandboxDesk } from './sandbox-desk.ts';
import type { Hands } from './sandbox-desk-form.ts';
import { FAULTS, faultSwitches, type Switches } from './sandbox-faults.ts';
import { type Reply, refusal } from './sandbox-reply.ts';
import { answer, type Service } from './sandbox-service.ts';
import { SANDBOX_ZONE } from './sandbox-stamp.ts';
import { sandboxStore } from './sandbox-store.ts';

const ROOT = '/TessituraService';
const SIGN_IN = { user: 'intertie', group: 'API', location: 'INTERTIE', password: 'sandbox:pass word' };
/** Who edits at the vendor, and from where: the box office, the patron on the web site, another integration. */
const HANDS = {
  staff: { user: 'boxoff', location: 'BOXOFF01' },
  person: { user: 'webapi', location: 'Web' },
  integration: { user: 'acmesync', location: 'ACME' },
} as const;
/** Calls at the same time before the box office's server gets slow. */
const COMFORTABLE = 4;

/** A local Tessitura: its REST service under /TessituraService, people from the seed, edits in memory. */
export function tessituraSandbox(options: SandboxOptions): Sandbox {
  const clock = options.now ?? Date.now;
  let ahead = 0;
  const now = () => clock() + ahead;
  const store = sandboxStore({ seed: options.seed, size: options.size }, now);
  const switches = faultSwitches(now);
  const counters = new Map<string, number>([
    ['refused', 0],
    ['creates', 0],
    ['duplicates', 0],
  ]);
  const count = (name: string) => counters.set(name, (counters.get(name) ?? 0) + 1);
  const commitDelay = () => (switches.on('stale-audit') ? 5 * 60_000 : 0);
  const hands: Hands = (by = 'staff') => ({ ...HANDS[by], commitDelay: commitDelay() });
  const service: Service = {
    store,
    now,
    count,
    actor: () => ({ user: SIGN_IN.user, location: SIGN_IN.location, commitDelay: commitDelay() }),
    staff: () => hands('staff'),
    faults: () => ({
      rightsRemoved: switches.on('rights-removed'),
      editedMeanwhile: switches.on('edited-meanwhile'),
      writeRightsRemoved: switches.on('write-rights-removed'),
      historyRightsRemoved: switches.on('history-rights-removed'),
      fieldRemoved: switches.on('field-removed'),
      serverError: switches.on('server-error'),
    }),
  };
  const desk = sandboxDesk(store, options.seed, hands);
  return {
    app: webServer(service, switches, {
      comfortable: COMFORTABLE * (options.rateScale ?? 1),
      slow: options.sleep ?? realSleep,
    }),
    state: (baseUrl): SandboxState => ({
      vendor: 'tessitura',
      title: 'Tessitura',
      secret: { ...secretFor(baseUrl), ...concurrencyFor(options.rateScale) },
      faults: FAULTS.map((fault) => ({ ...fault, on: switches.on(fault.name) })),
      counters: Object.fromEntries(counters),
      now: new Date(now()).toISOString(),
      records: {
        constituents: desk.constituents(),
        'audit entries': store.log.size(),
        'scans at the doors': store.doors.size(),
      },
      kinds: [...DESK_RECORDS],
    }),
    setFaults: switches.set,
    advance: (ms) => {
      ahead += ms;
    },
    edit: desk.edit,
    peek: desk.peek,
    act: desk.act,
    revision: () => store.log.size() + store.doors.size() + store.shows.size() + store.unaudited(),
  };
}

/** Without a limit the benchmark shall not be held back by the connector's own modesty. */
function concurrencyFor(scale: number | undefined) {
  if (scale === undefined) return {};
  return { concurrency: Math.min(32, Math.max(1, Math.round(DEFAULT_CONCURRENCY * scale))) };
}

function secretFor(baseUrl: string) {
  const enumerate = { by: 'procedure' };
  return {
    baseUrl: `${baseUrl}${ROOT}`,
    ...SIGN_IN,
    timeZone: SANDBOX_ZONE,
    changes: 'audit-log',
    enumerate,
    webUsers: [HANDS.person.user],
  };
}

function webServer(
  service: Service,
  switches: Switches,
  { comfortable, slow }: { comfortable: number; slow(ms: number): Promise<void> },
): Hono {
  const app = new Hono();
  let inFlight = 0;
  app.all('*', async (c) => {
    if (switches.on('outage') || switches.on('maintenance')) return dropConnection(c);
    inFlight += 1;
    try {
      const body = await c.req.text();
      if (inFlight > comfortable) await delay(25 * (inFlight - comfortable));
      if (switches.on('slow')) await slow(3_000);
      const reply = signedIn(c, service, switches) ?? serve(c, service, body);
      return switches.on('reply-lost') && c.req.method !== 'GET' ? dropConnection(c) : send(c, reply);
    } finally {
      inFlight -= 1;
    }
  });
  return app;
}

/** A refusal, or undefined for the right user. */
function signedIn(c: Context, service: Service, switches: Switches): Reply | undefined {
  const header = c.req.header('authorization');
  const encoded = header === undefined ? undefined : /^Basic (\S+)$/.exec(header)?.[1];
  const parts = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const refused = (status: number, why: string) => {
    service.count('refused');
    return refusal(status, why);
  };
  if (header === undefined) return refused(401, 'Authorization header is missing.');
  if (encoded === undefined || parts.length < 4) return refused(403, 'Authorization header is malformed.');
  if (switches.on('token-revoked') || header !== authorization(SIGN_IN)) return refused(401, 'Login failed.');
  return undefined;
}

function serve(c: Context, service: Service, text: string): Reply {
  const url = new URL(c.req.url);
  const path = segmentsBelow(ROOT, url.pathname);
  if (!path) return refusal(404, 'No HTTP resource was found.');
  const body = text === '' ? undefined : parseJson(text);
  if (text !== '' && body === undefined) return refusal(400, 'The body is not JSON.');
  return answer(service, { method: c.req.method, path, query: url.searchParams, body }, ROOT);
}

function send(c: Context, { status, body }: Reply): Response {
  if (body === undefined) return c.body(null, 204);
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });
}

const NodeSchema = z.object({ incoming: z.instanceof(IncomingMessage) });

/** To the caller it looks like a refused or broken connection; without a socket a 503 has to do. */
function dropConnection(c: Context): Response {
  NodeSchema.safeParse(c.env).data?.incoming.socket.destroy();
  return new Response('Service Unavailable', { status: 503 });
}
