import * as z from 'zod';
import type { Engine } from '../../engine/engine.ts';
import type { Flow } from '../../engine/flow.ts';
import { type Listed, listing } from '../../engine/listing.ts';
import { matchRecords, needsConfirmation } from '../../engine/match.ts';
import { plan } from '../../engine/plan.ts';
import { type FindingsAnswer, type ListingAnswer, type PlanAnswer, PlanSchema } from '../answers-plan.ts';
import type { RecordRef } from '../record-ref.ts';
import { asking } from './asking.ts';
import type { PlanAsked } from './operations.ts';
import type { OtherMappings } from './other-mappings.ts';
import { Problem } from './problem.ts';
import type { Invoke } from './record-answer.ts';
import { sidesOf } from './sides.ts';

export interface LookingOptions {
  engine: Engine;
  invoke: Invoke;
  /** Definitions of flows as another git ref has them. */
  mappings: OtherMappings;
}

/** One page of the records of a flow; nothing is moved by asking. */
export async function listingAnswer(options: LookingOptions, flow: Flow, of: Listed): Promise<ListingAnswer> {
  if (of.collection !== undefined && !flow.collection(of.collection))
    throw new Problem(
      404,
      `flow ${flow.name} has no collection "${of.collection}"`,
      `its collections are: ${flow.collections.map(({ name }) => name).join(', ')}`,
    );
  try {
    return await asking(options.invoke, (work) => listing(options.engine, flow, of, work));
  } catch (thrown) {
    if (!(thrown instanceof z.ZodError || thrown instanceof SyntaxError)) throw thrown;
    throw noSuchPage();
  }
}

function noSuchPage(): Problem {
  return new Problem(400, 'field "page" is none of this listing', 'send the `next` of the page before');
}

/** What would be written on either side, by this definition or that of another git ref. */
export async function planAnswer(options: LookingOptions, flow: Flow, asked: PlanAsked): Promise<PlanAnswer> {
  const { engine, invoke, mappings } = options;
  const { mappingFrom } = asked;
  const items: unknown[] = [];
  for (const of of byCollection(asked.records)) {
    const some = await (mappingFrom === undefined
      ? asking(invoke, (work) => plan(engine, flow, of, work))
      : mappings.plan(engine.ports, mappingFrom, { ...of, flow: flow.name }));
    items.push(...some);
  }
  return PlanSchema.parse({ flow: flow.name, sides: sidesOf(flow), items });
}

/** What the first reconcile of these records would find at the target. */
export async function findingsAnswer(
  { engine, invoke }: LookingOptions,
  flow: Flow,
  records: readonly RecordRef[],
): Promise<FindingsAnswer> {
  const collections: FindingsAnswer['collections'] = [];
  for (const of of byCollection(records)) {
    const findings = await asking(invoke, (work) => matchRecords(engine, flow, of, work));
    collections.push({
      collection: of.collection,
      findings: findings.map((each) => ({ ...each, targetIds: [...each.targetIds] })),
    });
  }
  return { flow: flow.name, collections };
}

/** Throws a 409 that names the command to look with, unless a person has looked. */
export async function confirmedOrRefused(engine: Engine, flow: Flow, confirmed: boolean): Promise<void> {
  if (confirmed) return;
  for (const collection of flow.collections) {
    if (!(await needsConfirmation(engine, flow, collection))) continue;
    throw new Problem(
      409,
      `the first backfill of ${flow.name}/${collection.name} pairs the records of two systems, and both may be changed by it`,
      `look first at what it would find: npm run intertie -- match ${flow.name}; then confirm: npm run intertie -- backfill ${flow.name} --yes`,
    );
  }
}

function byCollection(records: readonly RecordRef[]): { collection: string; ids: string[] }[] {
  const grouped = new Map<string, string[]>();
  for (const { collection, id } of records) grouped.set(collection, [...(grouped.get(collection) ?? []), id]);
  return [...grouped].map(([collection, ids]) => ({ collection, ids }));
}
