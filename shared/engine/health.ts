import { type AccountState, readAccount } from './account-state.ts';
import { isOpen } from './breaker.ts';
import type { Lane } from './change-event.ts';
import type { Engine } from './engine.ts';
import { type Flow, lanesOf } from './flow.ts';
import { lastHeartbeat } from './heartbeat.ts';
import type { FlowState, HoldKind } from './hold.ts';
import type { Depth, Millis } from './ports.ts';

import { accountKey } from './session.ts';

/** What is known of a flow right now; every rule below reads only this. */
export interface FlowHealth {
  at: Millis;
  depth: Partial<Record<Lane, Depth>>;
  deadLetters: number;
  parked: { count: number; oldestSince?: Millis };
  /** Letters added within the last five minutes. */
  newParkings: number;
  /** `firstObservedAt` of the oldest record that is not finished. */
  oldestUnfinished: Millis | undefined;
  /** When the last scan finished. */
  heartbeat: Millis | undefined;
  state: FlowState | undefined;
  accounts: { account: string; state: AccountState }[];
}

/** What only a host can count. */
export interface HostFacts {
  newParkings: number;
  oldestUnfinished: Millis | undefined;
  /** When this host began to run the flow: before it, a missing heartbeat says nothing. */
  startedAt: Millis;
}

export interface Alert {
  /** The same for the same trouble, so that it pages once. */
  key: string;
  flow: string;
  severity: 'page' | 'notice';
  title: string;
  /** Impact, owner, what to run first, where to read on: one line each. */
  text: string;
  since: Millis;
}

/** Reads everything the rules look at. */
export async function gatherHealth(engine: Engine, flow: Flow, facts: HostFacts): Promise<FlowHealth> {
  const { ports } = engine;
  const depth: FlowHealth['depth'] = {};
  for (const lane of lanesOf(flow)) depth[lane] = await ports.queue.depth({ flow: flow.name, lane });
  const heartbeat = await lastHeartbeat(ports, flow);
  const accounts: FlowHealth['accounts'] = [];
  for (const ref of flow.accounts) {
    const state = await readAccount(ports, ref);
    if (state) accounts.push({ account: accountKey(ref), state });
  }
  return {
    at: ports.clock.now(),
    depth,
    deadLetters: await ports.deadLetters.depth(flow.name),
    parked: await ports.links.parkedCount(flow.name),
    newParkings: facts.newParkings,
    oldestUnfinished: facts.oldestUnfinished,
    heartbeat: Math.max(heartbeat ?? 0, facts.startedAt),
    state: await engine.gate(flow).state(),
    accounts,
  };
}

/** The rules, from the flow's own answers. Pure. */
export function alertsOf(flow: Flow, health: FlowHealth): Alert[] {
  return [
    deadLetters(flow, health),
    newParkings(flow, health),
    tooOld(flow, health),
    silent(flow, health),
    held(flow, health),
    ...accounts(flow, health),
  ].flatMap((alert) => alert ?? []);
}

/** Who is told, and of what system. */
export type Told = Pick<Flow, 'name' | 'title' | 'whoIsPaged' | 'whereToLook'> & {
  whenItBreaks: { impact: string };
};

/** What is wrong, and what to run first. */
export interface Finding {
  /** The same for the same trouble. */
  rule: string;
  title: string;
  command: string;
  since: Millis;
}

/** One page in the words of the system's own definition. */
export function alert(flow: Told, { rule, title, command, since }: Finding): Alert {
  const { whenItBreaks, whoIsPaged, whereToLook } = flow;
  const text = [
    `Impact: ${whenItBreaks.impact}`,
    `Owner: ${whoIsPaged.owner}`,
    `First: ${command}`,
    `Runbook: ${whereToLook.runbook}`,
  ].join('\n');
  return {
    key: `${flow.name}/${rule}`,
    flow: flow.name,
    severity: 'page',
    title: `${flow.title}: ${title}`,
    text,
    since,
  };
}

function deadLetters(flow: Flow, health: FlowHealth): Alert | undefined {
  if (health.deadLetters === 0) return undefined;
  const n = health.deadLetters;
  return alert(flow, {
    rule: 'dead-letters',
    title: `${n} ${n === 1 ? 'record' : 'records'} in the dead-letter queue`,
    command: `npm run intertie -- parked ${flow.name}`,
    since: health.parked.oldestSince ?? health.at,
  });
}

/** Tells of new ones while the first alarm is already red. */
function newParkings(flow: Flow, health: FlowHealth): Alert | undefined {
  if (health.newParkings === 0) return undefined;
  const found = alert(flow, {
    rule: 'new-parkings',
    title: `${health.newParkings} newly parked within 5 minutes`,
    command: `npm run intertie -- parked ${flow.name}`,
    since: health.at,
  });
  return { ...found, severity: 'notice' };
}

function tooOld(flow: Flow, health: FlowHealth): Alert | undefined {
  const oldest = health.oldestUnfinished;
  const limit = flow.expects.oldestMinutes * 60_000;
  if (oldest === undefined || health.at - oldest <= limit) return undefined;
  return alert(flow, {
    rule: 'oldest',
    title: `a record has been unfinished for ${minutes(health.at - oldest)}`,
    command: `npm run intertie -- status`,
    since: oldest + limit,
  });
}

function silent(flow: Flow, health: FlowHealth): Alert | undefined {
  const limit = flow.expects.heartbeatMinutes * 60_000;
  if (health.heartbeat === undefined || health.at - health.heartbeat <= limit) return undefined;
  return alert(flow, {
    rule: 'heartbeat',
    title: `no scan has finished for ${minutes(health.at - health.heartbeat)}`,
    command: `npm run intertie -- scan ${flow.name}`,
    since: health.heartbeat + limit,
  });
}

function held(flow: Flow, health: FlowHealth): Alert | undefined {
  const hold = health.state?.hold;
  if (!hold) return undefined;
  return alert(flow, {
    rule: `held-${hold.kind}`,
    title: `held: ${hold.reason}`,
    command: HELD_FIRST[hold.kind].replaceAll('<flow>', flow.name),
    since: hold.since,
  });
}

/** A contract that is mended by the vendor or by a deployment is noticed by itself within five minutes. */
const HELD_FIRST: Record<HoldKind, string> = {
  'mass-change': 'npm run intertie -- approve <flow>, if so many changes are meant; else fix their cause',
  contract:
    'fix the connector or the mapping and deploy, or npm run intertie -- release <flow> once the vendor is well',
};

function accounts(flow: Flow, health: FlowHealth): (Alert | undefined)[] {
  return health.accounts.flatMap(({ account, state }) => {
    const found: Alert[] = [];
    if (state.held) {
      const command = state.held.mend ?? 'npm run intertie -- status';
      found.push(
        alert(flow, {
          rule: `account-${account}`,
          title: `account ${account} is held: ${state.held.reason}`,
          command,
          since: state.held.since,
        }),
      );
    }
    const { openedAt } = state.breaker;
    if (isOpen(state.breaker) && openedAt !== undefined && health.at - openedAt > OUTAGE) {
      const title = `account ${account} has not answered for ${minutes(health.at - openedAt)}; records wait and nothing is lost`;
      found.push(
        alert(flow, {
          rule: `outage-${account}`,
          title,
          command: 'npm run intertie -- status',
          since: openedAt,
        }),
      );
    }
    return found;
  });
}

/** A breaker that is open for longer than this is an outage that people want to know of. */
const OUTAGE: Millis = 60_000;

function minutes(span: Millis): string {
  const whole = Math.round(span / 60_000);
  if (whole < 120) return `${whole} min`;
  return `${Math.round(whole / 60)} h`;
}
