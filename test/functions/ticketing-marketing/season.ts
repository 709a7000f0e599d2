import * as z from 'zod';
import { ticketingMarketing as flow } from '../../../functions/ticketing-marketing/flow.ts';
import { hubspotSandbox } from '../../../shared/connectors/hubspot/sandbox.ts';
import type { Sandbox, SandboxEdit } from '../../../shared/connectors/sandbox.ts';
import { authorization } from '../../../shared/connectors/tessitura/auth.ts';
import { tessituraSandbox } from '../../../shared/connectors/tessitura/sandbox.ts';
import { type AuditReport, continueAudit, startAudit } from '../../../shared/engine/audit.ts';
import { continueBackfill, startBackfill } from '../../../shared/engine/backfill.ts';
import { openEngine, type Work } from '../../../shared/engine/engine.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import { lanesOf, WORKER_TIMEOUT } from '../../../shared/engine/flow.ts';
import type { Http, Link } from '../../../shared/engine/ports.ts';
import { ringRechecks } from '../../../shared/engine/recheck.ts';
import { reconcile } from '../../../shared/engine/reconcile.ts';
import { scan } from '../../../shared/engine/scan.ts';
import { testSession } from '../../connectors/session.ts';
import { memoryPorts } from '../../support/memory/ports.ts';

/** In the season that the sandbox's tickets are for. */
export const START = Date.parse('2026-06-10T12:00:00-04:00');
const MINUTE = 60_000;

/** Both vendors' sandboxes with the real engine and flow between them; time passes only when the test says so. */
export async function season(size = 60) {
  const at = { ms: START };
  const now = () => at.ms;
  const options = { seed: 11, rateScale: Number.POSITIVE_INFINITY, now };
  const tessitura = tessituraSandbox({ ...options, size });
  const hubspot = hubspotSandbox({ ...options, size: 0 });
  const sent: string[] = [];
  const http = wired({ 'tessitura.test': tessitura, 'hubspot.test': hubspot }, sent);
  const ports = memoryPorts({
    clock: {
      now,
      sleep: async (ms) => {
        at.ms += ms;
      },
    },
    http,
  });
  for (const [account, sandbox] of Object.entries({ tessitura, hubspot })) {
    const { secret } = sandbox.state(`https://${account}.test`);
    await ports.secrets.put(`${account}/main`, secret);
  }
  await label(hubspot);
  const engine = openEngine({ ports, flows: [flow], deployment: 'd1' });
  const work = (): Work => ({
    deadline: now() + WORKER_TIMEOUT,
    signal: new AbortController().signal,
    background: (task) => void task.catch(() => undefined),
  });
  /** Works until nothing is queued; waiting records and what is due later let time pass, up to `minutes`. */
  const run = async (minutes = 30): Promise<void> => {
    const end = now() + minutes * MINUTE;
    for (;;) {
      let waiting = 0;
      let any = false;
      for (const lane of lanesOf(flow)) {
        const from = { flow: flow.name, lane };
        const deliveries = await ports.queue.receive(from, 10, 6 * WORKER_TIMEOUT);
        any ||= deliveries.length > 0;
        if (deliveries.length > 0) {
          const { done } = await reconcile(engine, flow, { lane, deliveries }, work());
          await ports.queue.acknowledge(from, done);
        }
        const depth = await ports.queue.depth(from);
        waiting += depth.visible + depth.inFlight + depth.delayed;
      }
      if (waiting === 0 || now() >= end) return;
      if (!any) at.ms += 5_000;
    }
  };
  const scanOnly = async (): Promise<void> => {
    at.ms += MINUTE;
    for (const { name } of flow.collections) while (!(await scan(engine, flow, name, work())).finished);
  };
  const scanAll = async (): Promise<void> => {
    await scanOnly();
    await run();
  };
  const backfill = async (name: string, minutes = 30): Promise<void> => {
    await startBackfill(engine, flow, name);
    while ((await continueBackfill(engine, flow, name, work()))?.finishedAt === undefined) await run(minutes);
    await run(minutes);
  };
  const audit = async (name: string): Promise<AuditReport | undefined> => {
    await startAudit(engine, flow, name);
    for (;;) {
      const report = await continueAudit(engine, flow, name, work());
      if (report?.phase === 'done') return report;
      await run();
      at.ms += MINUTE;
    }
  };
  const link = async (collection: string, id: string): Promise<Link | undefined> =>
    (await ports.links.read([{ flow: flow.name, collection, id }]))[0];
  /** Time passes, with what is due then. */
  const until = async (moment: number): Promise<void> => {
    at.ms = Math.max(at.ms, moment);
    await ringRechecks(engine, flow);
    await run();
  };
  const { secret } = hubspot.state('https://hubspot.test');
  const looking = testSession({ account: 'hubspot/main', secret, http, now });
  /** What HubSpot shows of a record, in the flow's terms; its state where it is not there. */
  const shown = async (collection: string, id: string): Promise<Fields | string> => {
    const { target, owns } = flow.collection(collection)!;
    const targetId = (await link(collection, id))?.body?.targetId;
    if (targetId === undefined) return 'not linked';
    const read = await target.readOne(looking, targetId, owns);
    return read.state === 'present' ? read.record : read.state;
  };
  /** What the box office's service answers. */
  const ask = async (path: string): Promise<Row[]> => {
    const headers = { authorization: signIn(tessitura) };
    const answer = await tessitura.app.request(`/TessituraService/${path}`, { headers });
    return z.array(RowSchema).parse(await answer.json());
  };
  const office = (edit: SandboxEdit): string => {
    at.ms += 1_000;
    return tessitura.edit(edit);
  };
  return {
    at,
    tessitura,
    hubspot,
    ports,
    sent,
    run,
    scanOnly,
    scanAll,
    backfill,
    audit,
    link,
    until,
    shown,
    ask,
    office,
  };
}

const Id = z.object({ Id: z.int() });
const RowSchema = Id.extend({ IndividualConstituent: Id, GroupConstituent: Id });
export type Row = z.infer<typeof RowSchema>;

function signIn(tessitura: Sandbox): string {
  const { user, group, location, password } = JSON.parse(
    JSON.stringify(tessitura.state('https://tessitura.test').secret),
  );
  return authorization({ user, group, location, password });
}

export type Season = Awaited<ReturnType<typeof season>>;

/** The sandboxes' own protocol without sockets; keeps what was asked. */
function wired(vendors: Readonly<Record<string, Sandbox>>, sent: string[]): Http {
  return async ({ method, url, headers, body }) => {
    const { host, pathname } = new URL(url);
    sent.push(`${host.split('.')[0]} ${method} ${pathname}`);
    const response = await vendors[host]!.app.request(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  };
}

/** What an administrator does once, if it was not done. */
async function label(hubspot: Sandbox): Promise<void> {
  const { accessToken } = JSON.parse(JSON.stringify(hubspot.state('http://hubspot.test').secret)).auth;
  for (const name of ['A1', 'A2', 'Primary household']) {
    const answer = await hubspot.app.request(
      'http://hubspot.test/crm/v4/associations/companies/contacts/labels',
      {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ label: name, name: name.toLowerCase().replaceAll(' ', '_') }),
      },
    );
    const said = await answer.text();
    if (answer.status !== 200 && !said.includes('already exists'))
      throw new Error(`label ${name}: ${answer.status} ${said}`);
  }
}
