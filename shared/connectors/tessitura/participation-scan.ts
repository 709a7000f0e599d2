import * as z from 'zod';
import type { Millis, Page } from '../../engine/ports.ts';
import type { Change, ScanWindow } from '../../engine/resource.ts';
import type { Session } from '../../engine/session.ts';
import { parseInstant } from '../../values/instant.ts';
import { auditPage } from './audit-feed.ts';
import { batchRows, secretOf } from './client.ts';
import { admissions } from './door-scans.ts';
import { RING_DAYS } from './limits.ts';
import { ticketsPart } from './participation-read.ts';
import { scanByProcedure } from './procedures.ts';
import { type Ticket, TicketSchema } from './schema.ts';

/** The page after the last one of the orders: scans at the doors. */
const DOORS = 'doors';
const DAY = 86_400_000;

/** An order that changed, as far as the feed tells; without its id every ticket of the constituent may be meant. */
interface Order {
  constituentId: string;
  orderId?: string;
  changeId: string;
}

/** Orders from the audit log or the procedure, then who was let in at the doors. */
export async function scanParticipations(session: Session, window: ScanWindow): Promise<Page<Change>> {
  if (window.page === DOORS) return { items: await atDoors(session, window) };
  const { changes } = await secretOf(session);
  const { items, next } = await (changes === 'procedure' ? byProcedure : byAudit)(session, window);
  return { items: await ofOrders(session, items), next: next ?? DOORS };
}

async function atDoors(session: Session, window: ScanWindow): Promise<Change[]> {
  const rows = await admissions(session, window);
  return rows.flatMap(({ Id, PerformanceNumber, CustomerNumber }) =>
    PerformanceNumber ? [{ id: `${PerformanceNumber}-${CustomerNumber}`, changeId: `scan/${Id}` }] : [],
  );
}

async function byAudit(session: Session, window: ScanWindow): Promise<Page<Order>> {
  const { auditTables } = await secretOf(session);
  const tables = new Set(auditTables.order.map((each) => each.toLowerCase()));
  const { items, ...rest } = await auditPage(session, window);
  const orders = items.flatMap((log) =>
    log.AuditDetails.flatMap(({ AuditTable, EntityId, ParentEntityId }): Order[] =>
      tables.has(AuditTable.toLowerCase()) && ParentEntityId != null
        ? [
            {
              constituentId: String(ParentEntityId),
              changeId: String(log.Id),
              ...(EntityId == null ? {} : { orderId: String(EntityId) }),
            },
          ]
        : [],
    ),
  );
  return { ...rest, items: orders };
}

/** `stamp/entity/id/constituent`: entities that have nothing to do with orders are passed over. */
async function byProcedure(session: Session, window: ScanWindow): Promise<Page<Order>> {
  const { items, ...rest } = await scanByProcedure(session, window);
  const orders = items.flatMap(({ id, changeId }): Order[] => {
    const [, entity, entityId] = changeId.split('/');
    if (entity === undefined) return [{ constituentId: id, changeId }];
    const isOrder = ['order', 'ticket'].includes(entity) && entityId !== undefined;
    return isOrder ? [{ constituentId: id, orderId: entityId, changeId }] : [];
  });
  return { ...rest, items: orders };
}

/**
 * The performances of these orders, in two calls at most. Where the order is not found by its id, every recent or
 * coming performance of the constituent is rung.
 */
async function ofOrders(session: Session, orders: readonly Order[]): Promise<Change[]> {
  const named = orders.filter(({ orderId }) => orderId !== undefined);
  const found = await tickets(session, named, true);
  const unclear = orders.filter((order) => (found.get(order)?.length ?? 0) === 0);
  const all = await tickets(session, unclear, false);
  const since = session.now() - RING_DAYS * DAY;
  const changes = orders.flatMap((order) => {
    const exact = found.get(order) ?? [];
    const rows = exact.length > 0 ? exact : (all.get(order) ?? []).filter((row) => startOf(row) > since);
    return rows.flatMap((row): Change[] => {
      const id = row.Performance ? `${row.Performance.Id}-${order.constituentId}` : undefined;
      return id === undefined ? [] : [{ id, changeId: `${order.changeId}/${id}` }];
    });
  });
  return [...new Map(changes.map((change) => [change.changeId, change])).values()];
}

async function tickets(
  session: Session,
  orders: readonly Order[],
  byOrder: boolean,
): Promise<Map<Order, Ticket[]>> {
  const parts = orders.map(({ constituentId, orderId }) =>
    ticketsPart(constituentId, byOrder ? orderId : undefined),
  );
  const distinct = [...new Map(parts.map((part) => [part.path, part])).values()];
  const rows = await batchRows(session, distinct, z.array(TicketSchema));
  const byPath = new Map(distinct.map(({ path }, index) => [path, rows[index] ?? []]));
  return new Map(orders.map((order, index) => [order, byPath.get(parts[index]?.path ?? '') ?? []]));
}

function startOf({ Performance }: Ticket): Millis {
  const start = parseInstant(Performance?.PerformanceDateTime ?? '', 'UTC');
  return start.ok ? start.value.epoch : Number.NEGATIVE_INFINITY;
}
