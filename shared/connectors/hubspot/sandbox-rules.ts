import type { Context } from 'hono';
import type { Author } from './sandbox-author.ts';
import { LIFECYCLE, normalise, type Problem, valueProblem } from './sandbox-properties.ts';
import type { Row, Values } from './sandbox-row.ts';
import type { ObjectStore } from './sandbox-store.ts';
import { appOf, type World } from './sandbox-world.ts';

/** Who writes, and by which door: the rules of the account hold at the newest paths only. */
export interface Act {
  readonly author: Author;
  readonly door: 'api' | 'api-2026-09' | 'screen' | 'form';
}

/** A write before it is done. */
export interface Writing {
  readonly store: ObjectStore;
  /** Absent = a new record. */
  readonly row: Row | undefined;
  readonly values: Values;
  readonly act: Act;
}

/** A call's own: the app that its token belongs to. */
export function actOf(world: World, context: Context): Act {
  const { author } = appOf(world, context.req.header('authorization'));
  return { author, door: context.req.path.includes('/2026-09/') ? 'api-2026-09' : 'api' };
}

/** The values that a write would set, as HubSpot stores them. A lifecycle stage never moves back; that is no error. */
export function setValues(
  store: ObjectStore,
  properties: Readonly<Record<string, string>>,
  row: Row | undefined,
): Values {
  const values = new Map(Object.entries(properties).map(([name, value]) => [name, normalise(name, value)]));
  const stage = values.get('lifecyclestage');
  if (row && stage) {
    const current = store.values(row).get('lifecyclestage');
    if (rank(current) > rank(stage)) values.delete('lifecyclestage');
  }
  return values;
}

/** Why HubSpot refuses these values, if it does. */
export function refusalOf(world: World, writing: Writing): Problem | undefined {
  const { store, values } = writing;
  for (const [name, value] of values) {
    const problem = valueProblem(store.properties.get(name), name, value);
    if (problem) return problem;
  }
  return blockedProblem(world, writing) ?? ruleProblem(world, writing);
}

/** Who was permanently deleted comes back by a form of their own, or by the API (HubSpot's help on permanent deletes). */
function blockedProblem(world: World, { store, values, act }: Writing): Problem | undefined {
  const email = values.get('email') ?? '';
  if (store.kind.name !== 'contact' || !world.blocklist.has(email) || act.door === 'form') return undefined;
  if (act.door !== 'screen' && !world.on.has('gdpr-blocklist')) return undefined;
  const message = 'This address belongs to a contact that was permanently deleted';
  return { property: 'email', code: 'EMAIL_BLOCKLISTED', message };
}

function ruleProblem(world: World, { store, values, row, act }: Writing): Problem | undefined {
  if (store.kind.name !== 'contact') return undefined;
  const stored = row ? store.values(row) : undefined;
  const held = (property: string) => values.get(property) ?? stored?.get(property) ?? '';
  if (world.on.has('portal-rule') && act.door === 'api-2026-09' && held('lastname') === '')
    return { property: 'lastname', code: 'REQUIRED_FIELD', message: 'Property "lastname" is required' };
  if (!world.on.has('validation-rule') && !world.on.has('batch-refused')) return undefined;
  // The same contacts each time, whatever the batch they come in.
  if (fnv(held('tessitura_constituent_id') || held('email')) % 50 !== 0) return undefined;
  const message = 'Property "phone" is refused by a rule of this account';
  return { property: 'phone', code: 'REQUIRED_BY_RULE', message };
}

function rank(stage: string | undefined): number {
  return LIFECYCLE.indexOf(stage ?? '');
}

function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}
