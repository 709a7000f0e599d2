import { announce } from './announce.ts';
import { freshHint } from './change-event.ts';
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
    const envelope = { flow: flow.name, collection: name, cause: 'recheck', trace } as const;
    if (hints.length > 0) await announce(engine.ports, 'bulk', envelope, hints);
  }
  return due.length;
}
