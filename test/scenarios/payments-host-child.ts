// The payments service and its providers' sandboxes on the embedded host, and nothing else of `npm start`.
import { payments } from '../../functions/payments/service.ts';
import { openHost } from '../../shared/hosts/embedded/host.ts';

const LOOK_EVERY = 100;

const [data = '', latency = '0'] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

const host = await openHost(
  {
    ...{ port: 0, data, patrons: 1, activity: false, seed: 1, flows: [], services: [payments] },
    // Without their limits, so that the sandboxes are not what everything waits for.
    ...{ rateScale: 0, latency: Number(latency) },
  },
  (where, error) => say(`TROUBLE ${where}: ${error}`),
);
say(`ready ${host.url}`);

let last = '';
setInterval(async () => {
  const { visible, inFlight, delayed } = await host.ports.queue.depth({ flow: payments.name, lane: 'live' });
  const letters = await host.ports.deadLetters.depth(payments.name);
  const line = `queue ${visible} ${inFlight} ${delayed} ${letters}`;
  if (line !== last) say(line);
  last = line;
}, LOOK_EVERY);
