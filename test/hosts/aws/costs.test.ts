import { beforeAll, describe, expect, test } from 'vitest';
import { type Counted, countCosts } from '../../support/aws/cost-counts.ts';
import { noDynamoDb } from '../../support/aws/dynamodb.ts';

describe.skipIf(noDynamoDb !== undefined)('what a delivered record costs on AWS', () => {
  let rows: Counted[] = [];
  beforeAll(async () => {
    rows = await countCosts();
    process.stdout.write(`${asText(rows)}\n`);
  });

  test('every record arrived', () => {
    expect(rows.map((row) => row.wrong)).toEqual([0, 0, 0, 0, 0]);
  });

  test.each([
    // Two writes of a record each, and a few of documents per batch; SQS: one request to send, 0.1 each to receive and delete.
    { what: 'page of 100, creates', sqs: 0.3, writes: 2.1, reads: 1 },
    { what: 'page of 100, updates', sqs: 0.3, writes: 2.1, reads: 1 },
    { what: 'webhooks of one record', sqs: 1.22, writes: 2.1, reads: 1 },
    { what: 'trickle', sqs: 3, writes: 4, reads: 3 },
    { what: 'backfill', sqs: 0.3, writes: 2.1, reads: 1 },
  ])('$what: at most $sqs requests, $writes write units, $reads read units, 400 bytes of log', (most) => {
    const { perRecord } = rows.find((row) => row.what === most.what) ?? {};
    expect(perRecord?.writeUnits).toBeGreaterThanOrEqual(2);
    expect(perRecord?.sqsRequests).toBeLessThanOrEqual(most.sqs);
    expect(perRecord?.writeUnits).toBeLessThanOrEqual(most.writes);
    expect(perRecord?.readUnits).toBeLessThanOrEqual(most.reads);
    expect(perRecord?.logBytes).toBeLessThanOrEqual(400);
  });
});

function asText(rows: readonly Counted[]): string {
  const names = ['sqsRequests', 'writeUnits', 'readUnits', 'logBytes'] as const;
  const head = 'per delivered record'.padEnd(26) + names.map((name) => name.padStart(12)).join('');
  const lines = rows.map(
    ({ what, perRecord }) =>
      what.padEnd(26) + names.map((name) => perRecord[name].toFixed(2).padStart(12)).join(''),
  );
  return [head, ...lines].join('\n');
}
