import { describe, expect, test } from 'vitest';
import { flows } from '../../functions/flows.ts';
import { payments } from '../../functions/payments/service.ts';
import { serviceAlarmRules } from '../../infra/parts/service-alarm-rules.ts';
import { readStage } from '../../infra/stage.ts';
import { Match, settings, synthesise } from './stacks.ts';

const { template } = synthesise();
const stack = template('payments');
const stage = readStage((key) => (key === 'stage' ? 'test' : { test: settings }), [...flows, payments]);
const PREFIX = 'intertie-test-payments';

describe('the stack of a service', () => {
  test('its queue has dead letters, and a message is out of sight for longer than its worker can live', () => {
    stack.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: `${PREFIX}-live`,
      RedrivePolicy: Match.objectLike({ maxReceiveCount: 10 }),
      VisibilityTimeout: 130,
    });
    stack.hasResourceProperties('AWS::Lambda::Function', { FunctionName: `${PREFIX}-work`, Timeout: 60 });
    stack.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('it has one address, whose concurrency is kept free and bounded, and each vendor is told its path', () => {
    stack.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE' });
    stack.resourceCountIs('AWS::Lambda::Url', 1);
    stack.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: `${PREFIX}-api`,
      ReservedConcurrentExecutions: 20,
    });
    const outputs = Object.keys(stack.findOutputs('*'));
    expect(outputs).toContain('Api');
    for (const source of Object.keys(payments.hooks)) expect(outputs).toContain(`Webhook${source}`);
  });

  test('every timer starts the timer function with its own name', () => {
    const found = Object.values(stack.findResources('AWS::Scheduler::Schedule'));
    const inputs = found.map((each) => JSON.parse(each.Properties.Target.Input).timer);
    expect(inputs.sort()).toEqual(payments.howOften.timers.map(({ name }) => name).sort());
  });

  test('its functions know the queue of its events, may send to it, and read only lists of their own', () => {
    stack.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: `${PREFIX}-work`,
      Environment: {
        Variables: Match.objectLike({ INTERTIE_FLOW: 'payments', INTERTIE_EVENTS_URL: Match.anyValue() }),
      },
    });
    const policies = JSON.stringify(stack.findResources('AWS::IAM::Policy'));
    expect(policies).toContain(
      '"dynamodb:LeadingKeys":["link/payments/*","document/*","payments","payments/*"]',
    );
  });

  test('each gauge has an alarm with the words of its page, and so have dead letters and missed runs', () => {
    const alarms = Object.values(stack.findResources('AWS::CloudWatch::Alarm')).map(
      (each) => each.Properties,
    );
    expect(alarms.map((each) => each.AlarmName).sort()).toEqual(
      serviceAlarmRules(payments, stage)
        .map((rule) => `${PREFIX}-${rule.name}`)
        .sort(),
    );
    for (const { name, says, first, above } of payments.gauges) {
      const alarm = alarms.find((each) => each.MetricName === name);
      expect(alarm.Threshold, name).toBe(above);
      expect(alarm.AlarmDescription).toContain(says);
      expect(alarm.AlarmDescription).toContain(`First: npm run intertie -- ${first} --stage test`);
      expect(alarm.Dimensions).toEqual([
        { Name: 'Flow', Value: 'payments' },
        { Name: 'Stage', Value: 'test' },
      ]);
    }
    expect(alarms.map((each) => each.AlarmName)).toContain(`${PREFIX}-dead-letters`);
  });
});
