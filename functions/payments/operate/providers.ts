import * as z from 'zod';
import { CannotDo } from '../../../shared/engine/service.ts';
import { orderCircuit, showProviders } from '../api/operate.ts';
import { ProvidersShape } from '../api/shapes.ts';
import type { Merchant } from '../site.ts';
import { callOf, command, type Office, Reason } from './command.ts';
import { note, readJournal } from './journal.ts';

const ProviderRow = z.object({
  ...ProvidersShape.shape.items.element.shape,
  merchants: z.array(z.string()),
  /** Who forced its circuit last, while it is forced. */
  forced: z.object({ at: z.number(), what: z.string(), reason: z.string().optional() }).optional(),
});
export type ProviderRow = z.infer<typeof ProviderRow>;
export const ProvidersAnswer = z.object({ items: z.array(ProviderRow) });
export const MerchantsAnswer = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      providers: z.array(z.string()),
      failover: z.string(),
      softDecline: z.string(),
      payableMinutes: z.number(),
    }),
  ),
});

const Nothing = z.strictObject({});

/** Who is paid here, and how; `functions/payments/site.ts` says it. */
export const merchants = command(Nothing, async ({ site }) => ({
  items: site.merchants.map(({ id, title, providers: through, failover, softDecline, payableMinutes }) => ({
    ...{ id, title, providers: through.map(({ vendor }) => vendor), failover, softDecline, payableMinutes },
  })),
}));

/** Every provider, and which of its calls are held back. */
export const providers = command(Nothing, async (office, _, work) => {
  const everybody = withAllProviders(office);
  if (!everybody) return { items: [] };
  const { items } = ProvidersShape.parse((await showProviders(callOf(office, everybody, work))).body);
  const entries = await readJournal(office);
  return ProvidersAnswer.parse({
    items: items.map((item) => {
      const forced = item.circuits.some((each) => each.forced);
      const last =
        forced && entries.find(({ what, about }) => about === item.provider && /^circuit/.test(what));
      return {
        ...item,
        merchants: paidThrough(office, item.provider),
        ...(last && { forced: last }),
      };
    }),
  });
});

/** Leaves a provider alone (`open`), calls it whatever happens (`closed`), or lets outcomes decide again (`none`). */
export const circuit = command(
  z.strictObject({
    provider: z.string(),
    force: z.enum(['open', 'closed', 'none'], { error: 'must be "open", "closed" or "none"' }),
    reason: Reason,
  }),
  async (office, { provider, force, reason }, work) => {
    const everybody = withAllProviders(office);
    const names = everybody?.providers.map(({ vendor }) => vendor) ?? [];
    if (!everybody || !names.includes(provider))
      throw new CannotDo(
        'missing',
        `field "provider": there is no "${provider}" here`,
        `it is one of: ${names.join(', ')}`,
      );
    const call = { ...callOf(office, everybody, work), path: { provider } };
    const done = ProvidersShape.parse((await orderCircuit(call, { force, reason })).body);
    await note(office, { what: `circuit ${force}`, about: provider, reason });
    return ProvidersAnswer.parse({
      items: done.items.map((item) => ({ ...item, merchants: paidThrough(office, item.provider) })),
    });
  },
);

/** As if one merchant were paid through every provider: circuits are everybody's. */
function withAllProviders({ site }: Office): Merchant | undefined {
  const [first] = site.merchants;
  const byVendor = new Map(
    site.merchants.flatMap((merchant) => merchant.providers.map((each) => [each.vendor, each] as const)),
  );
  return first && { ...first, id: 'everybody', providers: [...byVendor.values()] };
}

function paidThrough({ site }: Office, vendor: string): string[] {
  return site.merchants
    .filter((merchant) => merchant.providers.some((each) => each.vendor === vendor))
    .map(({ id }) => id);
}
