import type { DrillAsked, DrillStage, ServiceDrill } from '../../../shared/engine/drill.ts';
import type { ServiceDefinition } from '../../../shared/engine/service.ts';
import { createKey } from '../api/api-key.ts';
import { hookOf, openPayments, providers } from '../run.ts';
import { payments } from '../service.ts';
import { type Merchant, usualSite } from '../site.ts';
import { bookOf, type Taken } from './books.ts';
import { type Course, courseOf, type Payer, payersOf, troublesOf } from './load.ts';
import { reportOf } from './report.ts';

const MINUTE = 60_000;
/** The last payments must have come to rest by then: looks, releases and the look after an hour included. */
const PATIENCE = 26 * 60 * MINUTE;
const LOOK_EVERY = 10 * MINUTE;
const CURRENCY = 'USD';

/** One load of payments through an outage of one provider, with or without another one to go to. */
export const paymentsDrill: ServiceDrill = {
  service: payments.name,
  run: async (asked, open) => {
    const merchant = merchantFor(asked);
    const stage = await open(definitionFor(merchant));
    const course = courseOf(asked, stage.now());
    const shop: Shop = { stage, merchant, course, key: await keyFor(stage, merchant), taken: [] };
    for (const { fault, from, to } of troublesOf(course)) {
      stage.at(from, async () => stage.vendor(asked.provider).fault(fault, true));
      stage.at(to, async () => stage.vendor(asked.provider).fault(fault, false));
    }
    for (const payer of payersOf(course)) stage.at(payer.at, () => pay(shop, payer, asked));
    await stage.pass(course.ends);
    const restedAt = await rest(stage, course);
    const books = [];
    for (const taken of shop.taken) books.push(await bookOf(stage, taken));
    return reportOf({ asked, merchant, course, restedAt, books, letters: await stage.letters() });
  },
};

interface Shop {
  stage: DrillStage;
  merchant: Merchant;
  course: Course;
  key: string;
  taken: Taken[];
}

/** Holds may be tried at another provider while the first one does not answer. */
function merchantFor({ provider, second }: DrillAsked): Merchant {
  const all = providers(usualSite);
  const first = all.find(({ vendor }) => vendor === provider);
  if (!first)
    throw new Error(
      `--provider: there is no provider "${provider}"; there are: ${all.map(({ vendor }) => vendor).join(', ')}`,
    );
  const other = usualSite.merchants
    .flatMap((merchant) => merchant.providers)
    .find(({ vendor }) => vendor !== provider);
  return {
    ...{ id: 'drill', title: 'Drill', failover: 'hold', softDecline: 'stop' },
    payableMinutes: PATIENCE / MINUTE,
    providers: second && other ? [first, other] : [first],
  };
}

function definitionFor(merchant: Merchant): ServiceDefinition {
  const site = { merchants: [merchant] };
  const used = providers(site);
  return {
    ...payments,
    accounts: used.map(({ account }) => account),
    hooks: Object.fromEntries(used.map((each) => [hookOf(each), each.account])),
    open: (ports) => openPayments(ports, site),
  };
}

async function keyFor({ ports }: DrillStage, { id }: Merchant): Promise<string> {
  return (await createKey(ports, { merchant: id, title: 'drill', scopes: ['pay', 'read'] })).text;
}

/** As a shop does: one request, and the same one again until it is answered. */
async function pay(shop: Shop, payer: Payer, { provider }: DrillAsked): Promise<void> {
  const { stage, merchant, key, taken } = shop;
  const instrument = Object.fromEntries(
    merchant.providers.map(({ vendor }) => {
      const { good, declined } = stage.vendor(vendor).instruments;
      return [vendor, { token: payer.declined && vendor === provider ? declined : good }];
    }),
  );
  const body = { reference: `drill-${payer.n}`, amount: payer.amount, currency: CURRENCY, instrument };
  const made: Taken = { payer, key, answer: undefined, waited: 0, tries: 0 };
  taken.push(made);
  while (made.answer === undefined && made.tries < MOST_TRIES) {
    made.tries += 1;
    const answer = await stage.ask(
      new Request('http://127.0.0.1/v1/payments', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'idempotency-key': `drill-${payer.n}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
      }),
    );
    made.waited = stage.now() - payer.at;
    const text = await answer.text();
    if (answer.status < 500 && answer.status !== 409) made.answer = { status: answer.status, text };
  }
}

const MOST_TRIES = 20;

/** When nothing was left on the queue; undefined when something still is. */
async function rest(stage: DrillStage, { ends }: Course): Promise<number | undefined> {
  for (let at = ends; at < ends + PATIENCE; at += LOOK_EVERY) {
    await stage.pass(at);
    if ((await stage.queued()) === 0) return at;
  }
  return undefined;
}
