import type { PaymentProvider } from '../../shared/connectors/payment-provider.ts';
import type { Errand, ServicePorts, ServiceRun, ServiceWork } from '../../shared/engine/service.ts';
import { accountKey } from '../../shared/engine/session.ts';
import { advance } from './advance.ts';
import { buildApi } from './api/app.ts';
import { CircuitBoard } from './circuit-board.ts';
import { disputes, noteDispute } from './disputes/disputes.ts';
import { deliverEvent } from './events/deliver.ts';
import { noteEvent } from './events/note.ts';
import { type Hint, isAnswered, lookAt, parseHint, receiveHints } from './hints.ts';
import { hubFor } from './hub-open.ts';
import { operate } from './operate/operate.ts';
import { startPayout, startReconciliations, workOnReconciliation } from './reconciliation/errands.ts';
import { reconciliations } from './reconciliation/reports.ts';
import { COLLECTION } from './reconciliation/run.ts';
import { whoseIs } from './reconciliation/strangers.ts';
import { countStray } from './reconciliation/stray.ts';
import { type Merchant, merchantOf, type Site } from './site.ts';
import { readPayment } from './store.ts';
import { lastSuccesses, openCircuits, silentMerchants, watchOpen } from './watch.ts';

const SERVICE = 'payments';

interface Parts {
  ports: ServicePorts;
  site: Site;
  circuits: CircuitBoard;
}

/** The payments service on its host's ports. */
export function openPayments(ports: ServicePorts, site: Site): ServiceRun {
  const parts: Parts = { ports, site, circuits: new CircuitBoard(ports) };
  const { circuits } = parts;
  const hubOf = (merchant: Merchant, work: ServiceWork) => hubFor(ports, circuits, merchant, work);
  const office = { ports, site, circuits, hubOf, reconciliations, disputes, providers: providers(site) };
  const api = buildApi(office);
  return {
    answer: api.answer,
    receive: async (source, request, work) => {
      const provider = providers(site).find((each) => hookOf(each) === source);
      return provider
        ? receiveHints(ports, provider, request, work)
        : { status: 404, body: 'no such source' };
    },
    work: (errand, how) => perform(parts, errand, how),
    tick: (timer, work) => tick(parts, timer, work),
    operate: (command, input, work) => operate(office, command, input, work),
  };
}

/** Each provider account once. */
export function providers({ merchants }: Site): PaymentProvider[] {
  const byAccount = new Map(
    merchants.flatMap((merchant) =>
      merchant.providers.map((each) => [accountKey(each.account), each] as const),
    ),
  );
  return [...byAccount.values()];
}

/** The last part of the address of a provider account's webhooks: the usual account has its vendor's plain name. */
export function hookOf({ account: { vendor, name } }: PaymentProvider): string {
  return name === 'main' ? vendor : `${vendor}-${name}`;
}

/** One errand. Anything unknown was written by another version, and stays on the queue. */
async function perform(parts: Parts, errand: Errand, how: ServiceWork & { dueAt: number }): Promise<void> {
  const { ports, site } = parts;
  const { collection, id } = errand;
  switch (collection) {
    case 'payment':
      return goOn(parts, id, { ...how, hinted: false });
    case 'news':
      return goOn(parts, id, { ...how, hinted: true });
    case 'hint':
      return followHint(parts, id, how);
    case 'event':
      return deliverEvent(ports, site, id, how);
    case COLLECTION:
      return void (await workOnReconciliation(ports, site, { id, work: how }));
    default:
      throw new Error(`an errand of the kind "${collection}" is not known to this version`);
  }
}

async function goOn(
  parts: Parts,
  id: string,
  how: ServiceWork & { dueAt: number; hinted: boolean },
): Promise<void> {
  const { ports, site, circuits } = parts;
  const stored = await readPayment(ports.documents, id);
  // The message is on the queue before the payment is: without one, its request never got that far.
  if (!stored) return;
  const merchant = merchantOf(site, stored.payment.merchant);
  if (!merchant)
    throw new Error(
      `payment ${id}: its merchant "${stored.payment.merchant}" is not in functions/payments/site.ts`,
    );
  const { deadline, dueAt: due } = how;
  const hinted = how.hinted && !isAnswered(stored.payment, due);
  await advance(hubFor(ports, circuits, merchant, how), id, { deadline, due, hinted });
}

/** A provider said that something may have changed, in its own words: it is asked what, and whose it is. */
async function followHint(parts: Parts, name: string, how: ServiceWork & { dueAt: number }): Promise<void> {
  const hint = parseHint(name);
  const provider = hint && providers(parts.site).find(({ account }) => accountKey(account) === hint.account);
  if (!hint || !provider) return;
  switch (hint.about) {
    case 'payment':
    case 'refund':
      return followPayment(parts, provider, hint, how);
    case 'dispute':
      return followDispute(parts, provider, hint.id, how);
    case 'payout':
      return followPayout(parts, provider, hint.id);
  }
}

async function followPayment(
  parts: Parts,
  provider: PaymentProvider,
  hint: Hint,
  how: ServiceWork & { dueAt: number },
): Promise<void> {
  const { ports } = parts;
  const look = await lookAt(ports, provider, hint, how);
  if (look.kind === 'absent') return;
  const { vendor } = provider;
  const whose = await whoseIs(ports.documents, { vendor, shown: look.shown, now: ports.clock.now() });
  if (whose.kind === 'ours') await goOn(parts, whose.payment, { ...how, hinted: true });
}

async function followDispute(
  { ports, site }: Parts,
  provider: PaymentProvider,
  id: string,
  how: ServiceWork,
): Promise<void> {
  const merchants = paidThrough(site, provider).map((merchant) => merchant.id);
  const session = ports.session(provider.account, how);
  const noted = await noteDispute(ports, { merchants, provider, session }, id);
  if (noted.kind === 'nothing') return;
  const { merchant, standing, version, changedAt, ...dispute } = noted.dispute;
  // Also when nothing changed: the worker that stored it may have died before it told.
  await noteEvent(ports, {
    ...{ merchant, type: `dispute.${standing}`, subject: `dispute-${dispute.id}`, version, at: changedAt },
    data: { ...dispute, standing },
  });
}

async function followPayout(
  { ports, site }: Parts,
  provider: PaymentProvider,
  payout: string,
): Promise<void> {
  const { vendor, account } = provider;
  await startPayout(ports, site, { vendor, account: account.name, payout });
  for (const merchant of paidThrough(site, provider))
    await noteEvent(ports, {
      ...{ merchant: merchant.id, type: 'payout.updated', version: 1, at: ports.clock.now() },
      subject: `payout-${vendor}-${merchant.id}-${payout}`,
      data: { provider: vendor, payout },
    });
}

function paidThrough({ merchants }: Site, { account }: PaymentProvider): Merchant[] {
  const key = accountKey(account);
  return merchants.filter((merchant) => merchant.providers.some((each) => accountKey(each.account) === key));
}

async function tick(parts: Parts, timer: string, work: ServiceWork): Promise<void> {
  const { ports, site, circuits } = parts;
  const tell = (gauge: string, value: number) => ports.meter.gauge(SERVICE, gauge, value);
  switch (timer) {
    case 'watch': {
      tell('ProvidersDown', await openCircuits(site, circuits));
      const last = await lastSuccesses(ports);
      tell('MerchantsSilent', silentMerchants(site.merchants, last, ports.clock.now()).length);
      const { orphans, duplicates } = await countStray(ports.documents);
      tell('OrphanMoney', orphans);
      return tell('DuplicateMoney', duplicates);
    }
    case 'sweep': {
      const { unknown, needsReview } = await watchOpen(ports, work);
      tell('PaymentsUnknown', unknown);
      return tell('PaymentsNeedReview', needsReview);
    }
    case 'reconcile':
      return startReconciliations(ports, site);
    default:
      throw new Error(`there is no timer "${timer}"`);
  }
}
