import type { FlowDefinition } from '../../shared/engine/flow.ts';
import type { MetricKey } from '../../shared/hosts/aws/metrics.ts';
import { type FlowNames, flowNames } from '../../shared/hosts/aws/names.ts';
import type { HandlerName } from '../../shared/hosts/aws/schedules.ts';
import type { Stage } from '../stage.ts';

export interface AlarmRule {
  /** Last part of the alarm's name, which is the subject of the page. */
  name: string;
  metric:
    | { own: MetricKey }
    /** A service's own, by its name. */
    | { gauge: string }
    | { namespace: string; name: string; dimensions: Record<string, string>; statistic: 'Sum' | 'Maximum' };
  /** Length of the period that is looked at. */
  minutes: number;
  above: number;
  /** The metric never pauses while all is well, so its absence pages too. */
  silencePages?: boolean;
  /** What has happened, for the first line. */
  says: string;
  /** What to run first, and then; without `npm run intertie --` and the stage. */
  first: string;
  next?: string;
}

/** Pure; what pages for this flow. */
export function alarmRules(flow: FlowDefinition, stage: Stage): AlarmRule[] {
  const names = flowNames(stage.name, flow.name);
  return [...recordRules(flow, names), ...stateRules(flow), ...machineRules(flow, { names, stage })];
}

/** A record is not where it should be. */
function recordRules(flow: FlowDefinition, names: FlowNames): AlarmRule[] {
  const parked = { first: `parked ${flow.name}`, next: `replay ${flow.name} --all` };
  const limit = flow.expects.oldestMinutes;
  return [
    {
      name: 'dead-letters',
      metric: queueMetric(names.deadLetters, 'ApproximateNumberOfMessagesVisible'),
      // The keeper's look every five minutes hides the letters for one of them: a shorter period would flutter.
      minutes: 5,
      above: 0,
      says: 'records are parked in the dead-letter queue',
      ...parked,
    },
    {
      name: 'new-parkings',
      metric: { own: 'newParkings' },
      minutes: 5,
      above: 0,
      says: 'records were parked within the last 5 minutes',
      ...parked,
    },
    {
      name: 'oldest-unfinished',
      metric: { own: 'oldestUnfinished' },
      // A record that waits long is told of every 15 minutes, the longest delay of a queue.
      minutes: 20,
      above: limit * 60,
      says: `a record has been unfinished for over ${limit} minutes`,
      first: 'status',
    },
    ...urgentRules(flow, names),
    {
      name: 'live-message-age',
      metric: queueMetric(names.queue('live'), 'ApproximateAgeOfOldestMessage'),
      minutes: 5,
      above: limit * 60,
      says: `a message has waited for over ${limit} minutes in the queue of live changes: nothing works it off`,
      first: 'status',
    },
    {
      name: 'bulk-message-age',
      metric: queueMetric(names.queue('bulk'), 'ApproximateAgeOfOldestMessage'),
      minutes: 5,
      above: 24 * 3_600,
      says: 'a message of a backfill, a retry or an audit has waited for over a day',
      first: 'status',
    },
  ];
}

function urgentRules({ howOften }: FlowDefinition, names: FlowNames): AlarmRule[] {
  if (howOften.urgent === undefined) return [];
  return [
    {
      name: 'urgent-message-age',
      metric: queueMetric(names.queue('urgent'), 'ApproximateAgeOfOldestMessage'),
      minutes: 5,
      above: 300,
      says: `a message has waited for over 5 minutes in the queue of what cannot wait (${howOften.urgent})`,
      first: 'status',
    },
  ];
}

/** The flow cannot go on until somebody or something outside changes. */
function stateRules({ name, expects }: FlowDefinition): AlarmRule[] {
  return [
    {
      name: 'heartbeat',
      metric: { own: 'heartbeatAge' },
      minutes: 5,
      above: expects.heartbeatMinutes * 60,
      silencePages: true,
      says: `no scan has finished for over ${expects.heartbeatMinutes} minutes, or its functions do not run at all`,
      first: 'status',
      next: `scan ${name}`,
    },
    {
      name: 'account-held',
      metric: { own: 'accountsHeld' },
      minutes: 5,
      above: 0,
      says: 'a vendor refuses our credentials; its records wait and nothing is lost',
      first: 'status',
      next: 'connect <vendor>',
    },
    {
      name: 'account-down',
      metric: { own: 'accountsDown' },
      minutes: 5,
      above: 0,
      says: 'a vendor does not answer; its records wait and nothing is lost',
      first: 'status',
    },
    {
      name: 'flow-held',
      metric: { own: 'flowHeld' },
      minutes: 5,
      above: 0,
      says: 'the flow is held; status says why: too much would change at once (approve it), or a contract changed (release it, if a person has mended it)',
      first: 'status',
      next: `approve ${name}`,
    },
  ];
}

/** Something of ours is broken. */
function machineRules(
  flow: FlowDefinition,
  { names, stage }: { names: FlowNames; stage: Stage },
): AlarmRule[] {
  // A timed function that fails ends among the missed runs, which page; these two have a caller who waits.
  const waitedFor: HandlerName[] =
    Object.keys(flow.webhooks).length > 0 ? ['receive', 'reconcile'] : ['reconcile'];
  return [
    {
      name: 'missed-runs',
      metric: queueMetric(names.missedRuns, 'ApproximateNumberOfMessagesVisible'),
      minutes: 5,
      above: 0,
      says: 'a timed run (scan, audit or keep) could not start or failed three times; the next one makes up for it',
      first: 'status',
    },
    {
      name: 'unreadable-messages',
      metric: { own: 'unreadableMessages' },
      minutes: 5,
      above: 0,
      says: 'the queue holds messages that this version cannot read; deploy the version that wrote them or a newer one',
      first: 'status',
    },
    ...waitedFor.flatMap((handler): AlarmRule[] => [
      {
        name: `${handler}-errors`,
        metric: functionMetric(names.handler(handler), 'Errors'),
        minutes: 5,
        above: stage.alarms.errors - 1,
        says: `the function ${handler} failed ${stage.alarms.errors} times or more within 5 minutes; see its log`,
        first: 'status',
      },
      {
        name: `${handler}-throttles`,
        metric: functionMetric(names.handler(handler), 'Throttles'),
        minutes: 5,
        above: 0,
        says: `the function ${handler} was refused for want of concurrency`,
        first: 'status',
      },
    ]),
  ];
}

export function queueMetric(queue: string, name: string): AlarmRule['metric'] {
  return { namespace: 'AWS/SQS', name, dimensions: { QueueName: queue }, statistic: 'Maximum' };
}

export function functionMetric(functionName: string, name: string): AlarmRule['metric'] {
  return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName }, statistic: 'Sum' };
}
