import type { Account, Permit, Refusal } from './account.ts';
import type { Lane } from './change-event.ts';
import type { Engine, Work } from './engine.ts';
import { Fault } from './fault.ts';
import type { Millis } from './ports.ts';
import { type AccountRef, accountKey, type Session } from './session.ts';
import { openSession } from './session-open.ts';

/** Which accounts, by which lane, until when. */
export interface Visit {
  accounts: readonly AccountRef[];
  lane: Lane;
  work: Work;
}

/**
 * Enters accounts, runs with a session for each, and leaves again. Throws a `rate-limited` fault of `intertie` when
 * one is not to be called now; a fault of a vendor is learnt by its account on the way out.
 */
export async function visit<T>(
  engine: Engine,
  { accounts, lane, work }: Visit,
  run: (sessions: ReadonlyMap<string, Session>) => Promise<T>,
): Promise<T> {
  const entered = new Map<string, { account: Account; permit: Permit }>();
  try {
    for (const ref of accounts) {
      if (entered.has(accountKey(ref))) continue;
      const account = engine.account(ref);
      const permit = await account.enter(lane, work.deadline);
      if ('why' in permit) throw notNow(account, permit, engine.ports.clock.now());
      entered.set(accountKey(ref), { account, permit });
    }
    const sessions = [...entered].map(
      ([key, { account, permit }]) => [key, openSession(engine, account, permit, work)] as const,
    );
    const result = await run(new Map(sessions));
    for (const { account } of entered.values()) await account.succeeded();
    return result;
  } catch (thrown) {
    if (thrown instanceof Fault) {
      for (const { account } of entered.values())
        if (account.ref.vendor === thrown.vendor) await account.learnFault(thrown);
    }
    throw thrown;
  } finally {
    for (const { account, permit } of entered.values()) await account.leave(permit);
  }
}

/** The session of one of the visited accounts. */
export function sessionOf(sessions: ReadonlyMap<string, Session>, ref: AccountRef): Session {
  const session = sessions.get(accountKey(ref));
  if (!session) throw new Error(`account ${accountKey(ref)} was not visited`);
  return session;
}

function notNow(account: Account, { until, why }: Refusal, now: Millis): Fault {
  return new Fault('rate-limited', {
    vendor: 'intertie',
    operation: 'budget',
    message: `account ${account.key} is not to be called now (${why})`,
    retryAfter: Math.max(0, until - now),
  });
}
