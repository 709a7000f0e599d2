import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNT, type Emulator, REGION, startEmulator } from './emulator.ts';
import { payAndRefund } from './payments.ts';
import {
  alarmPages,
  auditAgrees,
  backfill,
  connect,
  deployInFlight,
  destroy,
  keeperTidies,
  poison,
  replayHeals,
  scanMovesAChange,
  webhookReaches,
} from './story.ts';
import { Told } from './told.ts';
import { cdk, contacts, operatorEngine, quiet, startVendors, type World } from './world.ts';

// The whole life of a stage: the real stacks in an emulated account, with sandboxes for vendors.
const told = new Told();
const folder = mkdtempSync(join(tmpdir(), 'intertie-deploy-'));
let world: World | undefined;
let emulator: Emulator | undefined;

try {
  emulator = await told.step('the emulator starts', () => startEmulator(folder));
  const vendors = await told.step('the sandboxes start', () => startVendors(join(folder, 'sandboxes')));
  world = { emulator, ...vendors };
  await live(world);
} catch (error) {
  process.exitCode = 1;
  if (told.failed === 0) process.stdout.write(`${error instanceof Error ? error.stack : String(error)}\n`);
} finally {
  await Promise.all([world?.tessitura.stop(), world?.hubspot.stop(), world?.stripe.stop()]);
  emulator?.stop();
  if (process.exitCode === undefined) rmSync(folder, { recursive: true, force: true });
  else process.stdout.write(`the emulator's log is in ${folder}\n`);
  told.end();
}

async function live(here: World): Promise<void> {
  await told.step('cdk bootstrap', () => cdk(['bootstrap', `aws://${ACCOUNT}/${REGION}`]));
  await told.step('cdk deploy --all', () => cdk(['deploy', '--all', '--require-approval', 'never']));
  await told.step('intertie connect puts credentials into the empty secrets', () => connect(here));
  await told.step('a payment and a refund go through the deployed hub, each once', () => payAndRefund(here));
  const engine = operatorEngine(here);
  await told.step('a backfill brings everybody over, by the deployed functions', () =>
    backfill(here, engine),
  );
  const free = [...(await contacts(here))].filter(
    ([, row]) =>
      row.email && row.tessitura_email_permission !== 'denied' && row.tessitura_status === 'active',
  );
  const [first, second, third, ...others] = free.map(([id]) => id);
  if (first === undefined || second === undefined || third === undefined) throw new Error('too few patrons');
  await told.step('a change at the source is a change at the target', () => scanMovesAChange(here, first));
  await told.step('a poisoned record reaches the dead-letter queue with its reason', () =>
    poison(here, second),
  );
  await told.step('its alarm pages, with the command that replays', () => alarmPages(here));
  await told.step('intertie replay heals it', () => replayHeals(here, engine, second));
  await told.step('a second version is deployed over messages in flight, and none is lost', () =>
    deployInFlight(here, engine, others.slice(0, 10)),
  );
  await told.step('a signed webhook of the target changes the source, an unsigned one gets 401', () =>
    webhookReaches(here, third),
  );
  await told.step('the keeper takes the healed letter away', () => keeperTidies(here, engine));
  await told.step('the deployed audit finds both sides agreeing', () => auditAgrees(here, engine));
  await told.step('destroy leaves the state table and the secrets, and nothing else', async () => {
    // A worker that is still at work would make its log group again.
    await quiet(engine);
    const left = await destroy(here);
    const kept = [
      'dynamodb intertie-dev-state',
      'secretsmanager intertie/dev/hubspot/main',
      'secretsmanager intertie/dev/paypal/main',
      'secretsmanager intertie/dev/square/main',
      'secretsmanager intertie/dev/stripe/main',
      'secretsmanager intertie/dev/tessitura/main',
    ];
    if (left.join('\n') !== kept.join('\n')) throw new Error(`left:\n    ${left.join('\n    ')}`);
  });
}
