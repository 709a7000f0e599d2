import { afterAll, beforeAll, describe, test } from 'vitest';
import { type LocalCloud, startCloud } from '../../support/aws/cloud.ts';
import { noDynamoDb } from '../../support/aws/dynamodb.ts';
import { CONTRACT_FLOWS } from '../contract/host.ts';
import { describePorts } from '../contract.ts';

if (noDynamoDb) {
  process.stderr.write(`\nSKIPPED: the port contract of the AWS host: ${noDynamoDb}\n\n`);
  test.skip(`the AWS host keeps the port contract (${noDynamoDb})`);
} else {
  describe('on local SQS, DynamoDB and Secrets Manager', () => {
    let cloud: LocalCloud | undefined;
    beforeAll(async () => {
      cloud = await startCloud();
    });
    afterAll(() => cloud?.stop());
    describePorts(
      'the AWS host',
      async () => {
        const { ports } = await cloud!.open(CONTRACT_FLOWS);
        return {
          ports: ports(),
          advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
          restart: async () => ports(),
          close: async () => undefined,
        };
      },
      { movableClock: false, runs: 15 },
    );
  });
}
