import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { Ports, QueueRef } from '../../../shared/engine/ports.ts';
import { deadLetters } from '../../../shared/hosts/aws/dead-letters.ts';
import { documents } from '../../../shared/hosts/aws/documents.ts';
import { links } from '../../../shared/hosts/aws/links.ts';
import { queue } from '../../../shared/hosts/aws/queue.ts';
import { secrets } from '../../../shared/hosts/aws/secrets.ts';
import { clock, random } from '../../../shared/hosts/clock.ts';
import { LOCAL, type LocalDynamoDb, startDynamoDb } from './dynamodb.ts';
import { type FakeSecretsManager, startSecretsManager } from './secrets-manager.ts';

export type CloudPorts = Pick<Ports, 'links' | 'queue' | 'deadLetters' | 'secrets'> & {
  documents: FiledDocuments;
};

/** SQS, DynamoDB and Secrets Manager on this machine, with the clients that reach them. */
export interface LocalCloud {
  sqs: SQSClient;
  dynamo: DynamoDBClient;
  secretsManager: SecretsManagerClient;
  vault: FakeSecretsManager;
  queues: FauxqsServer;
  endpoints: { sqs: string; dynamo: string };
  /** Empty queues for these flows, an empty table, and the adapters on them. */
  open(flows: readonly string[]): Promise<Opened>;
  stop(): Promise<void>;
}

export interface Opened {
  table: string;
  /** Made anew, as after a restart. */
  ports(): CloudPorts;
  urlOf(ref: QueueRef): string;
  deadLetterUrlOf(flow: string): string;
}

/** With `tableName`, a state table of that name is there from the beginning. */
export async function startCloud({ tableName }: { tableName?: string } = {}): Promise<LocalCloud> {
  const [queues, db, vault] = await Promise.all([
    startFauxqs({ port: 0, host: '127.0.0.1', logger: false }),
    startDynamoDb(),
    startSecretsManager(),
  ]);
  const endpoint = `http://127.0.0.1:${queues.port}`;
  const sqs = new SQSClient({ ...LOCAL, endpoint, useQueueUrlAsEndpoint: false });
  if (tableName !== undefined) await db.table(tableName);
  const secretsManager = new SecretsManagerClient({ ...LOCAL, endpoint: vault.endpoint });
  const clients = { sqs, dynamo: db.client, secretsManager };
  let opened = 0;
  return {
    ...clients,
    vault,
    queues,
    endpoints: { sqs: endpoint, dynamo: db.endpoint },
    open: async (flows) => open({ ...clients, queues, db, number: ++opened }, flows),
    stop: async () => {
      for (const client of Object.values(clients)) client.destroy();
      await Promise.all([queues.stop(), db.stop(), vault.close()]);
    },
  };
}

interface Parts {
  sqs: SQSClient;
  dynamo: DynamoDBClient;
  secretsManager: SecretsManagerClient;
  queues: FauxqsServer;
  db: LocalDynamoDb;
  number: number;
}

async function open(parts: Parts, flows: readonly string[]): Promise<Opened> {
  const { sqs: client, dynamo, secretsManager, queues, db, number } = parts;
  const urls = new Map<string, string>();
  for (const flow of flows) {
    for (const kind of ['live', 'bulk', 'dead']) {
      const { queueUrl } = queues.createQueue(`n${number}-${flow}-${kind}`, { region: LOCAL.region });
      urls.set(`${flow}/${kind}`, queueUrl);
    }
  }
  const url = (flow: string, kind: string) => {
    const known = urls.get(`${flow}/${kind}`);
    if (known === undefined) throw new Error(`no queue ${flow}/${kind} in this test`);
    return known;
  };
  const table = await db.table();
  const store = { client: dynamo, table, clock, random };
  const sqs = { client, clock, random };
  const urlOf = ({ flow, lane }: QueueRef) => url(flow, lane);
  const deadLetterUrlOf = (flow: string) => url(flow, 'dead');
  return {
    table,
    urlOf,
    deadLetterUrlOf,
    ports: () => ({
      links: links(store),
      documents: documents(store),
      queue: queue(sqs, urlOf),
      deadLetters: deadLetters(sqs, deadLetterUrlOf),
      secrets: secrets({ client: secretsManager, clock, prefix: `n${number}/` }),
    }),
  };
}
