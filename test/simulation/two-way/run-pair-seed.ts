import type { Policy } from '../../../shared/engine/pair.ts';
import { Host } from '../host.ts';
import { Network } from '../network.ts';
import {
  auditTwice,
  planOutages,
  rest,
  resultOf,
  type SeedOptions,
  type SeedResult,
  swarm,
  untilFaultsEnd,
} from '../run-seed.ts';
import { Schedules } from '../schedules.ts';
import { World } from '../world.ts';
import { Editors } from './editors.ts';
import { LeftVendor } from './left-vendor.ts';
import type { TwoWay } from './mode.ts';
import { Operator } from './operator.ts';
import { RULES, SHARED, ValueMaker } from './pair-fields.ts';
import { AT_RIGHT, ERASED_AT_RIGHT, pairFlow } from './pair-flow.ts';
import { PairOracle } from './pair-oracle.ts';
import { RightVendor } from './right-vendor.ts';

const MINUTE = 60_000;

/** One two-way run: faults for a while, then none until the queue rests, two audits, and a few changes in peace. */
export async function runPairSeed(options: SeedOptions & { twoWay: TwoWay }): Promise<SeedResult> {
  const { code, seed, twoWay } = options;
  const weights = swarm(options.weights, seed);
  const world = new World({ ...options, weights });
  const { dice } = world;
  const values = new ValueMaker(dice, twoWay.domain);
  const left = new LeftVendor(world, values, twoWay.guarded);
  const right = new RightVendor(world);
  const whenDeleted = dice.chance(0.7) ? 'leave' : 'again';
  const network = new Network(world, [left, right]);
  const identified = dice.chance(0.7);
  const whenMerged = dice.pick(['remove', 'merge'] as const);
  const flow = pairFlow(code, weights, {
    twoWay,
    whenDeleted,
    whenMerged,
    guarded: left.guarded,
    identified,
  });
  const host = new Host(world, flow, network);
  const schedules = new Schedules(host);
  const operator = new Operator(host, schedules, left);
  const oracle = new PairOracle(world, { left, right, twoWay, words: operator.words });
  const isErased = (id: string) => oracle.body(id)?.erasedAt !== undefined;
  const restores = whenDeleted === 'leave';
  const editors = new Editors({ world, left, right, values, twoWay, restores });
  for (const side of [left, right]) side.mayErase = (id) => oracle.isApproved(id);
  for (const side of [left, right]) side.isPaired = (id) => oracle.body(id)?.pair?.base !== undefined;
  right.isKnown = (ref, id) => {
    const linked = oracle.body(ref)?.targetId;
    return linked !== undefined && right.last(linked) === id;
  };
  right.onCreate = (ref, email) => {
    const linked = oracle.body(ref)?.targetId;
    const erased = [...left.initial].find(([id, { fields }]) => isErased(id) && fields.email === email);
    if (left.asked.has(ref))
      world.violated('who was erased stays erased', `${ref} was made while it is being erased`);
    if (erased && identified && !right.isUnlike(erased[0]))
      world.violated('who was erased stays erased', `${ref} was made, whose e-mail is that of ${erased[0]}`);
    if (linked !== undefined && oracle.wasToldErased(right.last(linked)))
      world.violated('who was erased stays erased', `${ref} was made again, and ${linked} was erased`);
    if (whenDeleted === 'leave' && linked !== undefined && right.bin.has(linked))
      world.violated('what was deleted stays deleted', `${ref} was made again while ${linked} is in the bin`);
  };
  editors.settleIn();
  const pushes = dice.chance(0.6);
  left.rung = (id) => {
    if (pushes) schedules.webhook(id);
  };
  right.rung = (id) => {
    schedules.webhook(`${AT_RIGHT}${id}`);
    if (dice.chance(weights.duplicate)) schedules.webhook(`${AT_RIGHT}${id}`);
  };
  right.rungErased = (id) => schedules.webhook(`${ERASED_AT_RIGHT}${id}`);
  editors.plan();
  operator.plan(twoWay);
  planOutages(world, left, right);
  schedules.begin();
  await untilFaultsEnd(world, [left, right]);
  editors.mend();
  schedules.auditing = false;
  const resting = { host, oracle, schedules };
  await rest(world, 11 * MINUTE, resting);
  // A record that people restored, and whose own one was deleted at the left side meanwhile (or that of two), is the audit's to find.
  const isOrphan = (id: string) =>
    !left.present(id) && (right.events.restored.has(id) || right.events.joined.has(id));
  oracle.check('nothing accepted is lost', (id) => !isOrphan(id));
  await auditTwice(world, resting);
  oracle.checkAtEnd();
  const peace = async () => rest(world, 6 * MINUTE, resting);
  await changesInPeace({ world, left, right, editors, oracle, peace });
  const open = [...left.records.keys()].filter((id) => (oracle.body(id)?.pair?.items ?? []).length > 0);
  world.tally('pairs with open items', open.length);
  world.tally('pairs', [...left.records.keys()].filter((id) => oracle.pair(id)).length);
  return resultOf(world, seed);
}

interface Peace {
  world: World;
  left: LeftVendor;
  right: RightVendor;
  editors: Editors;
  oracle: PairOracle;
  peace(): Promise<void>;
}

/** Whoever changes it, that value holds. */
const FREE: ReadonlySet<Policy> = new Set(['latest', 'left-wins', 'union']);

/** With nothing else going on, one change of a person's costs at most one of ours. */
async function changesInPeace({ world, left, right, editors, oracle, peace }: Peace): Promise<void> {
  const total = (id: string) => (left.ours.get(id) ?? 0) + (right.ours.get(id) ?? 0);
  for (const id of world.dice.some([...left.records.keys()], 2)) {
    if (!oracle.pair(id) || (oracle.body(id)?.pair?.items ?? []).length > 0) continue;
    const before = total(id);
    const field = world.dice.pick(SHARED);
    const value = editors.edit(id, field);
    await peace();
    const now = oracle.pair(id);
    if (value !== undefined && FREE.has(RULES[field].policy) && now && !oracle.open(id).has(field))
      for (const side of [now.left, now.right])
        if (side.fields[field] !== value)
          world.violated(
            'a change in peace holds',
            `${id} ${field}: ${value} was said, ${side.fields[field]} is shown`,
          );
    const cost = total(id) - before;
    if (cost > 1) world.violated('one change costs one write', `${id}: ${cost} values changed`);
  }
  oracle.check('a change in peace arrives');
}
