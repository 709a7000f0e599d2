import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { FlowNames } from '../../shared/hosts/aws/names.ts';
import type { Schedule } from '../../shared/hosts/aws/schedules.ts';

export interface SchedulesProps {
  names: FlowNames;
  schedules: readonly Schedule<string>[];
  functions: Readonly<Partial<Record<string, IFunction>>>;
  /** Where a run goes that could not even be handed to its function. */
  missedRuns: IQueue;
}

/** Everything that time starts. One role for all of them: it may start these functions and nothing else. */
export function addSchedules(stack: Stack, props: SchedulesProps): void {
  const { names, schedules, functions, missedRuns } = props;
  const arnOf = (handler: string) => {
    const made = functions[handler];
    if (!made) throw new Error(`a schedule starts the function "${handler}", which is not there`);
    return made.functionArn;
  };
  const role = new Role(stack, 'SchedulerRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
    description: 'Starts the timed functions of this flow',
  });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: [...new Set(schedules.map(({ handler }) => arnOf(handler)))],
    }),
  );
  role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [missedRuns.queueArn] }));
  for (const { name, handler, when, input } of schedules) {
    const schedule = new CfnSchedule(stack, `Schedule-${name}`, {
      name: names.schedule(name),
      flexibleTimeWindow: { mode: 'OFF' },
      ...expressionOf(when),
      target: {
        arn: arnOf(handler),
        roleArn: role.roleArn,
        input: JSON.stringify(input),
        deadLetterConfig: { arn: missedRuns.queueArn },
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 300 },
      },
    });
    // A schedule that starts before its role may start anything counts its first runs as missed.
    schedule.node.addDependency(role);
  }
}

/** Pure; `rate(5 minutes)`, or a cron expression in the wall clock of its time zone. */
export function expressionOf(when: Schedule['when']): {
  scheduleExpression: string;
  scheduleExpressionTimezone?: string;
} {
  if ('everyMinutes' in when) {
    const { everyMinutes } = when;
    return { scheduleExpression: `rate(${everyMinutes} ${everyMinutes === 1 ? 'minute' : 'minutes'})` };
  }
  const [hour, minute] = when.dailyAt.split(':').map(Number);
  return {
    scheduleExpression: `cron(${minute} ${hour} * * ? *)`,
    scheduleExpressionTimezone: when.timeZone,
  };
}
