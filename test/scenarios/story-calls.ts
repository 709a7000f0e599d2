import { SandboxStateSchema } from '../../shared/operate/answers.ts';
import type { Laptop } from '../support/laptop.ts';

/** Calls of Tessitura's service itself; the others in its counters are parts of a batch. */
const OWN = /^(POST|GET) (Batch|Custom\/Execute|Reporting|AccessControl|TXN\/Performances)/;

/** How often each vendor was called. */
export interface Calls {
  tessitura: number;
  hubspot: number;
}

/** What happened, in numbers of records. */
export interface Happened {
  /** Patrons that are new at HubSpot, and those that were there and changed on either side. */
  made?: number;
  changed?: number;
  households?: number;
  events?: number;
  attendances?: number;
  /** Pairs of an event and a state that attendances are about: HubSpot takes those of one such pair in one call. */
  standings?: number;
  /** Entries of the audit log that tell of it. */
  told?: number;
}

/**
 * The fewest calls that the vendors' batch sizes allow, if everything came at once and nothing was asked twice: at
 * Tessitura four for a hundred patrons (details, consent, sharers, who wrote what) and one for a hundred of anything
 * else; at HubSpot one to write a hundred contacts and one for their consents, and one before to read fifty.
 */
export function least(happened: Happened): Calls {
  const { made = 0, changed = 0, households = 0, events = 0, attendances = 0, told = 0 } = happened;
  const per = (size: number, count: number) => Math.ceil(count / size);
  const reads =
    4 * per(100, made + changed) + per(100, households) + per(100, events) + per(100, attendances);
  const contacts = 2 * per(100, made + changed) + per(50, changed);
  return {
    tessitura: reads + per(100, told),
    hubspot: contacts + 2 * per(100, households) + per(50, events) + (happened.standings ?? 0),
  };
}

export async function callsSoFar(host: Laptop): Promise<Calls> {
  const sum = async (vendor: string, counts: (name: string) => boolean) => {
    const { counters } = await host.get(`/sandbox/${vendor}/_control`, SandboxStateSchema);
    return Object.entries(counters).reduce((all, [name, n]) => (counts(name) ? all + n : all), 0);
  };
  return {
    tessitura: await sum('tessitura', (name) => OWN.test(name)),
    hubspot: await sum('hubspot', (name) => name.includes('.') && !name.startsWith('webhooks')),
  };
}
