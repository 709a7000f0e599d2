import type { Millis } from '../../engine/ports.ts';
import { batch } from './sandbox-batch.ts';
import type { ChildKind } from './sandbox-children.ts';
import { createConstituent } from './sandbox-create.ts';
import { readAttendance, readDoors, readMemberships, readTickets } from './sandbox-history-reads.ts';
import { REFERENCE_TABLES } from './sandbox-lookups.ts';
import { purge } from './sandbox-purge.ts';
import { CHILD_RESOURCES, readChildren, readConstituents } from './sandbox-reads.ts';
import { notFound, ok, type Reply, type Request, refusal } from './sandbox-reply.ts';
import { execute, readAuditLogs, readList } from './sandbox-reporting.ts';
import { readProductionSeasons, readShows } from './sandbox-show-reads.ts';
import { netStamp } from './sandbox-stamp.ts';
import type { Actor, Store } from './sandbox-store.ts';
import { readTicketHistory } from './sandbox-ticket-history.ts';
import { putConstituent, writeChild } from './sandbox-writes.ts';

/** What the switches change inside the service. */
export interface ServiceFaults {
  rightsRemoved: boolean;
  writeRightsRemoved: boolean;
  editedMeanwhile: boolean;
  historyRightsRemoved: boolean;
  fieldRemoved: boolean;
  serverError: boolean;
}

export interface Service {
  store: Store;
  now(): Millis;
  actor(): Actor;
  /** Somebody at the box office. */
  staff(): Actor;
  faults(): ServiceFaults;
  count(operation: string): void;
}

/** One request to the service, whether it came by itself or inside a batch. `root` = path of the service. */
export function answer(service: Service, request: Request, root: string): Reply {
  service.count(operationOf(request));
  const [area, resource] = request.path.map((segment) => segment.toLowerCase());
  if (area === 'batch' && request.method === 'POST')
    return batch((part) => answer(service, part, root), request, root);
  if (area === 'diagnostics' && resource === 'status') return ok(status(service));
  if (area === 'custom' && resource === 'execute' && request.method === 'POST')
    return execute(service.store, request, service.now());
  if (area === 'reporting' && request.method === 'GET') return reporting(service, request, resource);
  if (area === 'referencedata' && request.method === 'GET') return referenceTable(resource, request);
  if (area === 'crm' && resource !== undefined)
    return history(service, request) ?? crm(service, request, resource);
  return history(service, request) ?? notFound('Resource');
}

const NO_RIGHT = refusal(403, 'The user group has no access to this service resource.');

/** GET of a table whole, or its Summary, which here is the same. */
function referenceTable(resource: string | undefined, { path }: Request): Reply {
  const rows = REFERENCE_TABLES[resource ?? ''];
  return rows && (path[2] ?? 'Summary').toLowerCase() === 'summary' ? ok(rows) : notFound('Resource');
}

/** Memberships, tickets, attendance, the doors and the playbill, all read only; undefined for any other resource. */
function history(service: Service, request: Request): Reply | undefined {
  const [area = '', resource = ''] = request.path.map((segment) => segment.toLowerCase());
  const read = HISTORY[request.path.join('/').toLowerCase()] ?? PLAYBILL[`${area}/${resource}`];
  const isSearch = request.path[2]?.toLowerCase() === 'search';
  if (!read || (request.method !== 'GET' && !isSearch)) return undefined;
  const { historyRightsRemoved, serverError } = service.faults();
  if (historyRightsRemoved) return NO_RIGHT;
  return serverError ? refusal(500, 'Timeout expired.') : read(service.store, request, service.now());
}

const HISTORY: Readonly<Record<string, (store: Store, request: Request, now: Millis) => Reply>> = {
  'crm/memberships/details': readMemberships,
  'txn/sublineitems': readTickets,
  'crm/attendancehistory': readAttendance,
  'accesscontrol/eventcontrol': readDoors,
  'crm/tickethistory': readTicketHistory,
};

/** With everything below them. */
const PLAYBILL: typeof HISTORY = {
  'txn/performances': readShows,
  'txn/productionseasons': readProductionSeasons,
};

function reporting(service: Service, request: Request, resource: string | undefined): Reply {
  if (resource === 'auditlogs') return readAuditLogs(service.store, request, service.now());
  return resource === 'lists' ? readList(service.store, request) : notFound('Resource');
}

function crm(service: Service, request: Request, resource: string): Reply {
  const { store } = service;
  const { serverError, rightsRemoved, writeRightsRemoved } = service.faults();
  if (serverError) return refusal(500, 'Timeout expired.');
  if (writeRightsRemoved && request.method !== 'GET') return NO_RIGHT;
  const kind = CHILD_RESOURCES[resource];
  if (request.method === 'PUT' && service.faults().editedMeanwhile) savedByStaff(service, request, kind);
  if (resource === 'constituents') return constituents(service, request);
  if (!kind) return notFound('Resource');
  if (kind === 'ContactPermissions' && rightsRemoved) return NO_RIGHT;
  if (request.method === 'GET') return readChildren(store, kind, request);
  return writeChild(store, kind, service.actor(), request);
}

/** Nothing of it changes but the stamp. */
function savedByStaff({ store, staff }: Service, { path }: Request, kind: ChildKind | undefined): void {
  const id = Number(path[2]);
  if (kind) store.setChild(staff(), kind, id, {});
  else if (store.columns(id)) store.setColumns(staff(), id, {});
}

function constituents(service: Service, request: Request): Reply {
  const { store } = service;
  const { method, path } = request;
  const [view, part] = [path[2]?.toLowerCase(), path[3]?.toLowerCase()];
  if (method === 'GET') return withoutField(readConstituents(store, request), service.faults());
  if (method === 'PUT' && part === undefined) return putConstituent(store, service.actor(), request);
  if (method === 'POST' && part === 'purge') return purge(store, request);
  const creates = view === 'detail' || view === 'snapshot';
  if (method !== 'POST' || !creates || part !== undefined) return notFound('Resource');
  return createConstituent(store, service.actor(), request, {
    created: () => service.count('creates'),
    double: () => service.count('duplicates'),
  });
}

function status(service: Service) {
  return {
    Success: true,
    TimeStamp: netStamp(service.now(), 1),
    TimeZone: '(UTC-05:00) Eastern Time (US & Canada)',
    Dependencies: [{ Success: true, Name: 'impresario', Description: 'Database' }],
  };
}

/** An upgrade that renames what everybody reads e-mails from. */
function withoutField(reply: Reply, { fieldRemoved }: ServiceFaults): Reply {
  if (!fieldRemoved || typeof reply.body !== 'object' || reply.body === null) return reply;
  if (!('ElectronicAddresses' in reply.body)) return reply;
  const { ElectronicAddresses, ...rest } = reply.body;
  return { ...reply, body: { ...rest, ElectronicAddressList: ElectronicAddresses } };
}

function operationOf({ method, path }: Request): string {
  return `${method} ${path.map((segment) => (/^\d+$/.test(segment) ? '{id}' : segment)).join('/')}`;
}
