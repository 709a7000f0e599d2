import type { PaymentProvider } from '../../../shared/connectors/payment-provider.ts';
import type { Violation } from '../world.ts';
import { PayClients } from './pay-clients.ts';
import type { PayCode } from './pay-code.ts';
import { PayHost } from './pay-host.ts';
import { PayOracle } from './pay-oracle.ts';
import { PAYPAL, PayProvider, SQUARE, STRIPE } from './pay-provider.ts';
import { calmPay, type PayWeights } from './pay-weights.ts';
import { PayWorld } from './pay-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Everything that can end has ended so long after the last fault: a look may be six hours away. */
const LIVENESS = 7 * HOUR;
/** Refunds asked for late, and those that their provider keeps pending for hours and that are looked at in steps. */
const REFUNDS = 9 * HOUR;

export interface PaySeedResult {
  seed: number;
  violations: Violation[];
  events: number;
  virtualMs: number;
  tallies: ReadonlyMap<string, number>;
}

/** Faults for a while, then none; everything ends, and the providers' own books agree. */
export async function runPaySeed(options: {
  code: PayCode;
  seed: number;
  weights: PayWeights;
  print?: (line: string) => void;
}): Promise<PaySeedResult> {
  const world = new PayWorld(options);
  const providers = [STRIPE, PAYPAL, SQUARE].map((habits) => new PayProvider(world, habits));
  const host = new PayHost(
    world,
    new Map<string, PaymentProvider>(providers.map((each) => [each.vendor, each])),
  );
  const oracle = new PayOracle(world, providers);
  host.onWrite = (before, after) => oracle.wrote(before, after);
  host.onEvent = (event) => oracle.announced(event);
  for (const { books } of providers) {
    books.onChange = (payment) => {
      if (!world.dice.chance(world.weights.webhook)) return;
      for (let n = world.dice.chance(0.3) ? 2 : 1; n > 0; n -= 1)
        host.send(payment, world.dice.between(100, 120_000), { hinted: true });
    };
  }
  const clients = new PayClients(
    world,
    host,
    providers.map(({ vendor }) => vendor),
  );
  clients.plan();
  planOutages(world, providers);
  await world.scheduler.run(world.now + world.weights.chaos);
  const back = Math.max(...providers.map(({ awayUntil }) => awayUntil));
  if (back > world.now) await world.scheduler.run(back);

  world.tell('world', () => 'FAULTS END');
  world.weights = calmPay(world.weights);
  world.calmAt = world.now;
  const begin = world.now;
  // A payment may still be accepted until late, and a payer may take her time.
  const latest = () =>
    Math.max(begin, ...oracle.payments().map((each) => Math.min(each.processBefore, begin + 48 * HOUR)));
  while (world.now < latest() + LIVENESS + REFUNDS) {
    await world.scheduler.run(world.now + 5 * MINUTE);
    oracle.checkHolds();
    oracle.checkEnds(LIVENESS);
    if (clients.busy === 0 && host.resting && oracle.payments().every((each) => oracle.isAtRest(each))) break;
  }
  oracle.checkAtEnd();
  return {
    seed: options.seed,
    violations: world.violations,
    events: world.scheduler.events,
    virtualMs: world.now - 1_700_000_000_000,
    tallies: world.tallies,
  };
}

function planOutages(world: PayWorld, providers: readonly PayProvider[]): void {
  const { dice, weights } = world;
  const total = dice.chance(weights.outages * 0.2);
  for (const provider of providers) {
    if (!total && !dice.chance(weights.outages)) continue;
    const lasts = dice.chance(weights.longOutages)
      ? dice.between(HOUR, 31 * HOUR)
      : dice.between(MINUTE, 40 * MINUTE);
    world.after(dice.between(0, weights.chaos * 0.7), () => {
      provider.awayUntil = world.now + lasts;
      provider.refuses = dice.chance(0.5);
      world.tell(provider.vendor, () => `GONE for ${Math.round(lasts / MINUTE)} minutes`);
    });
  }
}
