import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clock, Delivery, Depth, Millis, Random } from '../../engine/ports.ts';
import { allOf, pauseBeforeRetry } from './store.ts';

/** A service limit of one request, whatever it does. */
const MOST_ENTRIES = 10;
/** All messages of one request together; the limit is 1 MiB with their attributes. */
const MOST_BYTES = 1_000_000;

export interface Sqs {
  client: SQSClient;
  clock: Clock;
  random: Random;
}

export interface Letter {
  body: string;
  /** Seconds. */
  delay: number;
}

/** All of them are durable when it resolves. Packed as full as a request may be. */
export async function sendAll(sqs: Sqs, url: string, letters: readonly Letter[]): Promise<void> {
  await allOf(requestsOf(letters).map((entries) => sendBatch(sqs, url, entries)));
}

async function sendBatch(sqs: Sqs, url: string, entries: SendMessageBatchRequestEntry[]): Promise<void> {
  const since = sqs.clock.now();
  let open = entries;
  for (let attempt = 0; ; attempt += 1) {
    const command = new SendMessageBatchCommand({ QueueUrl: url, Entries: open });
    const { Successful: stored = [], Failed: failed = [] } = await sqs.client.send(command);
    const refused = failed.find((each) => each.SenderFault);
    if (refused)
      throw new Error(
        `queue ${nameOf(url)} refuses a message (${refused.Code}): it is too long or malformed`,
      );
    const done = new Set(stored.map((each) => each.Id));
    open = open.filter((each) => !done.has(each.Id));
    if (open.length === 0) return;
    if (!(await pauseBeforeRetry(sqs, attempt, since)))
      throw new Error(
        `queue ${nameOf(url)} did not take ${open.length} messages (${failed[0]?.Code ?? 'no reason'})`,
      );
  }
}

function requestsOf(letters: readonly Letter[]): SendMessageBatchRequestEntry[][] {
  const requests: SendMessageBatchRequestEntry[][] = [];
  let current: SendMessageBatchRequestEntry[] = [];
  let bytes = 0;
  for (const { body, delay } of letters) {
    const MessageBody = transportable(body);
    const size = Buffer.byteLength(MessageBody);
    if (current.length === MOST_ENTRIES || (current.length > 0 && bytes + size > MOST_BYTES)) {
      requests.push(current);
      current = [];
      bytes = 0;
    }
    const entry: SendMessageBatchRequestEntry = { Id: String(current.length), MessageBody };
    if (delay > 0) entry.DelaySeconds = delay;
    current.push(entry);
    bytes += size;
  }
  if (current.length > 0) requests.push(current);
  return requests;
}

/** SQS refuses U+FFFE and U+FFFF; what lies beyond 16 bits is escaped too, because not every SQS takes it. */
function transportable(json: string): string {
  return json.replace(/[\ud800-\udfff\ufffe\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}

/** At once, with what is there. */
export async function receiveUpTo(
  { client }: Sqs,
  url: string,
  how: { max: number; visibility: Millis },
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  while (deliveries.length < how.max) {
    const { Messages: messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(MOST_ENTRIES, how.max - deliveries.length),
        VisibilityTimeout: Math.ceil(how.visibility / 1_000),
        WaitTimeSeconds: 0,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    if (messages.length === 0) break;
    for (const { ReceiptHandle: receipt, Body: body, Attributes: attributes } of messages) {
      if (receipt === undefined || body === undefined) continue;
      deliveries.push({ receipt, body, receiveCount: Number(attributes?.ApproximateReceiveCount ?? 1) });
    }
  }
  return deliveries;
}

/** Receipts that the queue does not know, or no longer, are ignored. */
export async function deleteAll(sqs: Sqs, url: string, receipts: readonly string[]): Promise<void> {
  const distinct = [...new Set(receipts)].filter((receipt) => receipt !== '');
  const requests: string[][] = [];
  for (let at = 0; at < distinct.length; at += MOST_ENTRIES)
    requests.push(distinct.slice(at, at + MOST_ENTRIES));
  await allOf(requests.map((request) => deleteBatch(sqs, url, request)));
}

async function deleteBatch(sqs: Sqs, url: string, receipts: readonly string[]): Promise<void> {
  const since = sqs.clock.now();
  let open = receipts.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }));
  for (let attempt = 0; open.length > 0; attempt += 1) {
    const command = new DeleteMessageBatchCommand({ QueueUrl: url, Entries: open });
    const { Failed: failed = [] } = await sqs.client.send(command);
    const again = new Set(failed.filter((each) => !each.SenderFault).map((each) => each.Id));
    open = open.filter((each) => again.has(each.Id));
    if (open.length > 0 && !(await pauseBeforeRetry(sqs, attempt, since)))
      throw new Error(
        `queue ${nameOf(url)} did not remove ${open.length} messages: they will be delivered again`,
      );
  }
}

/** Approximate, as the service says; all that SQS can tell. */
export async function depthOf({ client }: Sqs, url: string): Promise<Depth> {
  const names = {
    visible: 'ApproximateNumberOfMessages',
    inFlight: 'ApproximateNumberOfMessagesNotVisible',
    delayed: 'ApproximateNumberOfMessagesDelayed',
  } as const;
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: Object.values(names) });
  const { Attributes: told = {} } = await client.send(command);
  return {
    visible: Number(told[names.visible] ?? 0),
    inFlight: Number(told[names.inFlight] ?? 0),
    delayed: Number(told[names.delayed] ?? 0),
  };
}

/** The queue's name, which is also the last part of its ARN. */
export function nameOf(urlOrArn: string): string {
  return urlOrArn.split(/[/:]/).at(-1) ?? urlOrArn;
}
