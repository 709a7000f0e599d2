import * as z from 'zod';
import type { Page } from '../../engine/ports.ts';
import type { Change, ScanWindow } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { auditPage, changesOf } from './audit-feed.ts';
import { batchRows, type Part, query, secretOf } from './client.ts';
import { onlyHouseholds } from './household-group.ts';
import type { AuditDetail, AuditLog } from './wire.ts';

const GroupsSchema = z.array(z.object({ GroupConstituent: z.object({ Id: z.int() }) }));
const GROUP_COLUMNS = ['groupconstituent', 'group_customer_no'];

/**
 * Households in the audit log. An entry about an affiliation names its individual, so the groups of that one are
 * asked for, ended affiliations included; where the row was deleted, the entry itself names the group.
 */
export async function scanHouseholds(session: Session, window: ScanWindow): Promise<Page<Change>> {
  const secret = await secretOf(session);
  const { items: logs, ...rest } = await auditPage(session, window);
  const tables = new Set(secret.auditTables.affiliation.map((each) => each.toLowerCase()));
  const about = logs.flatMap((log) =>
    log.AuditDetails.filter((detail) => tables.has(detail.AuditTable.toLowerCase())).map((detail) => ({
      log,
      detail,
    })),
  );
  const groups = await groupsOf(
    session,
    about.flatMap(({ detail }) => detail.ParentEntityId ?? []),
  );
  const moved = about.flatMap(({ log, detail }) =>
    [...named(detail), ...(groups.get(detail.ParentEntityId ?? 0) ?? [])].map((id) => changeOf(log, id)),
  );
  const changes = new Map([...changesOf(logs, secret), ...moved].map((each) => [each.changeId, each]));
  const homes = await onlyHouseholds(
    session,
    [...changes.values()].map(({ id }) => id),
  );
  // Consent is the people's, and nothing of a household hurries.
  const items = [...changes.values()].flatMap(({ id, changeId }) => (homes.has(id) ? { id, changeId } : []));
  return { ...rest, items };
}

function changeOf(log: AuditLog, id: string): Change {
  return { id, changeId: `${log.Id}/${id}` };
}

/** A reference is written as its id, or as JSON with the id in it. */
function named({ AuditEntries }: AuditDetail): string[] {
  const columns = (AuditEntries ?? []).filter(({ Property }) =>
    GROUP_COLUMNS.includes(Property.toLowerCase()),
  );
  return columns.flatMap(({ Old, New }) => [Old, New].flatMap((text) => /\d+/.exec(text ?? '')?.[0] ?? []));
}

async function groupsOf(
  session: Session,
  members: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const distinct = [...new Set(members)];
  const parts = distinct.map((id): Part => {
    const path = `CRM/Affiliations${query({ individualConstituentId: id })}`;
    return { operation: 'affiliations.find', resource: 'CRM/Affiliations', path };
  });
  const rows = await batchRows(session, parts, GroupsSchema);
  const groupIds = rows.map((each) => each.map((row) => String(row.GroupConstituent.Id)));
  return new Map(distinct.map((id, index) => [id, groupIds[index] ?? []]));
}
