import type { EndPolicy } from '../../shared/engine/flow.ts';
import type { Code } from './code.ts';
import { dice } from './dice.ts';
import { Host } from './host.ts';
import { Network } from './network.ts';
import { Oracle } from './oracle.ts';
import { People } from './people.ts';
import { Schedules } from './schedules.ts';
import { simFlow } from './sim-flow.ts';
import { SourceVendor } from './source-vendor.ts';
import { TargetVendor } from './target-vendor.ts';
import type { Vendor } from './vendor.ts';
import { calm, type Weights } from './weights.ts';
import { type Counts, type Violation, World } from './world.ts';

const MINUTE = 60_000;
const LONG_OUTAGE = 3 * 60 * MINUTE;

export interface SeedResult {
  seed: number;
  violations: Violation[];
  events: number;
  virtualMs: number;
  counts: Counts;
  /** What only some runs count. */
  tallies: ReadonlyMap<string, number>;
}

export interface SeedOptions {
  code: Code;
  seed: number;
  weights: Weights;
  print?: (line: string) => void;
}

/**
 * One run: faults for a while; then none, until the queue rests: nothing accepted may be lost. Then replay
 * and two audits: both sides must agree.
 */
export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const { code, seed } = options;
  const weights = swarm(options.weights, seed);
  const world = new World({ ...options, weights });
  const source = new SourceVendor(world);
  const target = new TargetVendor(world, weights.upsert ?? world.dice.chance(0.3));
  const whenAbsent: EndPolicy = world.dice.chance(0.6) ? 'remove' : { mark: { b: null, refuse: 'absent' } };
  const network = new Network(world, [source, target]);
  network.killers = (reply) => reply.match(/"id":"([^"]+)"[^{}]*"data":\{[^{}]*"kills":true/)?.[1];
  const flow = simFlow(code, weights, { upsert: target.upsert, whenAbsent });
  const host = new Host(world, flow, network);
  const schedules = new Schedules(host);
  const people = new People(world, source, target, (id) => schedules.webhook(id));
  const oracle = new Oracle(world, source, target, whenAbsent);
  people.settleIn();
  people.plan();
  planOutages(world, source, target);
  schedules.begin();
  await untilFaultsEnd(world, [source, target]);
  people.mend();
  schedules.auditing = false;
  await rest(world, 11 * MINUTE, { host, oracle, schedules });
  oracle.checkAfterDrain();

  await auditTwice(world, { host, oracle, schedules });
  oracle.checkAtEnd();
  return resultOf(world, seed);
}

interface Resting {
  host: Host;
  oracle: Pick<Oracle, 'resting'>;
  schedules: Schedules;
}

/** The troubled part of a run. */
export async function untilFaultsEnd(world: World, vendors: readonly Vendor[]): Promise<void> {
  const { weights } = world;
  await world.scheduler.run(world.now + weights.chaos);
  // An outage of hours is seen to its end: what waits for it must still be there.
  const restored = Math.max(...vendors.map((vendor) => vendor.backAt));
  if (restored > world.now) await world.scheduler.run(restored);
  world.tell('world', () => 'FAULTS END');
  world.weights = calm(weights);
  for (const vendor of vendors) vendor.endTrouble();
}

/** An operator replays what is parked, and two audits find whatever else is left. */
export async function auditTwice(world: World, resting: Resting): Promise<void> {
  for (let round = 1; round <= 2; round += 1) {
    world.tell('world', () => `AUDIT ROUND ${round}`);
    if (round === 1) resting.schedules.replayAll();
    resting.schedules.audit();
    await rest(world, 6 * MINUTE, resting);
  }
}

export function resultOf(world: World, seed: number): SeedResult {
  world.counts.parked = world.state.trail.filter((entry) => entry.outcome === 'parked').length;
  return {
    seed,
    violations: world.violations,
    events: world.scheduler.events,
    virtualMs: world.now - 1_700_000_000_000,
    counts: world.counts,
    tallies: world.tallies,
  };
}

/**
 * At least so long, then until nothing is left to do; an hour and a half at most. Two scans after the faults
 * take eleven minutes: the first may find the cursor with one that was cut off.
 */
export async function rest(
  world: World,
  atLeast: number,
  { host, oracle, schedules }: Resting,
): Promise<void> {
  await world.scheduler.run(world.now + atLeast);
  const resting = () => host.busy === 0 && schedules.running === 0 && oracle.resting();
  if (!resting()) await world.scheduler.run(world.now + 90 * MINUTE, resting);
}

export function planOutages(world: World, source: Vendor, target: Vendor): void {
  const { dice: chance, weights } = world;
  if (!chance.chance(weights.outages)) return;
  const vendor = chance.pick([source, target]);
  const from = world.now + chance.between(0, weights.chaos);
  const longest = chance.chance(0.01) ? LONG_OUTAGE : weights.outage;
  vendor.planOutage(from, from + chance.between(MINUTE, longest));
}

/** Each seed leaves some faults out and exaggerates others: that finds more than the same mixture every time. */
export function swarm(weights: Weights, seed: number): Weights {
  const toss = dice(seed ^ 0x2545f491);
  const factor = () => toss.pick([0, 0.5, 1, 1, 2, 4]);
  const mixed = { ...weights };
  if (!weights.swarm) return mixed;
  for (const name of SWARMED) mixed[name] = Math.min(0.6, weights[name] * factor());
  mixed.records = toss.between(2, weights.records);
  mixed.edits = toss.between(Math.ceil(weights.edits / 3), weights.edits);
  mixed.rate = weights.rate * toss.pick([0.06, 0.15, 1]);
  mixed.readLag = toss.pick([0, 1, 1]) * weights.readLag;
  mixed.skew = toss.pick([0, 1, 1]) * weights.skew;
  return mixed;
}

const SWARMED = [
  'crash',
  'freeze',
  'throttle',
  'duplicate',
  'lostWebhook',
  'refused',
  'replyLost',
  'late',
  'serverError',
  'tooMany',
  'expiry',
  'partial',
  'lateSettle',
  'gone',
  'absent',
  'killers',
  'rejected',
  'sponsored',
  'children',
] as const satisfies readonly (keyof Weights)[];
