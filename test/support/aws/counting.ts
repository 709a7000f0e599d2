import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';

/** A request is paid once per started 64 KB of what it carries. */
const PAID_CHUNK = 64 * 1024;

export interface Counts {
  /** As they are paid. */
  sqsRequests: number;
  writeUnits: number;
  readUnits: number;
  logBytes: number;
}

export function noCounts(): Counts {
  return { sqsRequests: 0, writeUnits: 0, readUnits: 0, logBytes: 0 };
}

/** Counts what SQS would put on the bill. */
export function countSqs(client: SQSClient, counts: () => Counts): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const bytes = Math.max(carried(args.input), carried(result.output));
      counts().sqsRequests += Math.max(1, Math.ceil(bytes / PAID_CHUNK));
      return result;
    },
    { step: 'initialize', name: 'countSqs' },
  );
}

/** Asks DynamoDB itself for the units that it would put on the bill. */
export function countDynamo(client: DynamoDBClient, counts: () => Counts): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const told = { ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' as const } };
        const writes = /^(Update|Put|Delete|BatchWrite|TransactWrite)/.test(commandName ?? '');
        try {
          const result = await next(told as typeof args);
          const units = unitsOf((result.output as { ConsumedCapacity?: unknown }).ConsumedCapacity);
          if (writes) counts().writeUnits += units;
          else counts().readUnits += units;
          return result;
        } catch (error) {
          // A condition that failed is paid like a write of the item as it is.
          if (writes && (error as Error).name === 'ConditionalCheckFailedException') counts().writeUnits += 1;
          throw error;
        }
      },
    { step: 'initialize', name: 'countDynamo' },
  );
}

function unitsOf(told: unknown): number {
  if (Array.isArray(told)) return told.reduce((sum: number, each) => sum + unitsOf(each), 0);
  return (told as { CapacityUnits?: number } | undefined)?.CapacityUnits ?? 0;
}

interface Carrier {
  Entries?: { MessageBody?: string }[];
  Messages?: { Body?: string }[];
}

function carried(message: object): number {
  const { Entries = [], Messages = [] } = message as Carrier;
  const texts = [...Entries.map((each) => each.MessageBody), ...Messages.map((each) => each.Body)];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
}
