import * as z from 'zod';
import type { Millis } from '../../engine/ports.ts';
import { readAttendance, readDoors, readMemberships, readTickets } from './sandbox-history-reads.ts';
import { CHILD_RESOURCES, readChildren, readConstituents } from './sandbox-reads.ts';
import { notFound, ok, type Reply, type Request, refusal } from './sandbox-reply.ts';
import { execute, readAuditLogs, readList } from './sandbox-reporting.ts';
import { netStamp } from './sandbox-stamp.ts';
import type { Actor, Store } from './sandbox-store.ts';
import { putConstituent, writeChild } from './sandbox-writes.ts';

/** What the switches change inside the service. */
export interface ServiceFaults {
  rightsRemoved: boolean;
  historyRightsRemoved: boolean;
  fieldRemoved: boolean;
  serverError: boolean;
}

export interface Service {
  store: Store;
  now(): Millis;
  actor(): Actor;
  faults(): ServiceFaults;
  count(operation: string): void;
}

const BatchSchema = z.object({
  Requests: z.array(
    z.object({
      Id: z.int(),
      HttpMethod: z.string(),
      Uri: z.string(),
      ContinueOnError: z.boolean().optional(),
      Content: z.unknown().optional(),
    }),
  ),
});

/** One request to the service, whether it came by itself or inside a batch. `root` = path of the service. */
export function answer(service: Service, request: Request, root: string): Reply {
  service.count(operationOf(request));
  const [area, resource] = request.path.map((segment) => segment.toLowerCase());
  if (area === 'batch' && request.method === 'POST') return batch(service, request, root);
  if (area === 'diagnostics' && resource === 'status') return ok(status(service));
  if (area === 'custom' && resource === 'execute' && request.method === 'POST')
    return execute(service.store, request, service.now());
  if (area === 'reporting' && request.method === 'GET') return reporting(service, request, resource);
  if (area === 'crm' && resource !== undefined)
    return history(service, request) ?? crm(service, request, resource);
  return history(service, request) ?? notFound('Resource');
}

const NO_RIGHT = refusal(403, 'The user group has no access to this service resource.');

/** Memberships, tickets, attendance and the doors, all read only; undefined for any other resource. */
function history(service: Service, request: Request): Reply | undefined {
  const read = HISTORY[request.path.join('/').toLowerCase()];
  if (!read || request.method !== 'GET') return undefined;
  const { historyRightsRemoved, serverError } = service.faults();
  if (historyRightsRemoved) return NO_RIGHT;
  return serverError ? refusal(500, 'Timeout expired.') : read(service.store, request, service.now());
}

const HISTORY: Readonly<Record<string, (store: Store, request: Request, now: Millis) => Reply>> = {
  'crm/memberships/details': readMemberships,
  'txn/sublineitems': readTickets,
  'crm/attendancehistory': readAttendance,
  'accesscontrol/eventcontrol': readDoors,
};

function reporting(service: Service, request: Request, resource: string | undefined): Reply {
  if (resource === 'auditlogs') return readAuditLogs(service.store, request, service.now());
  return resource === 'lists' ? readList(service.store, request) : notFound('Resource');
}

function crm(service: Service, request: Request, resource: string): Reply {
  const { store } = service;
  if (service.faults().serverError) return refusal(500, 'Timeout expired.');
  if (resource === 'constituents') {
    if (request.method === 'GET') return withoutField(readConstituents(store, request), service.faults());
    if (request.method === 'PUT') return putConstituent(store, service.actor(), request);
    return purge(store, request);
  }
  const kind = CHILD_RESOURCES[resource];
  if (!kind) return notFound('Resource');
  if (kind === 'ContactPermissions' && service.faults().rightsRemoved) return NO_RIGHT;
  if (request.method === 'GET') return readChildren(store, kind, request);
  return writeChild(store, kind, service.actor(), request);
}

/** Only a mark; the nightly job of the real service does the purge. */
function purge(store: Store, { method, path }: Request): Reply {
  const columns = store.columns(Number(path[2]));
  if (method !== 'POST' || path[3]?.toLowerCase() !== 'purge') return notFound('Resource');
  return columns ? ok(columns) : notFound('Constituent');
}

function status(service: Service) {
  return {
    Success: true,
    TimeStamp: netStamp(service.now(), 1),
    TimeZone: '(UTC-05:00) Eastern Time (US & Canada)',
    Dependencies: [{ Success: true, Name: 'impresario', Description: 'Database' }],
  };
}

/** Without ContinueOnError a part that fails ends the batch. */
function batch(service: Service, { body }: Request, root: string): Reply {
  const parsed = BatchSchema.safeParse(body);
  if (!parsed.success) return refusal(400, 'The batch request is not valid.', 'Requests');
  const Responses = [];
  for (const part of parsed.data.Requests) {
    const reply = partReply(service, part, root);
    const failed = reply.status >= 400;
    const outcome = failed ? { ErrorMessages: reply.body } : { ResponseObject: reply.body };
    Responses.push({ RequestId: part.Id, StatusCode: reply.status, ...outcome });
    if (failed && part.ContinueOnError !== true) return ok({ Responses, BatchFailed: true });
  }
  return ok({ Responses, BatchFailed: false });
}

type Part = z.infer<typeof BatchSchema>['Requests'][number];

function partReply(service: Service, part: Part, root: string): Reply {
  const url = URL.parse(part.Uri);
  const path = url && segmentsBelow(root, url.pathname);
  if (!path) return notFound('Resource');
  const request = {
    method: part.HttpMethod.toUpperCase(),
    path,
    query: url.searchParams,
    body: part.Content,
  };
  return answer(service, request, root);
}

/** Undefined when the path is not below the service's root; the web server compares without case. */
export function segmentsBelow(root: string, pathname: string): string[] | undefined {
  if (!pathname.toLowerCase().startsWith(`${root.toLowerCase()}/`)) return undefined;
  return pathname
    .slice(root.length + 1)
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeURIComponent);
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
