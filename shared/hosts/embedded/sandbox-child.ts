// One vendor's sandbox in a process of its own: the vendor's protocol on one port, its control on another.
import { realSleep, type Sandbox } from '../../connectors/sandbox.ts';
import { listen } from './listen.ts';
import { applyControl, type ControlCommand, controlApp } from './sandbox-control.ts';
import { type Journal, openJournal, replayJournal } from './sandbox-journal.ts';
import { loadSandbox } from './sandbox-load.ts';
import { ChildAimSchema, type ChildOptions, ChildOptionsSchema } from './sandbox-ready.ts';
import { journaledFetch } from './sandbox-recorder.ts';
import { sendWebhooks } from './sandbox-sender.ts';

/** Between two ordinary changes of `--activity on`. */
const ACT_EVERY = 4_000;

// Ctrl-C reaches the whole group of processes; the host still needs its vendors to finish what is in hand.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));

try {
  await serve(ChildOptionsSchema.parse(JSON.parse(process.argv[2] ?? '')));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function serve(options: ChildOptions): Promise<void> {
  const { vendor, seed, size } = options;
  const journal = openJournal(options.journal, { vendor, seed, size });
  const { sandbox } = await restored(options, journal);
  const apply = (command: ControlCommand) => {
    try {
      return applyControl(sandbox, command);
    } finally {
      // Also when it was refused half-way: what came before the refusal has happened.
      journal.append({ at: Date.now(), control: command });
    }
  };
  const fetch = journaledFetch(sandbox, journal);
  const { latency } = options;
  const late = async (request: Request, env?: unknown) => {
    if (latency) await realSleep(latency);
    return fetch(request, env);
  };
  const { port } = await listen({ fetch: late }, 0);
  const control = controlApp(sandbox, { baseUrl: `http://127.0.0.1:${port}`, apply });
  const { port: controlPort } = await listen(control, 0);
  const { webhooks } = sandbox;
  if (webhooks) {
    process.on('message', (message) => webhooks.aim(ChildAimSchema.parse(message).webhooks));
    sendWebhooks(webhooks);
  }
  if (options.activity) setInterval(() => apply({ act: 1 }), ACT_EVERY).unref();
  process.send?.({ title: sandbox.state('').title, port, controlPort });
}

async function restored(options: ChildOptions, journal: Journal): Promise<{ sandbox: Sandbox }> {
  let then: number | undefined;
  const { vendor, seed, size, rateScale } = options;
  const scale =
    rateScale === undefined ? {} : { rateScale: rateScale === 0 ? Number.POSITIVE_INFINITY : rateScale };
  const sandbox = await loadSandbox(vendor, {
    ...{ seed, size, ...scale },
    now: () => then ?? Date.now(),
    // What has happened already happens at once.
    sleep: (ms) => (then === undefined ? realSleep(ms) : Promise.resolve()),
  });
  await replayJournal(sandbox, journal.past, (at) => {
    then = at;
  });
  then = undefined;
  return { sandbox };
}
