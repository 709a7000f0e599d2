import type { ServicePorts, ServiceWork } from '../../../shared/engine/service.ts';
import { merchantOf, type Site } from '../site.ts';
import { dayOf, parsePlace, payoutIn, placeName } from './places.ts';
import { COLLECTION, type Progress, reconcileDay, reconcilePayout } from './run.ts';

const DAY = 86_400_000;
/** A day is compared again after so long: by then everything of it should have been paid out. */
const SECOND_LOOK = 15 * DAY;

/** Once a day: a report for each merchant and provider of yesterday, and again of the day whose money must be out. */
export async function startReconciliations(ports: ServicePorts, site: Site): Promise<void> {
  const now = ports.clock.now();
  const days = [dayOf(now - DAY), dayOf(now - SECOND_LOOK - DAY)];
  for (const merchant of site.merchants)
    for (const { vendor } of merchant.providers)
      for (const name of days) {
        const place = { merchant: merchant.id, provider: vendor, name };
        await ports.post({ collection: COLLECTION, id: placeName(place) }, now);
      }
}

/** A provider told of a payout: it is compared for each merchant of the account. */
export async function startPayout(
  ports: ServicePorts,
  site: Site,
  { vendor, account, payout }: { vendor: string; account: string; payout: string },
): Promise<void> {
  for (const merchant of site.merchants) {
    const provider = merchant.providers.find(
      (each) => each.vendor === vendor && each.account.name === account,
    );
    if (!provider?.payoutEntries) continue;
    const place = { merchant: merchant.id, provider: vendor, name: `payout-${payout}` };
    await ports.post({ collection: COLLECTION, id: placeName(place) }, ports.clock.now());
  }
}

/** An errand of this room that is due. Undefined when its merchant or provider is no more, or its name is none. */
export async function workOnReconciliation(
  ports: ServicePorts,
  site: Site,
  { id, work }: { id: string; work: ServiceWork },
): Promise<Progress | undefined> {
  const place = parsePlace(id);
  const merchant = place && merchantOf(site, place.merchant);
  const provider = merchant?.providers.find(({ vendor }) => vendor === place?.provider);
  if (!place || !merchant || !provider) return undefined;
  const side = { merchant: merchant.id, provider, session: ports.session(provider.account, work) };
  const payout = payoutIn(place);
  return payout === undefined
    ? await reconcileDay(ports, { ...side, day: place.name }, work)
    : await reconcilePayout(ports, { ...side, payout }, work);
}
