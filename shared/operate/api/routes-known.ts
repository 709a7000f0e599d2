import type { Context } from 'hono';
import type { OperatorView } from '../console/view.ts';
import { parseRecordRef, type RecordRef } from '../record-ref.ts';
import type { Operations } from './operations.ts';
import { Problem } from './problem.ts';
import type { ServiceOperations } from './services.ts';

/** A flow as the API needs to know it. */
export interface FlowNames {
  name: string;
  collections: readonly string[];
}

export interface ApiOptions {
  flows: readonly FlowNames[];
  view: OperatorView;
  operations: Operations;
  services: ServiceOperations;
}

/** Throws a 404 that lists the flows there are. */
export function knownFlow(context: Context, flows: readonly FlowNames[]): FlowNames {
  const name = context.req.param('flow') ?? '';
  const flow = flows.find((each) => each.name === name);
  if (flow) return flow;
  throw new Problem(
    404,
    'no such flow',
    `the flows are: ${flows.map((each) => each.name).join(', ') || '(none)'}`,
  );
}

/** The record that an address names; see `recordNamed`. */
export function knownRecord(context: Context, flow: FlowNames): RecordRef {
  return recordNamed(flow, context.req.param('record') ?? '');
}

/** Throws a 404 that says how this flow's records are named. */
export function recordNamed(flow: FlowNames, name: string): RecordRef {
  const ref = parseRecordRef(name, flow.collections);
  if (ref && ref.id.length <= 200) return ref;
  throw new Problem(
    404,
    'no such record',
    `records of this flow are named ${flow.collections.map((each) => `${each}/<id>`).join(' or ')}, with the slash written as %2F in an address`,
  );
}
