import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createKey } from '../../functions/payments/api/api-key.ts';
import { openHost } from '../../shared/hosts/aws/host.ts';
import { flowNames, stageNames } from '../../shared/hosts/aws/names.ts';
import { outputOf } from './story.ts';
import { until } from './told.ts';
import { callUrl, invoke, queueUrl, STAGE, type World } from './world.ts';

const SERVICE = 'payments';
const names = flowNames(STAGE, SERVICE);
const MERCHANT = 'riverside';

const PaymentAnswer = z.object({
  id: z.string(),
  status: z.string(),
  amounts: z.object({ captured: z.number(), refunded: z.number() }),
  attempts: z.array(z.object({ provider: z.string(), number: z.number() })),
});
type PaymentAnswer = z.infer<typeof PaymentAnswer>;

/** Pays through the deployed function's own address, pays it back in part, and looks into the provider's books. */
export async function payAndRefund(world: World): Promise<void> {
  const url = await outputOf(world, names.stack, 'Api');
  const text = await keyOf(world);
  const ask = async (path: string, key?: string, body?: object): Promise<{ status: number; text: string }> =>
    callUrl(world, `${url.replace(/\/$/, '')}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${text}`,
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: body ? JSON.stringify(body) : '',
    });
  const refused = await callUrl(world, `${url}v1/providers`, { method: 'GET', headers: {}, body: '' });
  if (refused.status !== 401) throw new Error(`a caller without a key got ${refused.status}`);

  const wanted = { reference: 'season-1', amount: 4_500, currency: 'GBP', instrument: { stripe: CARD } };
  const first = await ask('/v1/payments', 'pay-1', wanted);
  if (first.status !== 201 && first.status !== 202)
    throw new Error(`a payment got ${first.status}: ${first.text.slice(0, 500)}`);
  const { id } = PaymentAnswer.parse(JSON.parse(first.text));
  const shown = async (): Promise<PaymentAnswer> =>
    PaymentAnswer.parse(JSON.parse((await ask(`/v1/payments/${id}`)).text));
  await until('the payment is captured', 60, async () => (await shown()).status === 'captured');
  const again = PaymentAnswer.parse(JSON.parse((await ask('/v1/payments', 'pay-1', wanted)).text));
  if (again.id !== id) throw new Error('the same request with the same key made another payment');

  const refund = await ask(`/v1/payments/${id}/refunds`, 'refund-1', { amount: 1_500 });
  if (refund.status > 202) throw new Error(`a refund got ${refund.status}: ${refund.text.slice(0, 500)}`);
  await until('the refund has gone through', 60, async () => (await shown()).amounts.refunded === 1_500);
  await checkBooks(world, `${id}.1`);
  await eventsAreOut(world, ['payment.captured', 'refund.succeeded']);
  await invoke(world, names.handler('timer'), { timer: 'sweep' });
}

const CARD = { token: 'pm_card_visa' };

async function checkBooks({ stripe }: World, reference: string): Promise<void> {
  const { record } = await stripe.state({ record: 'books', id: reference });
  const { captures, captured, refunds, refunded } = record ?? {};
  const found = JSON.stringify({ captures, captured, refunds, refunded });
  if (found !== JSON.stringify({ captures: 1, captured: 4_500, refunds: 1, refunded: 1_500 }))
    throw new Error(`the provider's own books say ${found}`);
}

const Event = z.object({ type: z.string() });

async function eventsAreOut(world: World, wanted: readonly string[]): Promise<void> {
  const sqs = new SQSClient({});
  const seen = new Set<string>();
  await until(`the event queue has ${wanted.join(' and ')}`, 60, async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl(world, names.events), MaxNumberOfMessages: 10 }),
    );
    for (const { Body = '{}' } of Messages) seen.add(Event.parse(JSON.parse(Body)).type);
    return wanted.every((type) => seen.has(type));
  });
}

/** As an operator makes one for a merchant. */
async function keyOf(world: World): Promise<string> {
  const { ports } = openHost(
    SERVICE,
    { info: () => undefined, warn: () => undefined },
    {
      environment: {
        stage: STAGE,
        flow: SERVICE,
        table: stageNames(STAGE).table,
        queues: { live: queueUrl(world, names.queue('live')) },
        deadLetterQueue: queueUrl(world, names.deadLetters),
        events: queueUrl(world, names.events),
        secretPrefix: stageNames(STAGE).secretPrefix,
        deployment: 'operator',
        publicUrl: undefined,
      },
    },
  );
  const { text } = await createKey(ports, {
    merchant: MERCHANT,
    title: 'the deploy test',
    scopes: ['read', 'pay', 'refund'],
  });
  return text;
}
