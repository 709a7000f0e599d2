import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../../shared/hosts/aws/table.ts';

const BINARY = fileURLToPath(new URL('../../../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url));

/** Undefined where it can run; else why not, for a skip that everybody sees. */
export const noDynamoDb: string | undefined = existsSync(BINARY)
  ? undefined
  : 'the DynamoDB emulator @dynoxide/linux-x64 is an optional dependency for Linux on x64 only';

export const LOCAL = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;

export interface LocalDynamoDb {
  endpoint: string;
  client: DynamoDBClient;
  /** A new, empty state table; resolves with its name. */
  table(name?: string): Promise<string>;
  stop(): Promise<void>;
}

/** A DynamoDB emulator in a process of its own, on a free port. */
export async function startDynamoDb(): Promise<LocalDynamoDb> {
  const port = await freePort();
  const child = spawn(BINARY, ['--port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({ ...LOCAL, endpoint });
  let tables = 0;
  return {
    endpoint,
    client,
    table: (name) => createTable(client, name ?? `state-${++tables}`),
    stop: () =>
      new Promise((resolve) => {
        client.destroy();
        child.once('exit', () => resolve());
        child.kill();
      }),
  };
}

async function createTable(client: DynamoDBClient, TableName: string): Promise<string> {
  const { partitionKey, sortKey, indexes, timeToLive } = TABLE;
  const keySchema = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keySchema(partitionKey, sortKey),
      AttributeDefinitions: [
        ...[partitionKey, sortKey].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
        ...Object.values(indexes).flatMap((index) => [
          { AttributeName: index.partitionKey, AttributeType: 'S' as const },
          { AttributeName: index.sortKey, AttributeType: 'N' as const },
        ]),
      ],
      GlobalSecondaryIndexes: Object.values(indexes).map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: 'KEYS_ONLY' as const },
      })),
    }),
  );
  const TimeToLiveSpecification = { AttributeName: timeToLive, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  return TableName;
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the DynamoDB emulator ended with ${code}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('listening')) resolve();
    });
  });
}

/** The emulator takes no port 0 and tells no other. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
