import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { FiledDocuments } from '../../engine/filing.ts';
import type { Ports } from '../../engine/ports.ts';
import { clock, random } from '../clock.ts';
import { httpClient } from '../http-client.ts';
import { CLIENT_OPTIONS } from './client-options.ts';
import { deadLetters } from './dead-letters.ts';
import { documents } from './documents.ts';
import { renewing } from './host.ts';
import { links } from './links.ts';
import { flowNames, stageNames } from './names.ts';
import { queue } from './queue.ts';
import { secrets } from './secrets.ts';
import { sendAll } from './sqs.ts';

export interface OperatorOptions {
  stage: string;
  /** A profile of the operator's AWS configuration; without one, whatever the SDK finds. */
  profile: string | undefined;
}

/** Ports of every flow and service of a stage. */
export interface OperatorPorts extends Ports {
  documents: FiledDocuments;
  /** Puts an event on the queue of a service's events. */
  publish(service: string, event: unknown): Promise<void>;
}

/** All flows of a stage, with the operator's own credentials; queues are found by their names. */
export function operatorPorts({ stage, profile }: OperatorOptions): OperatorPorts {
  const options = { ...CLIENT_OPTIONS, maxAttempts: 3, ...(profile !== undefined && { profile }) };
  const names = stageNames(stage);
  const store = { client: new DynamoDBClient(options), table: names.table, clock, random };
  const sqs = { client: new SQSClient({ ...options, useQueueUrlAsEndpoint: false }), clock, random };
  const vault = secrets({ client: new SecretsManagerClient(options), clock, prefix: names.secretPrefix });
  const urls = new Map<string, Promise<string>>();
  const urlOf = (name: string): Promise<string> => {
    const known = urls.get(name) ?? findQueue(sqs.client, name);
    urls.set(name, known);
    return known;
  };
  return {
    clock,
    random,
    links: links(store),
    documents: renewing(documents(store), vault),
    queue: queue(sqs, ({ flow, lane }) => urlOf(flowNames(stage, flow).queue(lane))),
    deadLetters: deadLetters(sqs, (flow) => urlOf(flowNames(stage, flow).deadLetters)),
    secrets: vault,
    // What an operator does stays on the link's own history; the functions' logs are theirs alone.
    trail: { write: () => undefined },
    meter: { count: () => undefined, gauge: () => undefined },
    http: httpClient({ maxSockets: 10 }),
    publish: async (service, event) =>
      sendAll(sqs, await urlOf(flowNames(stage, service).events), [
        { body: JSON.stringify(event), delay: 0 },
      ]),
  };
}

async function findQueue(client: SQSClient, name: string): Promise<string> {
  const { QueueUrl: url } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
  if (url === undefined) throw new Error(`queue ${name} has no address`);
  return url;
}
