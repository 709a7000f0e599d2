import type { FlowDefinition } from '../../engine/flow.ts';
import type { ServiceDefinition } from '../../engine/service.ts';

/**
 * The functions of a flow: exports of `functions/<flow>/handlers.ts`, each bundled alone, so that it carries
 * only what it uses. `receive` exists for flows with webhooks.
 */
export const HANDLERS = ['receive', 'reconcile', 'scan', 'audit', 'keep'] as const;
export type HandlerName = (typeof HANDLERS)[number];

/** The functions of a service, in the same way: its address, its queue, its timers. */
export const SERVICE_HANDLERS = ['api', 'work', 'timer'] as const;
export type ServiceHandlerName = (typeof SERVICE_HANDLERS)[number];

/** What EventBridge Scheduler hands to a function. */
export type Errand =
  /** Ask the source what changed. */
  | { errand: 'scan' }
  /** Go on with a backfill, and ring what is due. */
  | { errand: 'tick' }
  | { errand: 'start-audit' }
  | { errand: 'continue-audit' }
  /** Held accounts, ages, depths: what alarms look at. */
  | { errand: 'health' }
  /** Dead letters whose record has healed. A letter that is looked at is out of sight for a minute. */
  | { errand: 'keep' };

export interface Schedule<H extends string = HandlerName> {
  /** Unique within the flow. */
  name: string;
  handler: H;
  when: { everyMinutes: number } | { dailyAt: string; timeZone: string };
  input: Errand | { timer: string };
}

/** Everything that time starts, from the flow's own answers. */
export function schedulesOf({ howOften }: FlowDefinition): Schedule[] {
  const everyMinute = { everyMinutes: 1 };
  return [
    {
      name: 'scan',
      handler: 'scan',
      when: { everyMinutes: howOften.scanEveryMinutes },
      input: { errand: 'scan' },
    },
    { name: 'tick', handler: 'scan', when: everyMinute, input: { errand: 'tick' } },
    { name: 'audit', handler: 'audit', when: howOften.audit, input: { errand: 'start-audit' } },
    { name: 'audit-on', handler: 'audit', when: everyMinute, input: { errand: 'continue-audit' } },
    { name: 'health', handler: 'keep', when: everyMinute, input: { errand: 'health' } },
    { name: 'keep', handler: 'keep', when: { everyMinutes: 5 }, input: { errand: 'keep' } },
  ];
}

/** The timers of a service. */
export function timersOf({ howOften }: ServiceDefinition): Schedule<ServiceHandlerName>[] {
  return howOften.timers.map(({ name, when }) => ({ name, handler: 'timer', when, input: { timer: name } }));
}
