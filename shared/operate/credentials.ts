import type { Connector } from '../connectors/connector.ts';
import { openEngine } from '../engine/engine.ts';
import { Fault } from '../engine/fault.ts';
import type { Flow } from '../engine/flow.ts';
import type { Ports, Secrets } from '../engine/ports.ts';
import { type AccountRef, accountKey } from '../engine/session.ts';
import { openSession } from '../engine/session-open.ts';
import type { Invoke } from './api/record-answer.ts';
import { CommandProblem } from './client.ts';

export interface Candidate {
  connector: Connector;
  ref: AccountRef;
  secret: unknown;
  flows: readonly Flow[];
}

/**
 * One cheap call with credentials that are not stored yet. What the vendor hands out on the way (a token, a
 * renewed grant) is part of the secret that comes back.
 */
export async function checkCredentials(
  { connector, ref, secret, flows }: Candidate,
  host: { ports: Ports; invoke: Invoke },
): Promise<{ told: string; secret: unknown }> {
  const vault = candidateSecrets(accountKey(ref), secret, host.ports.secrets);
  const engine = openEngine({ ports: { ...host.ports, secrets: vault }, flows, deployment: 'connect' });
  try {
    const told = await host.invoke((work) => {
      const permit = { lane: 'live', probe: true, slot: undefined, deadline: work.deadline } as const;
      return connector.check(openSession(engine, engine.account(ref), permit, work));
    });
    return { told: told ?? 'no answer', secret: (await vault.get(accountKey(ref)))?.value };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    throw new CommandProblem(`${connector.title} does not take them: ${thrown.message}`, {
      hint: 'nothing was stored; correct them and run connect again, or store them unchecked with --no-check',
      cause: thrown,
    });
  }
}

function candidateSecrets(name: string, first: unknown, others: Secrets): Secrets {
  let value = first;
  let version = 1;
  return {
    get: async (asked) => (asked === name ? { value, version: `candidate-${version}` } : others.get(asked)),
    put: async (asked, changed) => {
      if (asked !== name) return others.put(asked, changed);
      value = changed;
      version += 1;
    },
  };
}
