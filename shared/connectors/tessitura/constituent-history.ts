import * as z from 'zod';
import type { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import { batch, type Part, type PartReply, query } from './client.ts';
import { type Call, unreadable } from './faults.ts';
import {
  AffiliationSchema,
  AttendanceSchema,
  type Constituent,
  type Detail,
  isIndividual,
  MembershipSchema,
  TicketSchema,
} from './schema.ts';

/** What is read besides the constituent itself. Each needs service rights of its own. */
export type Include = readonly ('memberships' | 'attendance')[];

type Name = 'Memberships' | 'SubLineItems' | 'AttendanceHistory' | 'Affiliations';
/** What came back for one constituent: the bodies that the service gave, by name. */
export type History = ReadonlyMap<Name, unknown>;
/** The checked rows, what is wrong with them, or undefined where the service failed on one of them. */
export type HistoryFields = Partial<Pick<Constituent, Name>>;

const RESOURCES = {
  Memberships: { operation: 'memberships.read', resource: 'CRM/Memberships' },
  SubLineItems: { operation: 'tickets.read', resource: 'TXN/SubLineItems' },
  AttendanceHistory: { operation: 'attendance.read', resource: 'CRM/AttendanceHistory' },
  Affiliations: { operation: 'affiliations.find', resource: 'CRM/Affiliations' },
} as const satisfies Record<Name, Pick<Call, 'operation' | 'resource'>>;

/** What can be asked by id alone, together with the detail. */
export function historyParts(id: string, include: Include): Part[] {
  return namesOf(include).map((name) => ({ ...RESOURCES[name], path: pathOf(name, id) }));
}

/** The household of a person, or the people of a household; needs the detail, which tells which it is. */
export function affiliationParts(details: readonly Detail[], include: Include): Part[] {
  if (!include.includes('memberships')) return [];
  return details.map((detail) => {
    const side = isIndividual(detail) ? 'individualConstituentId' : 'groupConstituentId';
    const path = `CRM/Affiliations${query({ [side]: detail.Id, primaryOnly: true })}`;
    return { ...RESOURCES.Affiliations, path };
  });
}

/** Replies of `historyParts`, in its order. */
export function historyOf(replies: readonly (PartReply | undefined)[], include: Include): History {
  return new Map(namesOf(include).map((name, index) => [name, bodyOf(replies[index])] as const));
}

/** For a record that is read alone. */
export async function readHistory(session: Session, id: string, include: Include): Promise<History> {
  const parts = historyParts(id, include);
  return historyOf(parts.length > 0 ? await batch(session, parts) : [], include);
}

/** Every row checked; a fault for one that does not fit, undefined when the service failed on a part. */
export function historyFields(history: History): HistoryFields | { fault: Fault } | undefined {
  const fields: HistoryFields = {};
  for (const [name, body] of history) {
    if (body === undefined) return undefined;
    const rows = ROWS[name](body);
    if (!rows.success) return { fault: unreadable(asCall(name), rows.error) };
    Object.assign(fields, rows.data);
  }
  return fields;
}

/** The body of an answer, a 404 being an empty one; undefined when the service failed. */
export function bodyOf(reply: PartReply | undefined): unknown {
  if (reply?.status === 404) return [];
  return reply?.status === 200 ? reply.value : undefined;
}

/** Named, so that an error names the collection as well as the column. */
const ROWS = {
  Memberships: (rows: unknown) =>
    z.object({ Memberships: z.array(MembershipSchema) }).safeParse({ Memberships: rows }),
  SubLineItems: (rows: unknown) =>
    z.object({ SubLineItems: z.array(TicketSchema) }).safeParse({ SubLineItems: rows }),
  AttendanceHistory: (rows: unknown) =>
    z.object({ AttendanceHistory: z.array(AttendanceSchema) }).safeParse({ AttendanceHistory: rows }),
  Affiliations: (rows: unknown) =>
    z.object({ Affiliations: z.array(AffiliationSchema) }).safeParse({ Affiliations: rows }),
} as const;

function namesOf(include: Include): Exclude<Name, 'Affiliations'>[] {
  return [
    ...(include.includes('memberships') ? (['Memberships'] as const) : []),
    ...(include.includes('attendance') ? (['SubLineItems', 'AttendanceHistory'] as const) : []),
  ];
}

/** Tickets and attendance of affiliates are theirs; left out they would be included, which is the default of tickets. */
function pathOf(name: Exclude<Name, 'Affiliations'>, constituentId: string): string {
  switch (name) {
    case 'Memberships':
      return `CRM/Memberships/Details${query({ constituentId, includeAffiliations: true })}`;
    case 'SubLineItems':
      return `TXN/SubLineItems${query({ constituentId, includeAffiliations: false })}`;
    case 'AttendanceHistory':
      return `CRM/AttendanceHistory${query({ constituentId, includeAffiliations: false })}`;
  }
}

function asCall(name: Name): Call {
  return { ...RESOURCES[name], method: 'GET', effect: 'read' };
}
