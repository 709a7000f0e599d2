// Sends messages and settles links as fast as it can, and prints each one only after its promise resolved.
import { links } from '../../../shared/hosts/embedded/links.ts';
import { queue } from '../../../shared/hosts/embedded/queue.ts';
import { openStore } from '../../../shared/hosts/embedded/store.ts';
import { body, event, key, LIVE, T0 } from '../contract/host.ts';

const [dir = '', round = ''] = process.argv.slice(2);
const store = openStore({ dir, now: () => T0 });
const queued = queue(store);
const linked = links(store);
let count = 0;

/** One whole line in one write: a kill cannot tear it. */
const print = (line: string) => process.stdout.write(`${line}\n`);

async function sendAndSettle(): Promise<never> {
  for (;;) {
    count += 1;
    const id = `${round}-${count}`;
    await queued.send([{ lane: 'live', event: event(LIVE, { trace: id }), delay: 0 }]);
    print(`sent ${id}`);
    await linked.claim([{ key: key(id), token: id, until: T0 + 60_000 }], T0);
    print(`claimed ${id}`);
    const settlement = {
      key: key(id),
      token: id,
      body: body({ targetId: id }),
      lease: 'release' as const,
      rung: [],
    };
    await linked.settle([settlement]);
    print(`settled ${id}`);
  }
}

await Promise.all(Array.from({ length: 8 }, sendAndSettle));
