import type { ServiceDefinition } from '../../shared/engine/service.ts';
import { type FlowNames, flowNames } from '../../shared/hosts/aws/names.ts';
import { SERVICE_HANDLERS } from '../../shared/hosts/aws/schedules.ts';
import type { Stage } from '../stage.ts';
import { type AlarmRule, functionMetric, queueMetric } from './alarm-rules.ts';

/** Pure; what pages for a service. */
export function serviceAlarmRules(service: ServiceDefinition, stage: Stage): AlarmRule[] {
  const names = flowNames(stage.name, service.name);
  const limit = service.expects.oldestMinutes;
  return [
    ...service.gauges.map(
      ({ name, above, says, first, silencePages }): AlarmRule => ({
        name: name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase(),
        metric: { gauge: name },
        minutes: silencePages ? 15 : 5,
        ...{ above, says, first },
        ...(silencePages && { silencePages }),
      }),
    ),
    {
      name: 'dead-letters',
      metric: queueMetric(names.deadLetters, 'ApproximateNumberOfMessagesVisible'),
      minutes: 5,
      above: 0,
      says: 'work failed ten times for a fault of our own and lies in the dead-letter queue',
      first: `replay ${service.name} --all`,
    },
    {
      name: 'unread-events',
      metric: queueMetric(names.unreadEvents, 'ApproximateNumberOfMessagesVisible'),
      minutes: 5,
      above: 0,
      says: 'whoever reads the event queue failed on an event ten times; it is kept for 14 days',
      first: 'status',
    },
    {
      name: 'message-age',
      metric: queueMetric(names.queue('live'), 'ApproximateAgeOfOldestMessage'),
      minutes: 5,
      // Messages wait on the queue for up to 15 minutes by intention.
      above: (limit + 15) * 60,
      says: `a message has waited for over ${limit} minutes after it was due: nothing works the queue off`,
      first: 'status',
    },
    {
      name: 'missed-runs',
      metric: queueMetric(names.missedRuns, 'ApproximateNumberOfMessagesVisible'),
      minutes: 5,
      above: 0,
      says: 'a timed run could not start or failed three times; the next one makes up for it',
      first: 'status',
    },
    ...functionRules(names, stage),
  ];
}

function functionRules(names: FlowNames, stage: Stage): AlarmRule[] {
  return SERVICE_HANDLERS.filter((handler) => handler !== 'timer').flatMap((handler): AlarmRule[] => [
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
  ]);
}
