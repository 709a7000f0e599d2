import { createKey } from '../../functions/payments/api/api-key.ts';
import { openPayments } from '../../functions/payments/run.ts';
import { payments } from '../../functions/payments/service.ts';
import { stripeProvider } from '../../shared/connectors/stripe/index.ts';
import type { ServiceDefinition } from '../../shared/engine/service.ts';
import { type OpenStage, openStage } from '../../shared/hosts/embedded/drill/stage.ts';
import { countedPorts, type Tally, tally } from './counted-ports.ts';
import type { Table } from './table.ts';

const START = Date.parse('2026-11-24T09:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const COUNTED = 200;
/** Calls that one payment makes at its provider. */
const CALLS = 3;
/** Of the provider's test mode, which its sandbox keeps to. */
const RATE = 25;

const provider = stripeProvider('main');
const site = {
  merchants: [
    {
      ...{ id: 'bench', title: 'Bench', providers: [provider], payableMinutes: 1_440 },
      ...({ failover: 'hold', softDecline: 'stop' } as const),
    },
  ],
};
const definition: ServiceDefinition = {
  ...payments,
  accounts: [provider.account],
  hooks: { stripe: provider.account },
  open: (ports) => openPayments(ports, site),
};

const COLUMNS = [
  ...['documents.get', 'documents.put', 'queue.send requests', 'queue.receive requests'],
  ...['queue.acknowledge requests', 'secrets.get', 'http'],
];

/** What a payment costs in calls of ports until nothing of it is left: on AWS each of them is a request. */
export async function costOfPayments(): Promise<Table> {
  const rows = [
    ['paid at once, no webhooks', ...(await counted({ webhooks: false }))],
    ['paid at once, with webhooks of the provider', ...(await counted({ webhooks: true }))],
  ];
  return {
    title: `calls of ports per payment, over ${COUNTED} payments, two a second, until the queue is empty`,
    columns: ['', ...COLUMNS],
    rows,
    notes: [
      'documents are DynamoDB requests, queue SQS requests of at most ten messages; secrets are kept for a while on AWS',
      'the service timers are included; the account budget and the circuits are documents too',
    ],
  };
}

async function counted({ webhooks }: { webhooks: boolean }): Promise<number[]> {
  const counts: Tally = tally();
  const stage = await openStage(definition, START, (ports) => countedPorts(ports, counts));
  try {
    const pay = await payerOf(stage);
    stage.vendor('stripe').fault('webhooks-lost', !webhooks);
    stage.at(stage.now(), () => pay(-1));
    await stage.pass(stage.now() + MINUTE);
    counts.forget();
    for (let n = 0; n < COUNTED; n += 1) stage.at(stage.now() + n * 500, () => pay(n));
    await untilEmpty(stage);
    return COLUMNS.map((name) => counts.of(name) / COUNTED);
  } finally {
    await stage.close();
  }
}

/** Payments that came in while the provider did not answer, and how long they take once it does. */
export async function drain(count: number): Promise<Table> {
  const stage = await openStage(definition, START);
  const wall = performance.now();
  try {
    const pay = await payerOf(stage);
    const stripe = stage.vendor('stripe');
    stripe.fault('outage', true);
    for (let n = 0; n < count; n += 1) stage.at(stage.now() + 1 + n * 50, () => pay(n));
    await stage.pass(stage.now() + count * 50 + 10 * MINUTE);
    stripe.fault('outage', false);
    const recovery = stage.now();
    const half = await untilCaptured(stage, count / 2);
    const all = await untilCaptured(stage, count);
    return {
      title: `${count.toLocaleString('en-US')} payments queued in an outage, worked off against ${RATE} calls a second`,
      columns: ['until half s', 'until all s', 'payments/s', 'least s at the limit'],
      rows: [
        [
          (half - recovery) / SECOND,
          (all - recovery) / SECOND,
          (count * SECOND) / (all - recovery),
          (count * CALLS) / RATE,
        ],
      ],
      notes: [
        `virtual time from the moment the provider answers again; ${Math.round((performance.now() - wall) / SECOND)} s by the clock`,
        'the circuit may rest for up to 300 s before it is probed',
      ],
    };
  } finally {
    await stage.close();
  }
}

async function payerOf(stage: OpenStage): Promise<(n: number) => Promise<void>> {
  const scopes: ['pay'] = ['pay'];
  const { text } = await createKey(stage.ports, { merchant: 'bench', title: 'bench', scopes });
  const instrument = { stripe: { token: stage.vendor('stripe').instruments.good } };
  return async (n) => {
    const body = { reference: `bench-${n}`, amount: 1_999, currency: 'USD', instrument };
    const answer = await stage.ask(
      new Request('http://127.0.0.1/v1/payments', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${text}`,
          'idempotency-key': `bench-${n}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
      }),
    );
    if (answer.status >= 300) throw new Error(`payment ${n}: ${answer.status} ${await answer.text()}`);
  };
}

async function untilEmpty(stage: OpenStage): Promise<void> {
  do await stage.pass(stage.now() + 2 * MINUTE);
  while ((await stage.queued()) > 0);
}

/** The moment at which the provider's own books have that many charges. */
async function untilCaptured(stage: OpenStage, count: number): Promise<number> {
  for (;;) {
    if (stage.vendor('stripe').stored('charge') >= count) return stage.now();
    await stage.pass(stage.now() + SECOND);
  }
}
