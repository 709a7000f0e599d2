import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { FiledDocuments } from '../../engine/filing.ts';
import type { Ports, QueueRef } from '../../engine/ports.ts';
import { clock, random } from '../clock.ts';
import { httpClient } from '../http-client.ts';
import { CLIENT_OPTIONS } from './client-options.ts';
import { deadLetters } from './dead-letters.ts';
import { documents } from './documents.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { links } from './links.ts';
import { type EmfMeter, emfMeter } from './meter.ts';
import { queue } from './queue.ts';
import { type AwsSecrets, secrets } from './secrets.ts';
import { sendAll } from './sqs.ts';
import { trail } from './trail.ts';

/** The ports of one function of one flow, and what its handler needs beside them. */
export interface Host {
  environment: Environment;
  ports: Ports & { documents: FiledDocuments };
  meter: EmfMeter;
  logger: LineLogger;
  /** Puts an event on the queue of a service's events. */
  publish(event: unknown): Promise<void>;
}

/** One JSON line each: what kind of line, and named values that are safe to log. */
export interface LineLogger {
  info(log: string, line: Record<string, unknown>): void;
  warn(log: string, line: Record<string, unknown>): void;
}

/** Sockets to each vendor and service. */
const MAX_SOCKETS = 50;

export function openHost(
  flow: string,
  logger: LineLogger,
  {
    environment = readEnvironment(),
    gauges = [],
  }: { environment?: Environment; gauges?: readonly string[] } = {},
): Host {
  checkFlow(flow, environment);
  const { stage, table, secretPrefix } = environment;
  const store = { client: new DynamoDBClient(CLIENT_OPTIONS), table, clock, random };
  const sqs = { client: new SQSClient(CLIENT_OPTIONS), clock, random };
  const meter = emfMeter({ stage, flow, clock, gauges, write: writeLine });
  const vault = secrets({ client: new SecretsManagerClient(CLIENT_OPTIONS), clock, prefix: secretPrefix });
  const ports = {
    clock,
    random,
    links: links(store),
    queue: queue(sqs, (ref) => laneUrl(environment, ref)),
    deadLetters: deadLetters(sqs, () => environment.deadLetterQueue),
    documents: renewing(documents(store), vault),
    secrets: vault,
    trail: trail(logger),
    meter,
    http: httpClient({ maxSockets: MAX_SOCKETS }),
  };
  const publish = (event: unknown) =>
    sendAll(sqs, eventsUrl(environment), [{ body: JSON.stringify(event), delay: 0 }]);
  return { environment, ports, meter, logger, publish };
}

/** Whoever has just won the right to renew an account's credentials must read them anew, not from a copy. */
export function renewing(under: FiledDocuments, vault: AwsSecrets): FiledDocuments {
  const lease = 'refresh/';
  return {
    get: (key) => under.get(key),
    put: async (key, value, revision, filed) => {
      const stored = await under.put(key, value, revision, filed);
      if (stored && key.startsWith(lease)) vault.forget(key.slice(lease.length));
      return stored;
    },
    listed: (list, limit, after) => under.listed(list, limit, after),
  };
}

function checkFlow(flow: string, environment: Environment): void {
  if (environment.flow !== flow)
    throw new Error(
      `this is the code of flow "${flow}", but INTERTIE_FLOW says "${environment.flow}"; deploy the flow's stack again`,
    );
}

function eventsUrl({ events, flow }: Environment): string {
  if (events !== undefined) return events;
  throw new Error(`${flow} has no queue for events: INTERTIE_EVENTS_URL is not set; deploy its stack again`);
}

export function laneUrl({ queues }: Environment, { flow, lane }: QueueRef): string {
  const url = queues[lane];
  if (url !== undefined) return url;
  throw new Error(
    `flow ${flow} has no queue for the lane "${lane}": INTERTIE_QUEUES names ${Object.keys(queues)}`,
  );
}

/** One line of standard output is one line of the function's log. */
export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
