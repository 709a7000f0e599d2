import { parseChangeEvent } from './change-event.ts';
import { type Alert, alert, type Finding } from './health.ts';
import type { Millis, Ports } from './ports.ts';
import type { ServiceDefinition } from './service.ts';

/** What is known of a service right now; the rules read only this. */
export interface ServiceHealth {
  at: Millis;
  deadLetters: number;
  /** When the oldest message that is due was due. */
  oldestDue: Millis | undefined;
  /** What it last told, by the gauge's name. */
  gauges: ReadonlyMap<string, number>;
}

/** The rules, from the service's own answers. Pure. */
export function serviceAlerts(service: ServiceDefinition, health: ServiceHealth): Alert[] {
  const { at, deadLetters, oldestDue = at } = health;
  const limit = service.expects.oldestMinutes * 60_000;
  const found: Finding[] = service.gauges
    .filter(({ name, above }) => (health.gauges.get(name) ?? 0) > above)
    .map(({ name, says, first }) => ({ rule: name, title: says, command: command(first), since: at }));
  if (deadLetters > 0)
    found.push({
      rule: 'dead-letters',
      title: `${deadLetters} in the dead-letter queue: ${service.whenItBreaks.parks}`,
      command: command(`replay ${service.name} --all`),
      since: at,
    });
  if (at - oldestDue > limit)
    found.push({
      rule: 'oldest',
      title: 'a message has long been due, and nothing works it off',
      command: command('status'),
      since: oldestDue + limit,
    });
  return found.map((finding) => alert(service, finding));
}

function command(first: string): string {
  return `npm run intertie -- ${first}`;
}

/** Sends the dead letters of a service again; resolves with how many. What nobody can read stays where it is. */
export async function redrive(
  { deadLetters, queue }: Pick<Ports, 'deadLetters' | 'queue'>,
  service: string,
): Promise<number> {
  let sent = 0;
  for (;;) {
    // Those that were looked at are out of sight for a minute.
    const letters = await deadLetters.look(service, 100);
    if (letters.length === 0) return sent;
    for (const { body, receipt } of letters) {
      const event = parseChangeEvent(body);
      if (event?.flow !== service) continue;
      await queue.send([{ lane: 'live', event, delay: 0 }]);
      await deadLetters.remove(service, [receipt]);
      sent += 1;
    }
  }
}
