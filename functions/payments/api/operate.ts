import { KINDS } from '../payment.ts';
import { notFound } from './problem.ts';
import { time } from './represent.ts';
import type { Answer, Call } from './route.ts';

const CALLS = [...KINDS, 'read'];

/** The merchant's providers, and which of their calls are held back. */
export async function showProviders(call: Call): Promise<Answer> {
  const items = await Promise.all(call.merchant.providers.map(({ vendor }) => shown(call, vendor)));
  return { status: 200, body: { items } };
}

/** An operator opens or closes a provider for everybody who is paid through it. */
export async function orderCircuit(
  call: Call,
  { force, reason }: { force: 'open' | 'closed' | 'none'; reason: string },
): Promise<Answer> {
  const vendor = call.path.provider ?? '';
  if (!call.merchant.providers.some((provider) => provider.vendor === vendor)) throw notFound('provider');
  await call.circuits.force(vendor, CALLS, force === 'none' ? undefined : force);
  call.ports.log({ log: 'operator', merchant: call.merchant.id, provider: vendor, circuit: force, reason });
  return { status: 200, body: { items: [await shown(call, vendor)] } };
}

async function shown({ merchant, circuits, ports }: Call, vendor: string) {
  const now = ports.clock.now();
  const known = await circuits.show(vendor);
  return {
    provider: vendor,
    title: merchant.providers.find((each) => each.vendor === vendor)?.title ?? vendor,
    circuits: CALLS.map((call) => {
      const { openUntil, forced } = known[call] ?? {};
      const opens = forced ? forced === 'open' : openUntil !== undefined;
      const state = !opens ? 'closed' : forced || (openUntil ?? 0) > now ? 'open' : 'probing';
      const until = state === 'open' && !forced && openUntil !== undefined ? { until: time(openUntil) } : {};
      return { call, state, ...until, forced: forced !== undefined };
    }),
  };
}
