import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { flows } from '../../functions/flows.ts';
import { type Engine, openEngine } from '../../shared/engine/engine.ts';
import { lanesOf, visibilityTimeout } from '../../shared/engine/flow.ts';
import { openHost } from '../../shared/hosts/aws/host.ts';
import { flowNames, stageNames } from '../../shared/hosts/aws/names.ts';
import { type SandboxProcess, startSandbox } from '../../shared/hosts/embedded/sandboxes.ts';
import { ACCOUNT, type Emulator, REGION } from './emulator.ts';
import { ROOT, run } from './python.ts';
import { until } from './told.ts';

export const STAGE = 'dev';
export const FLOW = 'ticketing-marketing';
const PATRONS = 200;
export const names = flowNames(STAGE, FLOW);
export const flow = (() => {
  const found = flows.find((each) => each.name === FLOW);
  if (!found) throw new Error(`flow ${FLOW} is not in functions/flows.ts`);
  return found;
})();

export interface World {
  emulator: Emulator;
  tessitura: SandboxProcess;
  hubspot: SandboxProcess;
  stripe: SandboxProcess;
}

export async function startVendors(folder: string): Promise<Omit<World, 'emulator'>> {
  mkdirSync(folder, { recursive: true });
  const start = (vendor: string, size: number) =>
    startSandbox({
      vendor,
      seed: 7,
      size,
      activity: false,
      journal: join(folder, `${vendor}-${Date.now()}.jsonl`),
    });
  return {
    tessitura: await start('tessitura', PATRONS),
    hubspot: await start('hubspot', 0),
    stripe: await start('stripe', 0),
  };
}

/** The CDK command line, as an engineer types it, with the settings of cdk.json. */
export async function cdk(args: readonly string[]): Promise<void> {
  await run(join(ROOT, 'node_modules', '.bin', 'cdk'), [...args, '--no-notices', '--ci'], {
    env: { CDK_DEFAULT_ACCOUNT: ACCOUNT, CDK_DEFAULT_REGION: REGION },
  });
}

/** The operator's command line on the stage, with the credentials of this process; what it said. */
export async function intertie(args: readonly string[]): Promise<string> {
  const { out } = await run(process.execPath, ['shared/operate/cli.ts', ...args, '--stage', STAGE]);
  return out;
}

export function queueUrl({ emulator }: World, name: string): string {
  return `${emulator.url}/${ACCOUNT}/${name}`;
}

/** The engine on the deployed resources, as an operator's command opens it. */
export function operatorEngine(world: World): Engine {
  const host = openHost(
    FLOW,
    { info: () => undefined, warn: () => undefined },
    {
      environment: {
        stage: STAGE,
        flow: FLOW,
        table: stageNames(STAGE).table,
        queues: Object.fromEntries(lanesOf(flow).map((lane) => [lane, queueUrl(world, names.queue(lane))])),
        deadLetterQueue: queueUrl(world, names.deadLetters),
        secretPrefix: stageNames(STAGE).secretPrefix,
        deployment: 'operator',
        publicUrl: undefined,
        events: undefined,
      },
    },
  );
  return openEngine({ ports: host.ports, flows: [flow], deployment: 'operator' });
}

/** Starts a function as Scheduler does, and waits for it; throws what it threw. */
export async function invoke({ emulator }: World, name: string, input: object): Promise<void> {
  const answer = await fetch(`${emulator.url}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/lambda/aws4_request, SignedHeaders=host, Signature=x`,
    },
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  if (!answer.ok || answer.headers.has('x-amz-function-error'))
    throw new Error(`${name} failed: ${text.slice(0, 500)}`);
}

/** A call of a function URL: the emulator tells them apart by the name that was called. */
export function callUrl(
  { emulator }: World,
  url: string,
  options: { headers: Record<string, string>; body: string; method?: 'GET' | 'POST' },
): Promise<{ status: number; text: string }> {
  const { host, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        port: emulator.port,
        host: '127.0.0.1',
        method: options.method ?? 'POST',
        path: pathname,
        headers: { ...options.headers, host, 'content-length': Buffer.byteLength(options.body) },
      },
      (answer) => {
        answer.toArray().then((chunks) => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: answer.statusCode ?? 0, text });
        }, reject);
      },
    );
    call.once('error', reject);
    call.end(options.body);
  });
}

/** HubSpot's contact of a patron; undefined when there is none. */
export async function contactOf(
  { hubspot }: World,
  id: string,
): Promise<Record<string, unknown> | undefined> {
  const { record } = await hubspot.state({ record: 'contact', id: `tessitura_constituent_id:${id}` });
  return record ?? undefined;
}

/** Tessitura's constituent. */
export async function patronOf(
  { tessitura }: World,
  id: string,
): Promise<Record<string, unknown> | undefined> {
  const { record } = await tessitura.state({ record: 'constituent', id });
  return record ?? undefined;
}

/** All patrons who have a contact, by id. */
export async function contacts(world: World): Promise<Map<string, Record<string, unknown>>> {
  const found = new Map<string, Record<string, unknown>>();
  for (let id = 1; id <= PATRONS; id += 1) {
    const contact = await contactOf(world, String(id));
    if (contact) found.set(String(id), contact);
  }
  return found;
}

export async function edit({ tessitura }: World, id: string, set: Record<string, string>): Promise<void> {
  await tessitura.control({ edit: { record: 'constituent', id, set } });
}

/** Seconds after which a message comes back whose worker was ended in the middle of its work. */
export const COMES_BACK = visibilityTimeout(flow) / 1_000 + 60;

/** Nothing is on its way any more. */
export async function quiet(engine: Engine): Promise<void> {
  await until('the queues are empty', COMES_BACK, async () => {
    const lanes = await Promise.all(
      lanesOf(flow).map((lane) => engine.ports.queue.depth({ flow: FLOW, lane })),
    );
    return lanes.every(({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0);
  });
}
