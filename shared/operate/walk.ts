import { ListingSchema } from './answers-plan.ts';
import type { Client } from './client.ts';
import { flowPath } from './register.ts';

/** Which records a command looks at. */
export interface Walk {
  /** These and no others, as `collection/id` or `id`. */
  records?: readonly string[] | undefined;
  collection?: string | undefined;
  /** Those that changed on either side since; milliseconds since 1970. */
  since?: number | undefined;
  /** At most so many. */
  limit?: number | undefined;
}

/** Records that the API takes in one request. */
const BATCH = 100;

/** How far a walk is. */
export interface Walked {
  records: string[];
  /** How many there are, where the vendor tells. */
  total: number | undefined;
  /** Records of the target that belong to none of the source's, so far. */
  strangers: number;
}

/** The records in batches, each once; only ids are kept in mind, and of a whole list not even those. */
export async function* walk(client: Client, flow: string, of: Walk): AsyncGenerator<Walked> {
  let left = of.limit ?? Number.POSITIVE_INFINITY;
  for await (const page of pages(client, flow, of)) {
    for (let at = 0; at < page.records.length && left > 0; at += BATCH) {
      const records = page.records.slice(at, Math.min(at + BATCH, at + left));
      left -= records.length;
      yield { ...page, records };
    }
    if (left <= 0) return;
  }
}

async function* pages(client: Client, flow: string, of: Walk): AsyncGenerator<Walked> {
  if (of.records) {
    yield { records: [...new Set(of.records)], total: of.records.length, strangers: 0 };
    return;
  }
  const seen = new Set<string>();
  let page: string | undefined;
  let strangers = 0;
  do {
    const query = new URLSearchParams({
      ...(of.collection !== undefined && { collection: of.collection }),
      ...(of.since !== undefined && { since: String(of.since) }),
      ...(page !== undefined && { page }),
    });
    const { value } = await client.get(`${flowPath(flow)}/records?${query}`, ListingSchema);
    strangers += value.strangers;
    // A record that changed twice is listed twice; one list of everything names each once.
    const records = of.since === undefined ? value.records : value.records.filter((each) => !seen.has(each));
    if (of.since !== undefined) for (const each of records) seen.add(each);
    yield { records, total: value.total, strangers };
    page = value.next;
  } while (page !== undefined);
}
