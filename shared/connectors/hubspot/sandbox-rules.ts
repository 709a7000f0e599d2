import { LIFECYCLE, normalise, type Problem, valueProblem } from './sandbox-properties.ts';
import type { Row, Values } from './sandbox-store.ts';
import type { World } from './sandbox-world.ts';

/** The values that a write would set, as HubSpot stores them. A lifecycle stage never moves back; that is no error. */
export function setValues(
  world: World,
  properties: Readonly<Record<string, string>>,
  row: Row | undefined,
): Values {
  const values = new Map(Object.entries(properties).map(([name, value]) => [name, normalise(name, value)]));
  const stage = values.get('lifecyclestage');
  if (row && stage) {
    const current = world.store.values(row).get('lifecyclestage');
    if (rank(current) > rank(stage)) values.delete('lifecyclestage');
  }
  return values;
}

/** Why HubSpot refuses these values, if it does. */
export function refusalOf(world: World, values: Values, row: Row | undefined): Problem | undefined {
  for (const [name, value] of values) {
    const problem = valueProblem(world.store.properties.get(name), name, value);
    if (problem) return problem;
  }
  return breaksRule(world, values, row)
    ? {
        property: 'phone',
        code: 'REQUIRED_BY_RULE',
        message: 'Property "phone" is refused by a rule of this account',
      }
    : undefined;
}

/** The same contacts each time, whatever the batch they come in. */
function breaksRule(world: World, values: Values, row: Row | undefined): boolean {
  if (!world.on.has('validation-rule') && !world.on.has('batch-refused')) return false;
  const stored = row ? world.store.values(row) : undefined;
  const name = (property: string) => values.get(property) ?? stored?.get(property);
  return fnv(name('tessitura_constituent_id') ?? name('email') ?? '') % 50 === 0;
}

function rank(stage: string | undefined): number {
  return LIFECYCLE.indexOf(stage ?? '');
}

function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}
