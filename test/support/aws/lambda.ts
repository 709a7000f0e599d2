import type { Flow } from '../../../shared/engine/flow.ts';
import type { Delivery, QueueRef } from '../../../shared/engine/ports.ts';
import { HttpFailure } from '../../../shared/engine/ports.ts';
import type { PartialBatch } from '../../../shared/hosts/aws/handlers/sqs-event.ts';
import { type Host, type LineLogger, laneUrl } from '../../../shared/hosts/aws/host.ts';
import { emfMeter } from '../../../shared/hosts/aws/meter.ts';
import { nameOf } from '../../../shared/hosts/aws/sqs.ts';
import { trail } from '../../../shared/hosts/aws/trail.ts';
import { clock, random } from '../../../shared/hosts/clock.ts';
import type { Opened } from './cloud.ts';

/** A minute, as infra gives every function. */
export const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

export interface LocalHost extends Host {
  /** What went to the function's log. */
  lines: string[];
}

/** What a function of this flow opens, on local services and with its log in `lines`. */
export function localHost(flow: Flow, opened: Opened): LocalHost {
  const lines: string[] = [];
  const write = (log: string, line: Record<string, unknown>) =>
    void lines.push(JSON.stringify({ log, ...line }));
  const logger: LineLogger = { info: write, warn: write };
  const meter = emfMeter({ stage: 'test', flow: flow.name, clock, write: (line) => void lines.push(line) });
  const queues = {
    live: opened.urlOf({ flow: flow.name, lane: 'live' }),
    bulk: opened.urlOf({ flow: flow.name, lane: 'bulk' }),
  };
  return {
    lines,
    environment: {
      stage: 'test',
      flow: flow.name,
      table: opened.table,
      queues,
      deadLetterQueue: opened.deadLetterUrlOf(flow.name),
      secretPrefix: 'intertie/test/',
      deployment: 'one',
      publicUrl: undefined,
      events: undefined,
    },
    ports: {
      ...opened.ports(),
      clock,
      random,
      trail: trail(logger),
      meter,
      http: async () => Promise.reject(new HttpFailure('there is no network here', false)),
    },
    meter,
    logger,
    publish: async () => Promise.reject(new Error('a flow has no events')),
  };
}

/** What Lambda hands over for these messages. */
export function sqsEvent(host: LocalHost, from: QueueRef, deliveries: readonly Delivery[]): object {
  const eventSourceARN = `arn:aws:sqs:eu-west-1:000000000000:${nameOf(laneUrl(host.environment, from))}`;
  return {
    Records: deliveries.map(({ receipt, body, receiveCount }, at) => ({
      messageId: `m${at}`,
      receiptHandle: receipt,
      body,
      attributes: { ApproximateReceiveCount: String(receiveCount) },
      eventSourceARN,
    })),
  };
}

/** One turn of Lambda's poller: receives, invokes, and deletes what was not reported as failed. */
export async function poll(
  host: LocalHost,
  from: QueueRef,
  handler: (event: object) => Promise<PartialBatch>,
  max = 100,
): Promise<{ messages: number; failed: number }> {
  const deliveries = await host.ports.queue.receive(from, max, 360_000);
  if (deliveries.length === 0) return { messages: 0, failed: 0 };
  const { batchItemFailures } = await handler(sqsEvent(host, from, deliveries));
  const failed = new Set(batchItemFailures.map((each) => each.itemIdentifier));
  const done = deliveries.filter((_, at) => !failed.has(`m${at}`)).map(({ receipt }) => receipt);
  await host.ports.queue.acknowledge(from, done);
  return { messages: deliveries.length, failed: failed.size };
}
