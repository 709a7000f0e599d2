// node test/scenarios/kills.ts [--kills 25] [--patrons 20000] [--seed 1]
// Kills the whole laptop with SIGKILL at random moments of a backfill with live changes, and shows what is left.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FlowAuditSchema, SandboxStateSchema, StatusSchema } from '../../shared/operate/answers.ts';
import { dataDirectory, type Laptop, runIntertie, startLaptop, until } from '../support/laptop.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '25' },
    patrons: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
  },
});
const data = dataDirectory();
const random = seeded(Number(values.seed));
const begin = () =>
  startLaptop(data.dir, '--patrons', values.patrons, '--seed', values.seed, '--activity', 'on');

for (let kill = 1; kill <= Number(values.kills); kill += 1) {
  const laptop = await begin();
  await laptop.post('/sandbox/tessitura/_control', { act: 25 });
  await sleep(500 + random() * 5_500);
  const { queued, contacts } = await figures(laptop);
  await laptop.end('SIGKILL');
  console.log(`kill ${kill}: ${contacts} contacts, ${queued} messages queued`);
}

const laptop = await startLaptop(data.dir, '--patrons', values.patrons, '--seed', values.seed);
await laptop.post('/api/flows/ticketing-marketing/scan');
await until(
  'the backfill is finished and nothing is queued',
  async () => {
    const { queued, finished } = await figures(laptop);
    return finished && queued === 0;
  },
  6_000,
);
const audit = await runIntertie(laptop.url, 'audit', 'ticketing-marketing', '--json');
const { agree, differ, explained, repaired } = FlowAuditSchema.parse(JSON.parse(audit.out));
const { counters, records } = await laptop.get('/sandbox/hubspot/_control', SandboxStateSchema);
const { parked } = await figures(laptop);
const madeTwice = (counters.creates ?? 0) - (records.contact ?? 0) - (records['recycle bin'] ?? 0);
console.log({
  agree,
  differ,
  explained,
  repaired,
  parked,
  contacts: records.contact,
  duplicates: counters.duplicates,
  madeTwice,
});
await laptop.end('SIGTERM');
data.remove();
process.exitCode = differ === 0 && parked === 0 && counters.duplicates === 0 && madeTwice === 0 ? 0 : 1;

async function figures(
  of: Laptop,
): Promise<{ queued: number; contacts: number; parked: number; finished: boolean }> {
  const [flow] = (await of.get('/api/status', StatusSchema)).flows;
  const { records: held } = await of.get('/sandbox/hubspot/_control', SandboxStateSchema);
  const lanes = flow?.lanes ?? [];
  return {
    queued: lanes.reduce((sum, lane) => sum + lane.visible + lane.inFlight + lane.delayed, 0),
    contacts: held.contact ?? 0,
    parked: flow?.parked ?? 0,
    finished: flow?.collections.every((each) => each.backfill?.finishedAt !== undefined) ?? false,
  };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
