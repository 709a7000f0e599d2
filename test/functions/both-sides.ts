import { ticketingMarketing } from '../../functions/ticketing-marketing/flow.ts';
import { hubspotSandbox } from '../../shared/connectors/hubspot/sandbox.ts';
import type { SandboxEdit, SandboxRequest } from '../../shared/connectors/sandbox.ts';
import { tessituraSandbox } from '../../shared/connectors/tessitura/sandbox.ts';
import { auditReport, continueAudit, startAudit } from '../../shared/engine/audit.ts';
import { backfillProgress, continueBackfill, startBackfill } from '../../shared/engine/backfill.ts';
import { type Engine, openEngine, type Work } from '../../shared/engine/engine.ts';
import { type Flow, lanesOf, WORKER_TIMEOUT } from '../../shared/engine/flow.ts';
import type { Clock, Millis } from '../../shared/engine/ports.ts';
import { receive } from '../../shared/engine/receive.ts';
import { reconcile } from '../../shared/engine/reconcile.ts';
import { scan } from '../../shared/engine/scan.ts';
import { decideItem, type WorkItem, workItems } from '../../shared/engine/work-items.ts';
import { serveSandbox } from '../connectors/contract.ts';
import { nodeHttp } from '../connectors/session.ts';
import { memoryPorts } from '../support/memory/ports.ts';

const HOOK = 'https://flows.example.org/hooks/ticketing-marketing/hubspot';
const PATRON = 'patron';
/** In the season that the box office's sandbox sells tickets for. */
const START = Date.parse('2026-06-10T12:00:00-04:00');

type Set = NonNullable<SandboxEdit['set']>;
type By = NonNullable<SandboxEdit['by']>;
export type Row = Readonly<Record<string, unknown>>;

export interface BothSidesOptions {
  size?: number;
  seed?: number;
  flow?: Flow;
  /** What HubSpot has before the first pairing. */
  before?: (hubspot: ReturnType<typeof hubspotSandbox>) => void;
}

/**
 * The flow with both sandboxes, over HTTP and on one clock that stands still until somebody waits. Webhooks are sent
 * when `settle` runs, signed by HubSpot's sandbox and checked by the flow.
 */
export async function bothSides({
  size = 60,
  seed = 11,
  flow = ticketingMarketing,
  before,
}: BothSidesOptions = {}) {
  const clock = jumpingClock(START);
  const now = () => clock.now();
  const office = tessituraSandbox({ seed, size, now, rateScale: 1_000 });
  const hubspot = hubspotSandbox({ seed, size: 0, now, rateScale: Number.POSITIVE_INFINITY });
  before?.(hubspot);
  const servers = [await serveSandbox(office), await serveSandbox(hubspot)];
  const ports = memoryPorts({ clock, http: nodeHttp() });
  await ports.secrets.put('tessitura/main', servers[0]?.secret);
  await ports.secrets.put('hubspot/main', servers[1]?.secret);
  const engine = openEngine({ ports, flows: [flow], deployment: 'test' });
  const driver = driverOf(engine, flow, clock);
  hubspot.webhooks.aim(HOOK);

  const peek = (id: string | number): Row | undefined =>
    hubspot.peek('contact', `tessitura_constituent_id:${id}`);
  const post = async (request: SandboxRequest): Promise<number> =>
    (await receive(engine, flow, 'hubspot', asReceived(request, now()))).status;
  /** All that is under way, until nothing is left; scans of both sides unless told otherwise. */
  const settle = async ({ scans = true } = {}): Promise<void> => {
    if (scans) await clock.wait(90_000);
    for (let round = 0; round < 3; round += 1) {
      if (scans) await scan(engine, flow, PATRON, driver.work());
      await deliverAll(hubspot.webhooks, post, clock);
      await driver.run();
      if (hubspot.webhooks.nextAt() === undefined && !scans) break;
      await clock.wait(30_000);
    }
  };
  return {
    clock,
    office,
    hubspot,
    engine,
    flow,
    ports,
    ...driver,
    settle,
    post,
    stop: () => Promise.all(servers.map((each) => each.stop())),
    contact: (id: string | number): Row => peek(id) ?? {},
    hasContact: (id: string | number) => peek(id) !== undefined,
    subscription: (email: string): Row => hubspot.peek('subscription', email) ?? {},
    patron: (id: string | number): Patron => patronOf(office.peek('constituent', String(id))),
    atOffice: (id: string | number, set: Set, by: By = 'staff') => {
      clock.tick();
      return office.edit({ record: 'constituent', id: String(id), set, by });
    },
    atHubspot: (id: string | number, set: Set, by: By = 'staff') => {
      clock.tick();
      return hubspot.edit({ record: 'contact', id: `tessitura_constituent_id:${id}`, set, by });
    },
    subscribe: (email: string, state: 'SUBSCRIBED' | 'UNSUBSCRIBED', by: By, topic = '801001') => {
      clock.tick();
      return hubspot.edit({ record: 'subscription', id: email, set: { [topic]: state }, by });
    },
    items: (): Promise<WorkItem[]> => workItems(ports, flow),
    decide: (item: WorkItem, keep: 'left' | 'right') =>
      decideItem(engine, flow, { collection: item.collection, id: item.id, field: item.field }, keep),
  };
}

export type BothSides = Awaited<ReturnType<typeof bothSides>>;

/** Sleeping is jumping: nobody else waits for the time in between. `tick` keeps two acts apart. */
function jumpingClock(start: Millis): Clock & { tick(): void; wait(ms: Millis): Promise<void> } {
  let now = start;
  const wait = async (ms: Millis): Promise<void> => {
    now += Math.ceil(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const tick = (): void => {
    now += 1_000;
  };
  return { now: () => now, sleep: wait, wait, tick };
}

function driverOf(engine: Engine, flow: Flow, clock: ReturnType<typeof jumpingClock>) {
  const work = (): Work => ({
    deadline: clock.now() + WORKER_TIMEOUT,
    signal: new AbortController().signal,
    background: (task) => void task.catch(() => undefined),
  });
  const turn = async (): Promise<boolean> => {
    let any = false;
    for (const lane of lanesOf(flow)) {
      const from = { flow: flow.name, lane };
      const deliveries = await engine.ports.queue.receive(from, 10, 6 * WORKER_TIMEOUT);
      if (deliveries.length === 0) continue;
      any = true;
      const { done } = await reconcile(engine, flow, { lane, deliveries }, work());
      await engine.ports.queue.acknowledge(from, done);
    }
    return any;
  };
  const waiting = async (): Promise<number> => {
    let sum = 0;
    for (const lane of lanesOf(flow)) {
      const { visible, delayed, inFlight } = await engine.ports.queue.depth({ flow: flow.name, lane });
      sum += visible + delayed + inFlight;
    }
    return sum;
  };
  const run = async (atMost: Millis = 3_600_000): Promise<void> => {
    const end = clock.now() + atMost;
    for (;;) {
      while (await turn());
      if ((await waiting()) === 0 || clock.now() >= end) return;
      await clock.wait(5_000);
    }
  };
  const backfill = async (): Promise<void> => {
    await startBackfill(engine, flow, PATRON);
    while ((await backfillProgress(engine, flow, PATRON))?.finishedAt === undefined) {
      await continueBackfill(engine, flow, PATRON, work());
      await run();
    }
    await run();
  };
  const audit = async () => {
    await startAudit(engine, flow, PATRON);
    for (;;) {
      await continueAudit(engine, flow, PATRON, work());
      await run();
      const report = await auditReport(engine, flow, PATRON);
      if (report?.finishedAt !== undefined) return report;
    }
  };
  const link = async (id: string | number) =>
    (await engine.ports.links.read([{ flow: flow.name, collection: PATRON, id: String(id) }]))[0]?.body;
  return { work, run, backfill, audit, link };
}

async function deliverAll(
  webhooks: ReturnType<typeof hubspotSandbox>['webhooks'],
  post: (request: SandboxRequest) => Promise<number>,
  clock: ReturnType<typeof jumpingClock>,
): Promise<void> {
  for (let at = webhooks.nextAt(); at !== undefined; at = webhooks.nextAt()) {
    await clock.wait(Math.max(0, at - clock.now()));
    await webhooks.deliver(post);
  }
}

function asReceived({ url, headers, body }: SandboxRequest, receivedAt: Millis) {
  return { method: 'POST', url, headers, body: new TextEncoder().encode(body), receivedAt };
}

interface ChildRow {
  Id: number;
  Inactive?: boolean;
  PrimaryIndicator?: boolean;
  Address?: string;
  AllowMarketing?: boolean;
  PhoneNumber?: string;
  AllowTelemarketing?: boolean;
  Answer?: string | null;
  Type?: { Category?: { Description?: string } };
}

/** What the tests look at of a constituent as the box office stores it. */
export interface Patron {
  row: Row;
  email: string | undefined;
  emails: readonly ChildRow[];
  phones: readonly string[];
  mayMail: boolean | undefined;
  answer(category: string): string | null | undefined;
}

function patronOf(row: Row | undefined): Patron {
  const rows = (kind: string): ChildRow[] => [row?.[kind]].flat().filter(Boolean) as ChildRow[];
  const emails = rows('ElectronicAddresses').filter((each) => !each.Inactive);
  const primary = emails.find((each) => each.PrimaryIndicator && each.Address?.includes('@'));
  return {
    row: row ?? {},
    email: primary?.Address,
    emails,
    phones: rows('PhoneNumbers').flatMap((each) => (each.Inactive ? [] : (each.PhoneNumber ?? []))),
    mayMail: primary?.AllowMarketing,
    answer: (category) =>
      rows('ContactPermissions').find((each) => each.Type?.Category?.Description === category)?.Answer,
  };
}
