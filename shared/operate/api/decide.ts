import type { Engine } from '../../engine/engine.ts';
import type { Flow } from '../../engine/flow.ts';
import { decideItem } from '../../engine/work-items.ts';
import type { RecordRef } from '../record-ref.ts';
import type { ChoiceAsked } from './operations.ts';
import { Problem } from './problem.ts';
import { sideNamed, sidesOf } from './sides.ts';

/** How people name an item that is about the records as such. */
const WHOLE_RECORD = 'record';

/** Resolves with the name of the system whose value holds; throws a Problem when it is not for us to decide. */
export async function decide(
  engine: Engine,
  flow: Flow,
  ref: RecordRef,
  asked: ChoiceAsked,
): Promise<string> {
  const keep = sideNamed(flow, asked.keep);
  const owns = flow.collection(ref.collection)?.owns ?? [];
  const field = asked.field === WHOLE_RECORD && !owns.includes(asked.field) ? '' : asked.field;
  const decision = await decideItem(engine, flow, { ...ref, field, mark: asked.mark }, keep);
  const name = `${ref.collection}/${ref.id}`;
  const about = field === '' ? `record ${name}` : `field "${field}" of ${name}`;
  switch (decision) {
    case 'decided':
      return sidesOf(flow)[keep];
    case 'unknown':
      throw new Problem(
        404,
        `nothing is open on ${about}`,
        `it may have been settled meanwhile; GET /api/flows/${flow.name}/items (items ${flow.name}) lists what is open`,
      );
    case 'decided-before':
      throw new Problem(409, `${about} has been decided meanwhile`, 'the record shows what became of it');
    case 'by-hand':
      throw new Problem(
        409,
        `${about} has been decided so before, and only a person can carry it out`,
        `bring the value over by hand as the item says; items ${flow.name} lists it until both sides agree`,
      );
    case 'changed':
      throw new Problem(
        409,
        `the values of ${about} have changed since they were listed`,
        'look at it again, then decide',
      );
    case 'in-work':
      throw new Problem(
        409,
        `record ${name} is in work just now`,
        'decide again in a minute; nothing was changed',
      );
  }
}
