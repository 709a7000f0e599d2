import * as z from 'zod';
import { listed } from './look.ts';
import type { Disputes, Reconciliations } from './parts.ts';
import { notFound } from './problem.ts';
import { PageSchema } from './requests.ts';
import { type Answer, get, type Route } from './route.ts';
import { pageOf } from './shapes.ts';

const nothing = z.strictObject({});

/** What other rooms keep books of. */
export function bookRoutes(books: {
  reconciliations: Reconciliations;
  disputes: Disputes;
}): readonly Route[] {
  return [...disputeRoutes(books.disputes), ...reconciliationRoutes(books.reconciliations)];
}

function disputeRoutes(disputes: Disputes): readonly Route[] {
  return [
    get(
      {
        ...{ path: '/v1/disputes', name: 'listDisputes', scope: 'read', title: 'List disputes' },
        says: 'What payers contested with their bank, the oldest first.',
        query: PageSchema,
        answers: { 200: { shape: pageOf(disputes.dispute), says: 'A page.' } },
        problems: [],
      },
      (call, query) =>
        listed(call, query, (cut) => disputes.listDisputes(call.ports.documents, call.merchant.id, cut)),
    ),
    get(
      {
        ...{ path: '/v1/disputes/{id}', name: 'getDispute', scope: 'read', title: 'Look at a dispute' },
        says: 'It is answered at the provider, before `respondBy`.',
        query: nothing,
        answers: { 200: { shape: disputes.dispute, says: 'As it is now.' } },
        problems: ['not-found'],
      },
      async ({ ports, merchant, path }) =>
        found('dispute', await disputes.getDispute(ports.documents, merchant.id, path.id ?? '')),
    ),
  ];
}

function reconciliationRoutes(reconciliations: Reconciliations): readonly Route[] {
  const { report } = reconciliations;
  const text = { shape: z.string(), says: 'One line per row, with a header.', csv: true as const };
  return [
    get(
      {
        ...{ path: '/v1/reconciliations', name: 'listReconciliations', scope: 'read' },
        title: 'List reconciliations',
        says: "The hub's books against each provider's, a report a day, the oldest first.",
        query: PageSchema,
        answers: { 200: { shape: pageOf(reconciliations.summary), says: 'A page, without rows.' } },
        problems: [],
      },
      (call, query) =>
        listed(call, query, (cut) =>
          reconciliations.listReconciliations(call.ports.documents, call.merchant.id, cut),
        ),
    ),
    get(
      {
        ...{ path: '/v1/reconciliations/{id}.csv', name: 'getReconciliationCsv', scope: 'read' },
        title: 'A reconciliation as CSV',
        says: 'The same as with `Accept: text/csv`.',
        query: nothing,
        answers: { 200: text },
        problems: ['not-found'],
      },
      async ({ ports, merchant, path }) =>
        csv(await reconciliations.reconciliationCsv(ports.documents, merchant.id, path.id ?? '')),
    ),
    get(
      {
        ...{ path: '/v1/reconciliations/{id}', name: 'getReconciliation', scope: 'read' },
        title: 'Look at a reconciliation',
        says: 'Its rows, findings first, and its totals. As CSV with `Accept: text/csv`.',
        query: nothing,
        answers: { 200: { shape: report, says: 'The whole report.' } },
        problems: ['not-found'],
      },
      async ({ ports, merchant, path: { id = '' }, accept }) =>
        /^\s*text\/csv\b/i.test(accept)
          ? csv(await reconciliations.reconciliationCsv(ports.documents, merchant.id, id))
          : found(
              'reconciliation',
              await reconciliations.getReconciliation(ports.documents, merchant.id, id),
            ),
    ),
  ];
}

function csv(text: string | undefined): Answer {
  return { ...found('reconciliation', text), csv: true };
}

function found(what: string, body: unknown): Answer {
  if (body === undefined) throw notFound(what);
  return { status: 200, body };
}
