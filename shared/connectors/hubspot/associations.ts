import type { Session } from '../../engine/session.ts';
import { call, callForNothing } from './client.ts';
import { recordFailure } from './record-faults.ts';
import {
  AssociationsReplySchema,
  type AssociationType,
  ErrorsReplySchema,
  type HubspotError,
  LabelsReplySchema,
} from './schema.ts';

/** Inputs per call; HubSpot's guides name 1,000 for reads and 2,000 for writes, other places 100. */
const CHUNK = 100;
const PATH = '/companies/contacts';

/** A company and a contact, with the ways in which they are, or are to be, associated. */
export interface Pair {
  company: string;
  contact: string;
  types: readonly AssociationType[];
}

/** The unlabelled way from a company to a contact, which every associated pair has. */
export const PLAIN: AssociationType = { typeId: 280, category: 'HUBSPOT_DEFINED', label: null };

/** All contacts of companies, by company id; a company without any is missing. */
export async function contactsOf(
  session: Session,
  companies: readonly string[],
): Promise<ReadonlyMap<string, readonly Pair[]>> {
  const found = new Map<string, Pair[]>();
  let inputs: { id: string; after?: string }[] = [...new Set(companies)].map((id) => ({ id }));
  while (inputs.length > 0) {
    const more: typeof inputs = [];
    for (const chunk of chunks(inputs)) {
      const reply = await call(session, reading('associations.read', chunk), AssociationsReplySchema);
      for (const error of reply.errors ?? []) throwUnlessNone(error);
      for (const { from, to, paging } of reply.results) {
        const pairs = to.map((each) => ({
          company: from.id,
          contact: each.toObjectId,
          types: each.associationTypes,
        }));
        found.set(from.id, [...(found.get(from.id) ?? []), ...pairs]);
        if (paging?.next) more.push({ id: from.id, after: paging.next.after });
      }
    }
    inputs = more;
  }
  return found;
}

/** Every way that the account knows from a company to a contact. */
export async function labelsOf(session: Session): Promise<readonly AssociationType[]> {
  const request = {
    operation: 'associations.labels',
    effect: 'read',
    method: 'GET',
    area: 'associations',
    path: `${PATH}/labels`,
  } as const;
  return (await call(session, request, LabelsReplySchema)).results;
}

/** Adds ways; those that a pair has already stay. Returns what HubSpot says went wrong, by company id. */
export async function associate(
  session: Session,
  pairs: readonly Pair[],
): Promise<ReadonlyMap<string, HubspotError>> {
  const failed = new Map<string, HubspotError>();
  for (const chunk of chunks(pairs)) {
    const request = writing('associations.create', '/batch/create', chunk.map(specified));
    const { errors } = await call(session, request, ErrorsReplySchema);
    for (const error of errors ?? []) {
      const named = [error.context?.fromObjectId].flat().filter((each) => each !== undefined);
      // An error that names nobody may be about any of them.
      for (const id of named.length > 0 ? named : chunk.map((each) => each.company)) failed.set(id, error);
    }
  }
  return failed;
}

/** Takes some ways off and leaves the pair together. */
export async function removeLabels(session: Session, pairs: readonly Pair[]): Promise<void> {
  for (const chunk of chunks(pairs)) {
    const path = '/batch/labels/archive';
    await callForNothing(session, writing('associations.archive-labels', path, chunk.map(specified)));
  }
}

/** Takes pairs apart; one that is not together is no error. */
export async function dissociate(session: Session, pairs: readonly Pair[]): Promise<void> {
  for (const chunk of chunks(pairs)) {
    const inputs = chunk.map(({ company, contact }) => ({ from: { id: company }, to: [{ id: contact }] }));
    await callForNothing(session, writing('associations.archive', '/batch/archive', inputs));
  }
}

function reading(operation: string, inputs: readonly object[]) {
  const path = `${PATH}/batch/read`;
  return { operation, effect: 'read', method: 'POST', area: 'associations', path, body: { inputs } } as const;
}

function writing(operation: string, path: string, inputs: readonly object[]) {
  const request = { operation, effect: 'write', method: 'POST', area: 'associations' } as const;
  return { ...request, path: `${PATH}${path}`, body: { inputs } };
}

function specified({ company, contact, types }: Pair): object {
  return {
    from: { id: company },
    to: { id: contact },
    types: types.map(({ category, typeId }) => ({
      associationCategory: category,
      associationTypeId: typeId,
    })),
  };
}

/** A company without contacts is told as an error. */
function throwUnlessNone(error: HubspotError): void {
  const failure = recordFailure(error, 'associations.read', []);
  if ('fault' in failure && failure.fault) throw failure.fault;
}

function chunks<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, n) =>
    items.slice(n * CHUNK, (n + 1) * CHUNK),
  );
}
