import { backfillProgress } from '../../engine/backfill.ts';
import { alertsOf, gatherHealth } from '../../engine/health.ts';
import type { Host } from './host.ts';
import type { Pager } from './pager.ts';
import type { Screen } from './screen.ts';
import { alertsOfService } from './services.ts';
import type { Job } from './timers.ts';

/** What the person at the terminal is kept up to date with. */
export function watchJobs(host: Host, screen: Screen, pager: Pager): Job[] {
  let minutes = 0;
  const minute = async () => {
    minutes += 1;
    // A timed job also runs at once; there is nothing to say yet.
    if (minutes > 1) await sayMinute(host, screen);
  };
  return [
    { name: 'health', when: { everySeconds: 15 }, run: () => tellPager(host, pager) },
    { name: 'progress', when: { everySeconds: 1 }, run: () => showBackfill(host, screen) },
    { name: 'minute', when: { everySeconds: 60 }, run: minute },
  ];
}

async function tellPager(host: Host, pager: Pager): Promise<void> {
  const { engine, facts, services, ports } = host;
  const alerts = await Promise.all(
    engine.flows.map(async (flow) => alertsOf(flow, await gatherHealth(engine, flow, facts(flow)))),
  );
  const ofServices = await Promise.all(services.map((served) => alertsOfService(served, ports)));
  await pager.tell([...alerts, ...ofServices].flat(), engine.ports.clock.now());
}

const shown = new WeakSet<Screen>();

/** The bar of the first backfill: records that have been listed and are no longer queued. */
async function showBackfill({ engine, ports }: Host, screen: Screen): Promise<void> {
  for (const flow of engine.flows) {
    for (const { name, source } of flow.collections) {
      const progress = await backfillProgress(engine, flow, name);
      if (!progress || shown.has(screen)) continue;
      const pending = ports.queue.pending(flow.name, name);
      const finished = progress.finishedAt !== undefined;
      // Not every source tells how many there are; then the bar is about what it has listed so far.
      const total = finished ? progress.sent : (progress.total ?? progress.sent);
      const listing = !finished && progress.total === undefined;
      const title = `backfill of ${source.title}${listing ? ' (listing)' : ''}`;
      screen.progress(title, { done: Math.max(0, progress.sent - pending), total });
      if (!finished || pending > 0) return;
      shown.add(screen);
      screen.progressEnds();
      screen.say(`backfill of ${source.title} finished: ${progress.sent} records`);
    }
  }
}

async function sayMinute({ engine, ports, trail }: Host, screen: Screen): Promise<void> {
  const time = new Date(engine.ports.clock.now()).toISOString().slice(11, 16);
  for (const flow of engine.flows) {
    const counted = Object.entries(trail.counted(flow.name)).map(([outcome, count]) => `${outcome} ${count}`);
    const { count: parked } = await ports.links.parkedCount(flow.name);
    const outcomes = counted.length === 0 ? 'nothing yet' : counted.join(', ');
    screen.say(
      `${time} ${flow.name}: ${outcomes}; queued ${ports.queue.pending(flow.name)}, parked ${parked}`,
    );
  }
}
