import { desks } from '../../../functions/desks.ts';
import { flows } from '../../../functions/flows.ts';
import { services } from '../../../functions/services.ts';
import { httpClient } from '../http-client.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { type Host, openHost, type Trouble } from './host.ts';
import { type HostOptions, parseOptions } from './options.ts';
import { pagePost } from './page-post.ts';
import { startPager } from './pager.ts';
import { openScreen, type Screen } from './screen.ts';
import { apiPath } from './services.ts';
import { watchJobs } from './watch.ts';

/** `npm start`: runs until it is told to stop. Sets the process's exit code; 2 = it could not start. */
export async function start(argv: readonly string[]): Promise<void> {
  const options = parseOptions(argv, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
  if ('code' in options) {
    process.exitCode = options.code;
    return;
  }
  const screen = openScreen(process.stdout);
  try {
    const host = await open(options, readEnvironment(), screen);
    screen.say(`ready ${host.url}`);
    for (const { service, title, first } of desks)
      screen.say(
        `${title}: ${host.url}${apiPath({ name: service })}/docs; to begin: npm run intertie -- ${first}`,
      );
    stopOnSignal(host, screen);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

async function open(options: HostOptions, environment: Environment, screen: Screen): Promise<Host> {
  const trouble: Trouble = (where, error) => screen.say(`TROUBLE ${where}: ${words(error)}`);
  const host = await openHost({ ...options, flows, services, desks }, trouble);
  const { pagerUrl } = environment;
  const say = (text: string) => screen.say(text);
  const post = pagerUrl === undefined ? {} : { post: pagePost(httpClient({ maxSockets: 2 }), pagerUrl) };
  host.addJobs(watchJobs(host, screen, startPager({ say, ...post })));
  return host;
}

/** Once: finish what is in hand. Twice: end at once; nothing is lost either way. */
function stopOnSignal(host: Host, screen: Screen): void {
  let asked = false;
  const stop = (signal: NodeJS.Signals) => {
    if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
    asked = true;
    screen.progressEnds();
    screen.say('stopping: what is in hand is finished first; press Ctrl-C again to end at once');
    host.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${words(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
