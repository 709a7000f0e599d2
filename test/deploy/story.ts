import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { auditReport } from '../../shared/engine/audit.ts';
import { backfillProgress, startBackfill } from '../../shared/engine/backfill.ts';
import type { Engine } from '../../shared/engine/engine.ts';
import { lanesOf } from '../../shared/engine/flow.ts';
import { stageNames } from '../../shared/hosts/aws/names.ts';
import { ACCOUNT, REGION } from './emulator.ts';
import { until } from './told.ts';
import {
  COMES_BACK,
  callUrl,
  cdk,
  contactOf,
  contacts,
  edit,
  FLOW,
  flow,
  intertie,
  invoke,
  names,
  patronOf,
  queueUrl,
  quiet,
  STAGE,
  type World,
} from './world.ts';

const COLLECTION = 'patron';

/** The sandboxes' own credentials and addresses go into the empty secrets, once they are known to be good. */
export async function connect(world: World): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'intertie-secrets-'));
  for (const vendor of [world.tessitura, world.hubspot, world.stripe]) {
    const { secret } = await vendor.state();
    const file = join(folder, `${vendor.vendor}.json`);
    writeFileSync(file, JSON.stringify(secret));
    await intertie(['connect', vendor.vendor, '--file', file]);
  }
  rmSync(folder, { recursive: true });
}

export async function backfill(world: World, engine: Engine): Promise<number> {
  await startBackfill(engine, flow, COLLECTION);
  await until('the deployed scan function has listed everybody', 60, async () => {
    await invoke(world, names.handler('scan'), { errand: 'tick' });
    return (await backfillProgress(engine, flow, COLLECTION))?.finishedAt;
  });
  await quiet(engine);
  return (await contacts(world)).size;
}

export async function scanMovesAChange(world: World, id: string): Promise<void> {
  await edit(world, id, { FirstName: 'Grace' });
  await until('the contact has the new name', 60, async () => {
    await invoke(world, names.handler('scan'), { errand: 'scan' });
    return (await contactOf(world, id))?.firstname === 'Grace';
  });
}

/** Returns the reason that lies in the dead-letter queue. */
export async function poison(world: World, id: string): Promise<string> {
  await edit(world, id, { Email: 'not an address' });
  let letter: z.infer<typeof Letter> | undefined;
  await until('a letter lies in the dead-letter queue', 60, async () => {
    await invoke(world, names.handler('scan'), { errand: 'scan' });
    letter = await peekLetter(world);
    return letter;
  });
  if (letter?.id !== id) throw new Error(`the letter is about ${letter?.id}, not ${id}`);
  if (!/e-mail/.test(letter.reason)) throw new Error(`the reason does not name the field: ${letter.reason}`);
  return letter.reason;
}

const Letter = z.object({ collection: z.string(), id: z.string(), reason: z.string() });

async function peekLetter(world: World): Promise<z.infer<typeof Letter> | undefined> {
  const { Messages: [message] = [] } = await new SQSClient({}).send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl(world, names.deadLetters), VisibilityTimeout: 0 }),
  );
  return message?.Body === undefined ? undefined : Letter.parse(JSON.parse(message.Body));
}

const Alarms = z.object({
  MetricAlarms: z.array(
    z.object({
      AlarmName: z.string(),
      AlarmDescription: z.string(),
      AlarmActions: z.array(z.string()),
      MetricName: z.string(),
      Namespace: z.string(),
      Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
    }),
  ),
});

/** Puts the figure that AWS itself would publish, and reads what reaches the people who are paged. */
export async function alarmPages(world: World): Promise<void> {
  const { call } = world.emulator;
  const name = names.alarm('dead-letters');
  const topic = `arn:aws:sns:${REGION}:${ACCOUNT}:${stageNames(STAGE).topic('integration-on-call')}`;
  const [alarm] = Alarms.parse(
    await call('cloudwatch', 'describe_alarms', { AlarmNames: [name] }),
  ).MetricAlarms;
  if (!alarm?.AlarmActions.includes(topic)) throw new Error(`${name} does not act on ${topic}`);
  const replayed = `npm run intertie -- replay ${FLOW} --all --stage ${STAGE}`;
  if (!alarm.AlarmDescription.includes(replayed)) throw new Error(`its text lacks "${replayed}"`);
  if (alarm.Dimensions[0]?.Value !== names.deadLetters) throw new Error('it looks at another queue');
  await call('sqs', 'create_queue', { QueueName: 'somebody' });
  const Endpoint = `arn:aws:sqs:${REGION}:${ACCOUNT}:somebody`;
  await call('sns', 'subscribe', { TopicArn: topic, Protocol: 'sqs', Endpoint });
  const { Namespace, MetricName, Dimensions } = alarm;
  await call('cloudwatch', 'put_metric_data', {
    Namespace,
    MetricData: [{ MetricName, Dimensions, Value: 1 }],
  });
  const sqs = new SQSClient({});
  await until('the page arrives', 90, async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl(world, 'somebody'), WaitTimeSeconds: 1 }),
    );
    return Messages.some((message) => message.Body?.includes(name));
  });
  await call('sqs', 'delete_queue', { QueueUrl: queueUrl(world, 'somebody') });
}

export async function replayHeals(world: World, engine: Engine, id: string): Promise<void> {
  await edit(world, id, { Email: `mended.${id}@sandbox.test`, FirstName: 'Mended' });
  const said = await intertie(['replay', FLOW, '--all']);
  if (!said.includes(`patron/${id}`)) throw new Error(`the replay says:\n${said}`);
  await until('the contact is mended', 60, async () => (await contactOf(world, id))?.firstname === 'Mended');
  const { count } = await engine.ports.links.parkedCount(FLOW);
  if (count !== 0) throw new Error(`${count} links are still parked`);
}

/** A letter is left alone for a minute, then the keeper takes it away. */
export async function keeperTidies(world: World, engine: Engine): Promise<void> {
  await until('the dead-letter queue is empty', 150, async () => {
    await invoke(world, names.handler('keep'), { errand: 'keep' });
    return (await engine.ports.deadLetters.depth(FLOW)) === 0;
  });
}

/** Of a message whose worker was ended, in seconds: just longer than a worker lives. */
const SOONER = '75';

/** The emulator ends workers when their code is replaced: nobody needs to wait for as long as a real queue would. */
async function comeBackSooner(world: World): Promise<void> {
  for (const lane of lanesOf(flow))
    await world.emulator.call('sqs', 'set_queue_attributes', {
      QueueUrl: queueUrl(world, names.queue(lane)),
      Attributes: { VisibilityTimeout: SOONER },
    });
}

/** Changes go on arriving while the next version is deployed; few enough for the guard against mass changes. */
export async function deployInFlight(world: World, engine: Engine, ids: readonly string[]): Promise<void> {
  await comeBackSooner(world);
  let deployed = false;
  const deploying = cdk([...NEXT, 'deploy', '--all', '--require-approval', 'never']).finally(() => {
    deployed = true;
  });
  // Awaited below; if the story ends before, its failure is not news.
  deploying.catch(() => undefined);
  const expected = new Map<string, string>();
  for (let round = 0; !deployed || round < 3; round += 1) {
    for (const id of ids) {
      await edit(world, id, { FirstName: `Round${round}` });
      expected.set(id, `Round${round}`);
    }
    // The deployment may end the run's worker; Scheduler, whose part we play, starts the next one anyway.
    await invoke(world, names.handler('scan'), { errand: 'scan' }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await deploying;
  // The emulator ends a worker that is at work when its code is replaced, as AWS does not: its messages and
  // the leases of its records come back when their time has passed.
  await until('every change has arrived', COMES_BACK, async () => {
    await invoke(world, names.handler('scan'), { errand: 'scan' });
    const wrong = await Promise.all(
      [...expected].map(async ([id, name]) => (await contactOf(world, id))?.firstname !== name),
    );
    return !wrong.includes(true);
  });
  await quiet(engine);
}

const NEXT = ['--app', 'node test/deploy/app.ts', '--output', 'node_modules/.cache/intertie/next.out'];

export async function auditAgrees(world: World, engine: Engine): Promise<number> {
  await invoke(world, names.handler('audit'), { errand: 'start-audit' });
  await until('the audit has ended', 120, async () => {
    await invoke(world, names.handler('audit'), { errand: 'continue-audit' });
    return (await auditReport(engine, flow, COLLECTION))?.finishedAt;
  });
  const report = await auditReport(engine, flow, COLLECTION);
  if (!report || report.differ > 0 || report.agree < 100) throw new Error(JSON.stringify(report));
  return report.agree;
}

const Outputs = z.object({
  Stacks: z.array(
    z.object({ Outputs: z.array(z.object({ OutputKey: z.string(), OutputValue: z.string() })) }),
  ),
});

/** Somebody unsubscribes in HubSpot; its webhook, signed as HubSpot signs, brings that to the box office. */
export async function webhookReaches(world: World, id: string): Promise<void> {
  const url = await webhookUrl(world);
  const contact = await contactOf(world, id);
  const { secret } = await world.hubspot.state();
  const { webhookSecrets, portalId } = Secret.parse(secret);
  const body = JSON.stringify([
    {
      eventId: 1,
      subscriptionType: 'contact.propertyChange',
      portalId,
      objectId: Number(contact?.id),
      propertyName: 'hs_email_optout',
      propertyValue: 'true',
      occurredAt: Date.now(),
    },
  ]);
  const signed = (key: string) => {
    const timestamp = String(Date.now());
    const signature = createHmac('sha256', key).update(`POST${url}${body}${timestamp}`).digest('base64');
    return { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': timestamp };
  };
  const email = String(contact?.email);
  await world.hubspot.control({
    edit: { record: 'subscription', id: email, set: { all: 'UNSUBSCRIBED' }, by: 'person' },
  });
  for (const headers of [{}, signed('a guess')]) {
    const { status: refused } = await callUrl(world, url, { headers, body });
    if (refused !== 401) throw new Error(`a webhook that HubSpot did not sign got ${refused}`);
  }
  const { status: accepted } = await callUrl(world, url, {
    headers: signed(webhookSecrets[0] ?? ''),
    body,
  });
  if (accepted < 200 || accepted > 299) throw new Error(`a signed webhook got ${accepted}`);
  await until('the box office may not mail them', 60, async () => {
    const { ElectronicAddresses: rows } = Emails.parse(await patronOf(world, id));
    return rows.some((row) => row.Address.trim().toLowerCase() === email && !row.AllowMarketing);
  });
}

const Secret = z.object({ webhookSecrets: z.array(z.string()).min(1), portalId: z.number() });
const Emails = z.object({
  ElectronicAddresses: z.array(z.object({ Address: z.string(), AllowMarketing: z.boolean() })),
});

async function webhookUrl(world: World): Promise<string> {
  return outputOf(world, names.stack, 'Webhook');
}

/** What a stack tells of itself, by how its name begins. */
export async function outputOf({ emulator }: World, StackName: string, key: string): Promise<string> {
  const { Stacks } = Outputs.parse(await emulator.call('cloudformation', 'describe_stacks', { StackName }));
  const url = Stacks[0]?.Outputs.find((each) => each.OutputKey.startsWith(key))?.OutputValue;
  if (url === undefined) throw new Error(`the stack ${StackName} tells no ${key}`);
  return url;
}

/** What is left of the stage after `cdk destroy`, as `<kind> <name>`. */
export async function destroy(world: World): Promise<string[]> {
  await cdk([...NEXT, 'destroy', '--all', '--force']);
  const { call } = world.emulator;
  const listed = await Promise.all(
    LISTS.map(async ([service, operation, pattern]) => {
      const text = JSON.stringify(await call(service, operation));
      return [...new Set(text.match(pattern) ?? [])].map((name) => `${service} ${name}`);
    }),
  );
  return listed.flat().sort();
}

const LISTS: readonly [service: string, operation: string, pattern: RegExp][] = [
  ['lambda', 'list_functions', /intertie-dev[\w-]*/g],
  ['sqs', 'list_queues', /intertie-dev[\w-]*/g],
  ['sns', 'list_topics', /intertie-dev[\w-]*/g],
  ['scheduler', 'list_schedules', /intertie-dev[\w-]*/g],
  ['cloudwatch', 'describe_alarms', /intertie-dev[\w-]*/g],
  ['cloudwatch', 'list_dashboards', /intertie-dev[\w-]*/g],
  ['logs', 'describe_log_groups', /\/intertie\/dev[\w/-]*/g],
  ['iam', 'list_roles', /intertie-dev[\w-]*/g],
  ['dynamodb', 'list_tables', /intertie-dev[\w-]*/g],
  ['secretsmanager', 'list_secrets', /intertie\/dev\/\w+\/\w+/g],
];
