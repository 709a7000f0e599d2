import { type Counted, countCosts } from '../support/aws/cost-counts.ts';
import type { Counts } from '../support/aws/counting.ts';
import { noDynamoDb } from '../support/aws/dynamodb.ts';
import type { Table } from './table.ts';

/** List prices of us-east-1 without free tiers, in dollars per million (logs: per gigabyte). */
const PRICE = {
  sqs: 0.4,
  writeUnit: 0.625,
  readUnit: 0.125,
  logGigabyte: 0.5,
  lambdaRequest: 0.2,
  /** Per million gigabyte-seconds, arm64. */
  lambdaGbs: 13.3334,
  httpApi: 1.0,
} as const;

interface Bill extends Counts {
  what: string;
  /** Per delivered record. */
  edge: number;
  invocations: number;
  gigabyteSeconds: number;
}

/**
 * The usual pattern, counted from its parts: HTTP API, one event a message, idempotency put and update, one more
 * write for the ids, one vendor call an event, about 3 KB of log. Durations are assumed: 12 ms to receive, 256 ms
 * (alone) or 31 ms (in tens) of 256 MB to deliver.
 */
const USUAL: readonly Bill[] = [
  {
    what: 'usual pattern, one message an invocation',
    edge: 1,
    sqsRequests: 3,
    writeUnits: 3,
    readUnits: 0.5,
    logBytes: 4_000,
    invocations: 2,
    gigabyteSeconds: 0.015 + 0.064,
  },
  {
    what: 'usual pattern, ten messages an invocation',
    edge: 1,
    sqsRequests: 1.2,
    writeUnits: 3,
    readUnits: 0.5,
    logBytes: 3_100,
    invocations: 1.1,
    gigabyteSeconds: 0.015 + 0.008,
  },
];

/** Dollars per million delivered records, from counted requests. */
export async function cost(): Promise<Table[]> {
  if (noDynamoDb) return [{ title: `cost on AWS: skipped, ${noDynamoDb}`, columns: [], rows: [] }];
  const bills = [...USUAL, ...(await countCosts()).map(billOf)];
  return [
    {
      title: 'Dollars per million delivered records on AWS',
      columns: ['how', 'edge', 'SQS', 'writes', 'reads', 'logs', 'Lambda', 'together'],
      rows: bills.map(rowOf),
      notes: [
        'SQS, DynamoDB and log of ours are counted in this run; durations of functions are assumed (512 MB: 10 ms to receive one, 1 s for a page of 100).',
        'List prices of us-east-1 without free tiers; check them before you publish anything.',
      ],
    },
  ];
}

/** How many invocations and how much time each pattern takes per record. */
function billOf({ what, perRecord }: Counted): Bill {
  const webhook = what === 'webhooks of one record' || what === 'trickle';
  const each = what === 'trickle' ? 1 : 0.01;
  return {
    what: `ours, ${what}`,
    ...perRecord,
    edge: 0,
    invocations: (webhook ? 1 : 0.01) + each,
    gigabyteSeconds: (webhook ? 0.25 * 0.01 : 0.5 * 0.01) + (what === 'trickle' ? 0.5 * 0.15 : 0.5 * 0.01),
  };
}

function rowOf(bill: Bill): (string | number)[] {
  const parts = [
    bill.edge * PRICE.httpApi,
    bill.sqsRequests * PRICE.sqs,
    bill.writeUnits * PRICE.writeUnit,
    bill.readUnits * PRICE.readUnit,
    (bill.logBytes / 1_000) * PRICE.logGigabyte,
    bill.invocations * PRICE.lambdaRequest + bill.gigabyteSeconds * PRICE.lambdaGbs,
  ];
  const together = parts.reduce((sum, part) => sum + part, 0);
  return [bill.what, ...[...parts, together].map((dollars) => dollars.toFixed(2))];
}
