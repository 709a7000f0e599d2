import * as z from 'zod';
import { parseLinkBody } from '../../engine/link.ts';
import type { Lease, Link } from '../../engine/ports.ts';

export const LINK_COLUMNS =
  'seq, flow, collection, id, token, until, reported, takeovers, found, waiters, body';

export const LinkRow = z.object({
  seq: z.number(),
  flow: z.string(),
  collection: z.string(),
  id: z.string(),
  token: z.string().nullable(),
  until: z.number().nullable(),
  reported: z.number(),
  takeovers: z.number(),
  found: z.string().nullable(),
  waiters: z.string().nullable(),
  body: z.string().nullable(),
});
export type LinkRow = z.infer<typeof LinkRow>;

const LeaseJson = z.object({ token: z.string(), until: z.number(), reported: z.literal(true).optional() });

/** What the claim of the present lease found, so that a repeat of that claim can answer like the first. */
const Found = z.object({ lease: LeaseJson, takeovers: z.number() });
type Found = z.infer<typeof Found>;

const Waiters = z.array(z.string());

export function leaseOf({ token, until, reported }: LinkRow): Lease | undefined {
  if (token === null || until === null) return undefined;
  return reported ? { token, until, reported: true } : { token, until };
}

/** The link as anybody sees it. */
export function toLink(row: LinkRow): Link {
  return {
    key: { flow: row.flow, collection: row.collection, id: row.id },
    body: row.body === null ? undefined : parseLinkBody(JSON.parse(row.body)),
    lease: leaseOf(row),
    takeovers: row.takeovers,
    waiters: waitersOf(row.waiters),
  };
}

/** The link as the first write of this lease found it: under whose lease, and after how many takeovers. */
export function toLinkBeforeClaim(row: LinkRow): Link {
  const found = row.found === null ? undefined : Found.parse(JSON.parse(row.found));
  const lease = found && leaseOf({ ...row, ...found.lease, reported: found.lease.reported ? 1 : 0 });
  return { ...toLink(row), lease, takeovers: found?.takeovers ?? row.takeovers };
}

export function foundJson(lease: Lease, takeovers: number): string {
  const { token, until, reported } = lease;
  const found: Found = { lease: reported ? { token, until, reported: true } : { token, until }, takeovers };
  return JSON.stringify(found);
}

export function waitersOf(json: string | null): string[] {
  return json === null ? [] : Waiters.parse(JSON.parse(json));
}

export function waitersJson(waiters: readonly string[]): string | null {
  return waiters.length === 0 ? null : JSON.stringify(waiters);
}
