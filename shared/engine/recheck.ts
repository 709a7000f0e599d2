import { freshHint, pack } from './change-event.ts';
import type { Engine } from './engine.ts';
import type { Flow } from './flow.ts';

const AT_MOST = 1_000;

/** Rings the records whose outcome time alone has changed by now; resolves with their number. */
export async function ringRechecks(engine: Engine, flow: Flow): Promise<number> {
  const now = engine.ports.clock.now();
  const due = await engine.ports.links.due(flow.name, now, AT_MOST);
  const trace = engine.ports.random.token();
  for (const { name } of flow.collections) {
    const hints = due
      .filter((link) => link.key.collection === name)
      .map((link) => freshHint(link.key.id, now));
    const events = pack({ flow: flow.name, collection: name, cause: 'recheck', trace }, hints);
    if (events.length > 0)
      await engine.ports.queue.send(events.map((event) => ({ lane: 'bulk', event, delay: 0 })));
  }
  return due.length;
}
