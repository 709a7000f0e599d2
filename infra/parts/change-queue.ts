import { Duration, type Stack, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Lane } from '../../shared/engine/change-event.ts';
import { MAX_RECEIVES, type Millis } from '../../shared/engine/ports.ts';
import type { FlowNames } from '../../shared/hosts/aws/names.ts';

export interface ChangeQueues {
  /** One for each lane of the flow. */
  lanes: ReadonlyMap<Lane, Queue>;
  /** Parked records, one message each; the alarm is on this. */
  deadLetters: Queue;
  /** Runs that Scheduler or Lambda could not start or finish. They heal by the next run, so they end after an hour. */
  missedRuns: Queue;
  /** What a service tells whoever reads it; messages that nobody reads end after 14 days. */
  events?: Queue;
}

/** Lanes, and how long a received message is out of sight. */
export interface QueueProps {
  lanes: readonly Lane[];
  visibility: Millis;
}

export function addChangeQueues(
  stack: Stack,
  { lanes: wanted, visibility }: QueueProps,
  names: FlowNames,
): ChangeQueues {
  const deadLetters = new Queue(stack, 'DeadLetters', {
    ...sealed,
    queueName: names.deadLetters,
    retentionPeriod: Duration.days(14),
  });
  const missedRuns = new Queue(stack, 'MissedRuns', {
    ...sealed,
    queueName: names.missedRuns,
    retentionPeriod: Duration.hours(1),
  });
  acknowledgeEnd(deadLetters);
  acknowledgeEnd(missedRuns);
  const queue = (name: Lane) =>
    new Queue(stack, `Queue-${name}`, {
      ...sealed,
      queueName: names.queue(name),
      // As long as a dead letter: an outage of the vendor may outlast the retry horizon of any flow.
      retentionPeriod: Duration.days(14),
      visibilityTimeout: Duration.seconds(Math.ceil(visibility / 1_000)),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  const lanes = new Map(wanted.map((lane) => [lane, queue(lane)]));
  return { lanes, deadLetters, missedRuns };
}

/** A queue from which nothing moves on by itself. */
export function acknowledgeEnd(queue: Queue): void {
  const reason = 'It is a dead-letter queue itself: of change events, or of schedules and asynchronous runs.';
  Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason });
  Validations.of(queue).acknowledge({ id: 'Serverless-SQSRedrivePolicy', reason });
}

/** No queue is open to whoever has no right to it, and none is unencrypted. */
export const sealed = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
