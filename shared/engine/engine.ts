import { Account } from './account.ts';
import { ContractWatch } from './contract-watch.ts';
import type { Flow } from './flow.ts';
import { MassChangeGuard } from './guard.ts';
import { FlowGate } from './hold.ts';
import type { Millis, Ports } from './ports.ts';
import { type AccountRef, accountKey } from './session.ts';

/** One invocation. Its host ends it at `deadline`: whatever still runs then is dead, sockets included. */
export interface Work {
  deadline: Millis;
  signal: AbortSignal;
  /** For work that nobody waits for; the host lets it finish before the worker rests. Errors are ignored. */
  background(task: Promise<unknown>): void;
}

export interface EngineOptions {
  ports: Ports;
  flows: readonly Flow[];
  /** Names the running code; a new one ends holds that were caused by the old one's understanding. */
  deployment: string;
}

/** One worker process: the ports, and small copies of shared state that each process keeps for a moment. */
export interface Engine {
  readonly ports: Ports;
  readonly flows: readonly Flow[];
  readonly deployment: string;
  account(ref: AccountRef): Account;
  gate(flow: Flow): FlowGate;
  guard(flow: Flow): MassChangeGuard;
  watch(flow: Flow): ContractWatch;
}

/** One per worker process; cheap, and it asks nothing of its ports yet. */
export function openEngine(options: EngineOptions): Engine {
  const { ports, flows, deployment } = options;
  const accounts = keep(
    (ref: AccountRef) => accountKey(ref),
    (ref) => new Account(ref, ports),
  );
  const gates = keep(flowName, (flow: Flow) => new FlowGate(flow, ports, deployment));
  const guards = keep(flowName, (flow: Flow) => new MassChangeGuard(flow, ports));
  const watches = keep(flowName, (flow: Flow) => new ContractWatch(flow, ports));
  return { ports, flows, deployment, account: accounts, gate: gates, guard: guards, watch: watches };
}

function flowName(flow: Flow): string {
  return flow.name;
}

function keep<K, V>(name: (of: K) => string, make: (of: K) => V): (of: K) => V {
  const made = new Map<string, V>();
  return (of) => {
    const known = made.get(name(of));
    if (known !== undefined) return known;
    const fresh = make(of);
    made.set(name(of), fresh);
    return fresh;
  };
}
