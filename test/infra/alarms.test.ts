import { describe, expect, test } from 'vitest';
import { flows } from '../../functions/flows.ts';
import { services } from '../../functions/services.ts';
import { ticketingMarketing } from '../../functions/ticketing-marketing/flow.ts';
import { alarmRules } from '../../infra/parts/alarm-rules.ts';
import { ALARM_TEXT_LIMIT, alarmText } from '../../infra/parts/alarm-text.ts';
import { readStage } from '../../infra/stage.ts';
import { METRICS, NAMESPACE } from '../../shared/hosts/aws/metrics.ts';
import { polled } from './polled.ts';
import { Match, settings, synthesise } from './stacks.ts';

const { template } = synthesise();
const flow = template('polled');
const definition = polled;
const stage = readStage((key) => (key === 'stage' ? 'test' : { test: settings }), [...flows, ...services]);
const topic = 'intertie-test-page-integration-on-call';

const alarms = (of: typeof flow) =>
  Object.values(of.findResources('AWS::CloudWatch::Alarm')).map((each) => each.Properties);
const nameOf = (rule: string) => `intertie-test-polled-${rule}`;

describe('alarms of a flow', () => {
  test('these, and no others', () => {
    expect(alarmRules(definition, stage).map((rule) => rule.name)).toEqual([
      'dead-letters',
      'new-parkings',
      'oldest-unfinished',
      'live-message-age',
      'bulk-message-age',
      'heartbeat',
      'account-held',
      'account-down',
      'flow-held',
      'missed-runs',
      'unreadable-messages',
      'reconcile-errors',
      'reconcile-throttles',
    ]);
    const pushed = alarmRules(ticketingMarketing, stage).map((rule) => rule.name);
    expect(pushed).toEqual(expect.arrayContaining(['receive-errors', 'receive-throttles']));
  });

  test('the dead-letter queue pages at its first message and says what to run', () => {
    flow.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: nameOf('dead-letters'),
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: nameOf('dead-letters') }],
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmDescription: Match.stringLikeRegexp(
        'First: npm run intertie -- parked polled --stage test\nThen: npm run intertie -- replay polled --all --stage test\n',
      ),
    });
  });

  test('silence pages by its absence too: nothing publishes when nothing runs', () => {
    flow.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: nameOf('heartbeat'),
      Namespace: NAMESPACE,
      MetricName: METRICS.heartbeatAge.name,
      Threshold: 15 * 60,
      TreatMissingData: 'missing',
      InsufficientDataActions: [Match.anyValue()],
    });
  });

  test('limits come from what the flow expects', () => {
    for (const rule of ['oldest-unfinished', 'live-message-age'])
      flow.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: nameOf(rule), Threshold: 30 * 60 });
  });

  test('each looks at one metric, and tells those whom the flow names when it begins and when it ends', () => {
    const all = [...alarms(flow), ...alarms(template('ticketing-marketing'))];
    expect(all).toHaveLength(13 + 16);
    for (const alarm of all) {
      expect(alarm).not.toHaveProperty('Metrics');
      expect(alarm.MetricName).toEqual(expect.any(String));
      expect(JSON.stringify(alarm.AlarmActions)).toContain(topic);
      expect(alarm.OKActions).toEqual(alarm.AlarmActions);
    }
  });

  test('our own metrics carry stage and flow, as the functions publish them', () => {
    const own = alarms(flow).filter((each) => each.Namespace === NAMESPACE);
    expect(own).toHaveLength(7);
    for (const alarm of own) {
      expect(alarm.Dimensions).toEqual(
        expect.arrayContaining([
          { Name: 'Stage', Value: 'test' },
          { Name: 'Flow', Value: 'polled' },
        ]),
      );
      const metric = Object.values(METRICS).find((each) => each.name === alarm.MetricName);
      expect(alarm.Statistic).toBe(metric?.statistic);
    }
  });
});

describe('the text of an alarm', () => {
  test('answers what suffers, who owns it, what to run and where to read on', () => {
    const text = alarmText(definition, 'prod', {
      name: 'any',
      says: 'something has happened',
      first: 'status',
      next: 'scan ticketing-marketing',
    });
    expect(text.split('\n')).toEqual([
      'Box office and marketing, polled (prod): something has happened.',
      `Impact: ${definition.whenItBreaks.impact}`,
      'Owner: Integration team',
      'First: npm run intertie -- status --stage prod',
      'Then: npm run intertie -- scan ticketing-marketing --stage prod',
      'Runbook: functions/ticketing-marketing/README.md',
    ]);
  });

  test.each([...flows, polled].map((each) => [each.name, each] as const))(
    '%s: every text fits, in the longest stage',
    (_, each) => {
      const longest = { ...stage, name: 'a-stage-of-20-letter' };
      for (const rule of alarmRules(each, longest))
        expect(alarmText(each, longest.name, rule).length).toBeLessThanOrEqual(ALARM_TEXT_LIMIT);
    },
  );

  test('one that would be cut off stops synth, and says what to shorten and by how much', () => {
    const wordy = {
      ...definition,
      whenItBreaks: { ...definition.whenItBreaks, impact: 'x'.repeat(1_000) },
    };
    const rule = { name: 'heartbeat', says: 'y', first: 'status' };
    expect(() => alarmText(wordy, 'prod', rule)).toThrow(
      /flow "polled", alarm "heartbeat": .* shorten whenItBreaks\.impact in flow\.ts by \d+$/,
    );
  });
});
