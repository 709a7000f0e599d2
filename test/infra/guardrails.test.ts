import { App, Aspects, Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test } from 'vitest';
import { Guardrails } from '../../infra/guardrails.ts';

/** What synth would say about a stack with these things in it. */
function errorsOf(build: (stack: Stack) => void): string[] {
  const app = new App();
  const stack = new Stack(app, 'tried');
  Aspects.of(app).add(new Guardrails());
  build(stack);
  const { messages } = app.synth().getStackByName('tried');
  return messages
    .filter((message) => message.level === 'error')
    .map(({ id, entry }) => `${id.split('/')[2]}: ${String(entry.data)}`);
}

function alarmOn(stack: Stack, queue: Queue, text = 'Runbook: functions/a/README.md'): Alarm {
  const metric = queue.metricApproximateNumberOfMessagesVisible();
  const alarm = new Alarm(stack, `On${queue.node.id}`, {
    metric,
    threshold: 0,
    evaluationPeriods: 1,
    alarmDescription: text,
  });
  alarm.addAlarmAction(new SnsAction(new Topic(stack, `Topic${queue.node.id}`)));
  return alarm;
}

describe('guardrails', () => {
  test('are silent where all is well', () => {
    const errors = errorsOf((stack) => {
      const end = new Queue(stack, 'End');
      alarmOn(stack, end);
      new Queue(stack, 'Work', { deadLetterQueue: { queue: end, maxReceiveCount: 10 } });
    });
    expect(errors).toEqual([]);
  });

  test('an alarm finds its queue by its fixed name too', () => {
    const errors = errorsOf((stack) => {
      const end = new Queue(stack, 'End', { queueName: 'the-end' });
      new Queue(stack, 'Work', { deadLetterQueue: { queue: end, maxReceiveCount: 10 } });
      const named = Queue.fromQueueArn(stack, 'Named', 'arn:aws:sqs:us-east-1:123456789012:the-end');
      const alarm = new Alarm(stack, 'OnEnd', {
        metric: named.metricApproximateNumberOfMessagesVisible(),
        threshold: 0,
        evaluationPeriods: 1,
        alarmDescription: 'Runbook: functions/a/README.md',
      });
      alarm.addAlarmAction(new SnsAction(new Topic(stack, 'Topic')));
    });
    expect(errors).toEqual([]);
  });

  test('a queue without a dead-letter queue', () => {
    const errors = errorsOf((stack) => void new Queue(stack, 'Work'));
    expect(errors).toEqual([expect.stringMatching(/^Work: this queue has no dead-letter queue/)]);
  });

  test('a dead-letter queue that nobody watches, or by another figure than its depth', () => {
    const errors = errorsOf((stack) => {
      const end = new Queue(stack, 'End');
      new Queue(stack, 'Work', { deadLetterQueue: { queue: end, maxReceiveCount: 10 } });
      const alarm = new Alarm(stack, 'OnAge', {
        metric: end.metricApproximateAgeOfOldestMessage(),
        threshold: 0,
        evaluationPeriods: 1,
        alarmDescription: 'Runbook: functions/a/README.md',
      });
      alarm.addAlarmAction(new SnsAction(new Topic(stack, 'Topic')));
    });
    expect(errors).toEqual([expect.stringMatching(/^End: nobody hears of what falls into this/)]);
  });

  test('an alarm on another dead-letter queue does not count', () => {
    const errors = errorsOf((stack) => {
      const [one, other] = [new Queue(stack, 'One'), new Queue(stack, 'Other')];
      for (const end of [one, other])
        new Queue(stack, `Work${end.node.id}`, { deadLetterQueue: { queue: end, maxReceiveCount: 10 } });
      alarmOn(stack, one);
    });
    expect(errors).toEqual([expect.stringMatching(/^Other: nobody hears/)]);
  });

  test('an alarm without an action', () => {
    const errors = errorsOf((stack) => {
      const end = new Queue(stack, 'End');
      new Queue(stack, 'Work', { deadLetterQueue: { queue: end, maxReceiveCount: 10 } });
      new Alarm(stack, 'Silent', {
        metric: end.metricApproximateNumberOfMessagesVisible(),
        threshold: 0,
        evaluationPeriods: 1,
        alarmDescription: 'Runbook: functions/a/README.md',
      });
    });
    expect(errors).toEqual([expect.stringMatching(/^Silent: this alarm tells nobody/)]);
  });

  test.each(['', 'records are parked', 'Runbook:', 'see the Runbook: functions/a/README.md'])(
    'an alarm whose text is "%s" has no runbook',
    (text) => {
      const errors = errorsOf((stack) => {
        const end = new Queue(stack, 'End');
        new Queue(stack, 'Work', { deadLetterQueue: { queue: end, maxReceiveCount: 10 } });
        alarmOn(stack, end, text);
      });
      expect(errors).toEqual([expect.stringMatching(/^OnEnd: .*needs a line "Runbook: <path>"/)]);
    },
  );
});
