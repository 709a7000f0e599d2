import { readAccount } from '../../engine/account-state.ts';
import { auditReport } from '../../engine/audit.ts';
import { backfillProgress } from '../../engine/backfill.ts';
import { isOpen } from '../../engine/breaker.ts';
import type { Engine } from '../../engine/engine.ts';
import { type Flow, lanesOf } from '../../engine/flow.ts';
import { alertsOf, gatherHealth, type HostFacts } from '../../engine/health.ts';
import type { FlowState } from '../../engine/hold.ts';
import { type AccountRef, accountKey } from '../../engine/session.ts';
import { workItems } from '../../engine/work-items.ts';
import type { AccountStatus, FlowStatus, OutcomeAnswer, SandboxAnswer } from '../answers.ts';
import type { OperatorView } from '../console/view.ts';
import { fiveAnswers } from '../five-answers.ts';
import { itemsAnswer } from './items-answer.ts';
import { findFlow } from './operations-bound.ts';
import { parkedAnswer } from './parked-answer.ts';
import { type Invoke, recordAnswer } from './record-answer.ts';
import type { ServiceOperations } from './services.ts';

export interface ViewOptions {
  engine: Engine;
  sandboxes: readonly Sandbox[];
  invoke: Invoke;
  version: string;
  startedAt: number;
  told: Told;
  services: ServiceOperations;
  /** Accounts that only services use. */
  serviceAccounts: readonly AccountRef[];
}

/** What only the host knows of a flow. */
export interface Told {
  facts(flow: Flow): HostFacts;
  /** Counted since the host started; empty where metrics lie elsewhere. */
  counters(flow: Flow): Record<string, number>;
  /** Newest first, at most 20; empty where the trail lies elsewhere. */
  recent(flow: Flow): OutcomeAnswer[];
}

/** A sandbox that the host runs. */
export interface Sandbox {
  readonly vendor: string;
  readonly title: string;
  readonly baseUrl: string;
  state(): Promise<SandboxAnswer>;
}

/** What console and API read, from the engine and the host's own counters. */
export function bindView(options: ViewOptions): OperatorView {
  const { engine, sandboxes, services } = options;
  return {
    async status() {
      const accounts = new Map(
        [...engine.flows.flatMap((flow) => flow.accounts), ...options.serviceAccounts].map((ref) => [
          accountKey(ref),
          ref,
        ]),
      );
      return {
        version: options.version,
        now: engine.ports.clock.now(),
        startedAt: options.startedAt,
        flows: await Promise.all(engine.flows.map((flow) => flowStatus(options, flow))),
        services: await services.status(),
        accounts: await Promise.all([...accounts.values()].map((ref) => accountStatus(engine, ref))),
        sandboxes: sandboxes.map(({ vendor, title, baseUrl }) => ({
          vendor,
          title,
          baseUrl,
          control: `/sandbox/${vendor}/_control`,
        })),
      };
    },
    record: async (name, ref) =>
      recordAnswer({ engine, flow: findFlow(engine, name), invoke: options.invoke }, ref),
    parked: (name, after) => parkedAnswer(engine, findFlow(engine, name), after),
    items: (name) => itemsAnswer({ engine, flow: findFlow(engine, name), invoke: options.invoke }),
    sandboxes: () => Promise.all(sandboxes.map((each) => each.state())),
  };
}

async function flowStatus({ engine, told, startedAt }: ViewOptions, flow: Flow): Promise<FlowStatus> {
  const { ports } = engine;
  const now = ports.clock.now();
  const facts = told.facts(flow);
  const health = await gatherHealth(engine, flow, facts);
  const alerts = alertsOf(flow, health);
  const { heartbeat, oldestUnfinished } = health;
  const nothing = { visible: 0, inFlight: 0, delayed: 0 };
  return {
    name: flow.name,
    title: flow.title,
    answers: fiveAnswers(flow),
    ...healthOf(health.state, alerts.length, now),
    alerts,
    lanes: lanesOf(flow).map((lane) => ({ lane, ...(health.depth[lane] ?? nothing) })),
    ...(oldestUnfinished !== undefined && { oldestUnfinishedMs: Math.max(0, now - oldestUnfinished) }),
    parked: health.parked.count,
    ...(flow.collections.some(({ back }) => back) && { items: (await workItems(ports, flow)).length }),
    deadLetters: health.deadLetters,
    // Without a scan since ever, health counts from the start of the host.
    ...(heartbeat !== undefined && heartbeat !== startedAt && { lastScanAt: heartbeat }),
    collections: await Promise.all(flow.collections.map((each) => collectionStatus(engine, flow, each))),
    counters: told.counters(flow),
    recent: told.recent(flow),
  };
}

function healthOf(
  state: FlowState | undefined,
  alerts: number,
  now: number,
): Pick<FlowStatus, 'health' | 'because'> {
  const { paused, hold } = state ?? {};
  if (paused && (paused.until === undefined || paused.until > now)) {
    const until =
      paused.until === undefined ? '' : ` until ${new Date(paused.until).toISOString().slice(0, 16)}Z`;
    return { health: 'paused', because: `paused${until}: ${paused.reason}` };
  }
  if (hold) return { health: 'held', because: hold.reason };
  return { health: alerts > 0 ? 'attention' : 'ok' };
}

async function collectionStatus(
  engine: Engine,
  flow: Flow,
  collection: Flow['collections'][number],
): Promise<FlowStatus['collections'][number]> {
  const backfill = await backfillProgress(engine, flow, collection.name);
  const audit = await auditReport(engine, flow, collection.name);
  return {
    name: collection.name,
    source: collection.source.title,
    target: collection.target.title,
    ...(collection.back && { bothWays: true }),
    ...(backfill && { backfill }),
    ...(audit && { audit }),
  };
}

async function accountStatus(engine: Engine, ref: AccountRef): Promise<AccountStatus> {
  const state = await readAccount(engine.ports, ref);
  const limits = await engine.account(ref).limits();
  const { budget, breaker, held } = state ?? {};
  const told: AccountStatus['budget'] = {};
  if (limits.rate) told.rate = `${limits.rate.calls} calls per ${limits.rate.windowMs / 1000} s`;
  if (limits.concurrency !== undefined) told.concurrency = limits.concurrency;
  if (budget?.daily) told['left today'] = budget.daily.remaining;
  if (budget?.pausedUntil !== undefined && budget.pausedUntil > engine.ports.clock.now())
    told['quiet until'] = new Date(budget.pausedUntil).toISOString();
  return {
    account: accountKey(ref),
    breaker: breaker && isOpen(breaker) ? 'open' : 'closed',
    ...(held && { held: held.mend === undefined ? held.reason : `${held.reason}; ${held.mend}` }),
    budget: told,
  };
}
