import * as z from 'zod';
import type { Read } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { parseInstant } from '../../values/instant.ts';
import { batch, type Part, type PartReply, query, secretOf } from './client.ts';
import { confirmMissing, mergedConstituent } from './constituent-end.ts';
import { bodyOf } from './constituent-history.ts';
import { type Call, faultFrom, unreadable } from './faults.ts';
import { isHousehold } from './household-group.ts';
import { AffiliationSchema, DetailSchema, MembershipSchema } from './schema.ts';

/** Somebody who belongs to a household now, or will from `since` on. Moments are milliseconds since 1970. */
export const MemberSchema = z.object({
  constituentId: z.string(),
  /** First and second adult, or anybody else (values of NameIndicator not verified at a real site). */
  label: z.enum(['A1', 'A2', 'member']),
  /** It is this person's primary household. */
  primary: z.boolean(),
  since: z.number().optional(),
  until: z.number().optional(),
});
export type Member = z.infer<typeof MemberSchema>;

const HouseholdSchema = DetailSchema.extend({
  members: z.array(MemberSchema),
  timeZone: z.string(),
  /** With `memberships` included: the household's own. */
  Memberships: z.array(MembershipSchema).optional(),
});
/** A household's detail, and who belongs to it; affiliations that have ended are left out. */
export type Household = z.infer<typeof HouseholdSchema>;

const RowsSchema = z.object({
  Affiliations: z.array(AffiliationSchema.extend({ NameIndicator: z.int().nullish() })),
  Memberships: z.array(MembershipSchema).optional(),
});
const READ: Call = {
  operation: 'households.read',
  method: 'GET',
  resource: 'CRM/Constituents',
  effect: 'read',
};
type Include = readonly 'memberships'[];
type Replies = readonly (PartReply | undefined)[];

/** One call for a hundred; what the service did not answer for, and whoever is no household, is left out. */
export async function readHouseholds(
  session: Session,
  ids: readonly string[],
  include: Include,
): Promise<Map<string, Read<Household>>> {
  const parts = ids.map((id) => partsOf(id, include));
  const flat = ids.length === 0 ? [] : await batch(session, parts.flat());
  const context = { now: session.now(), timeZone: (await secretOf(session)).timeZone };
  const reads = new Map<string, Read<Household>>();
  const [first] = flat;
  if (ids.length > 1 && first && first.status >= 500 && flat.every((reply) => (reply?.status ?? 500) >= 500))
    throw faultFrom(READ, { status: first.status, body: '' });
  for (const [index, id] of ids.entries()) {
    const read = readOf(flat.splice(0, parts[index]?.length ?? 0), context);
    if (read && read.state !== 'gone') reads.set(id, read);
  }
  return reads;
}

/** The only word on whether a household is gone. */
export async function readHousehold(
  session: Session,
  id: string,
  include: Include,
): Promise<Read<Household>> {
  const replies = await batch(session, partsOf(id, include));
  const [detail] = replies;
  if (detail?.status === 404 || detail?.status === 410) {
    await confirmMissing(session, id);
    const into = await mergedConstituent(session, id);
    return into === undefined ? { state: 'gone' } : { state: 'merged', into };
  }
  const context = { now: session.now(), timeZone: (await secretOf(session)).timeZone };
  const read = readOf(replies, context);
  if (read) return read;
  throw faultFrom(READ, { status: detail && detail.status !== 200 ? detail.status : 500, body: '' });
}

function partsOf(id: string, include: Include): Part[] {
  const affiliations = `CRM/Affiliations${query({ groupConstituentId: id })}`;
  const memberships = `CRM/Memberships/Details${query({ constituentId: id, includeAffiliations: false })}`;
  const detail = `CRM/Constituents/${encodeURIComponent(id)}/Detail${query({ includeAffiliations: false })}`;
  return [
    { operation: READ.operation, resource: READ.resource, path: detail },
    { operation: 'affiliations.of', resource: 'CRM/Affiliations', path: affiliations },
    ...(include.includes('memberships')
      ? [{ operation: 'memberships.read', resource: 'CRM/Memberships', path: memberships }]
      : []),
  ];
}

interface Context {
  now: number;
  timeZone: string;
}

function readOf([detail, affiliations, memberships]: Replies, context: Context): Read<Household> | undefined {
  if (detail?.status !== 200 || bodyOf(affiliations) === undefined) return undefined;
  if (memberships && bodyOf(memberships) === undefined) return undefined;
  const columns = DetailSchema.safeParse(detail.value);
  if (!columns.success) return { state: 'unreadable', fault: unreadable(READ, columns.error) };
  if (!isHousehold(columns.data)) return { state: 'gone' };
  const Memberships = memberships ? { Memberships: bodyOf(memberships) } : {};
  const rows = RowsSchema.safeParse({ Affiliations: bodyOf(affiliations), ...Memberships });
  if (!rows.success) return { state: 'unreadable', fault: unreadable(READ, rows.error) };
  const { Affiliations, ...rest } = rows.data;
  const members = Affiliations.flatMap((row) => memberOf(row, context)).sort(byId);
  return { state: 'present', record: { ...columns.data, ...rest, members, timeZone: context.timeZone } };
}

type Row = z.infer<typeof RowsSchema>['Affiliations'][number];

function memberOf(row: Row, { now, timeZone }: Context): Member[] {
  const moment = (text: string | null | undefined) => {
    const at = text == null ? undefined : parseInstant(text, timeZone);
    return at?.ok ? at.value.epoch : undefined;
  };
  const [since, until] = [moment(row.StartDate), moment(row.EndDate)];
  if (row.Inactive || (until !== undefined && until <= now)) return [];
  return [
    {
      constituentId: String(row.IndividualConstituent.Id),
      label: row.NameIndicator === -1 ? 'A1' : row.NameIndicator === -2 ? 'A2' : 'member',
      primary: row.PrimaryIndicator,
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    },
  ];
}

function byId(a: Member, b: Member): number {
  return Number(a.constituentId) - Number(b.constituentId);
}
