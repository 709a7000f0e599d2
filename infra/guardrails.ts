import { Annotations, type IAspect, Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import * as z from 'zod';

/**
 * What must hold in every stack, whoever adds to it: every queue has a dead-letter queue or is one, every
 * dead-letter queue has an alarm on its depth, every alarm has an action and a runbook. Synth fails otherwise.
 */
export class Guardrails implements IAspect {
  visit(node: IConstruct): void {
    if (!(node instanceof Stack)) return;
    const nodes = node.node.findAll();
    const queues = nodes.filter((each) => each instanceof CfnQueue);
    const alarms = nodes.filter((each) => each instanceof CfnAlarm);
    const ends = new Set(nodes.flatMap((each) => deadEnds(node, each)));
    for (const queue of queues) {
      const isEnd = ends.has(node.resolve(queue.logicalId));
      if (!isEnd && queue.redrivePolicy === undefined)
        refuse(queue, 'this queue has no dead-letter queue and is none: give it `deadLetterQueue`');
      if (isEnd && !alarms.some((alarm) => watchesDepth(node, alarm, queue)))
        refuse(queue, 'nobody hears of what falls into this dead-letter queue: add an alarm on its depth');
    }
    for (const alarm of alarms) checkAlarm(node, alarm);
  }
}

function refuse(node: IConstruct, message: string): void {
  Annotations.of(node).addError(message);
}

const Reference = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });
const RedrivePolicy = z.object({ deadLetterTargetArn: z.unknown() });
const Target = z.object({ deadLetterConfig: z.object({ arn: z.unknown() }) });
const Destinations = z.object({ onFailure: z.object({ destination: z.unknown() }) });
const Dimensions = z.array(z.object({ name: z.string(), value: z.unknown() }));

/** Logical ids of queues to which this resource sends what it could not do. */
function deadEnds(stack: Stack, node: IConstruct): string[] {
  const arns: unknown[] = [];
  if (node instanceof CfnQueue)
    arns.push(parsed(RedrivePolicy, stack.resolve(node.redrivePolicy))?.deadLetterTargetArn);
  if (node instanceof CfnSchedule)
    arns.push(parsed(Target, stack.resolve(node.target))?.deadLetterConfig.arn);
  if (node instanceof CfnEventInvokeConfig)
    arns.push(parsed(Destinations, stack.resolve(node.destinationConfig))?.onFailure.destination);
  return arns.flatMap((arn) => parsed(Reference, arn)?.['Fn::GetAtt'][0] ?? []);
}

function watchesDepth(stack: Stack, alarm: CfnAlarm, queue: CfnQueue): boolean {
  if (alarm.namespace !== 'AWS/SQS' || alarm.metricName !== 'ApproximateNumberOfMessagesVisible')
    return false;
  const dimensions = parsed(Dimensions, stack.resolve(alarm.dimensions)) ?? [];
  const name = dimensions.find((each) => each.name === 'QueueName')?.value;
  const reference = parsed(Reference, name)?.['Fn::GetAtt'][0];
  return reference === stack.resolve(queue.logicalId) || (name !== undefined && name === queue.queueName);
}

function checkAlarm(stack: Stack, alarm: CfnAlarm): void {
  const actions: unknown = stack.resolve(alarm.alarmActions);
  if (!Array.isArray(actions) || actions.length === 0)
    refuse(alarm, 'this alarm tells nobody: give it an action');
  const text: unknown = stack.resolve(alarm.alarmDescription);
  if (typeof text !== 'string' || !/^Runbook: \S+/m.test(text))
    refuse(
      alarm,
      'whoever is paged by this alarm finds no help: its description needs a line "Runbook: <path>"',
    );
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const result = schema.safeParse(value);
  return result.success ? result.data : undefined;
}
