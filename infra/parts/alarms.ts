import { Duration, type Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { FlowDefinition } from '../../shared/engine/flow.ts';
import { METRICS, type MetricKey, NAMESPACE } from '../../shared/hosts/aws/metrics.ts';
import { flowNames, stageNames } from '../../shared/hosts/aws/names.ts';
import type { Stage } from '../stage.ts';
import { type AlarmRule, alarmRules } from './alarm-rules.ts';
import { alarmText } from './alarm-text.ts';

/** Every alarm of one flow, on single metrics: what needs arithmetic is worked out by the flow's own functions. */
export function addAlarms(stack: Stack, { stage, flow }: { stage: Stage; flow: FlowDefinition }): void {
  const pagers = flow.whoIsPaged.page.map((contact) => pagerOf(stack, stageNames(stage.name).topic(contact)));
  for (const rule of alarmRules(flow, stage)) {
    const alarm = new Alarm(stack, `Alarm-${rule.name}`, {
      alarmName: flowNames(stage.name, flow.name).alarm(rule.name),
      alarmDescription: alarmText(flow, stage.name, rule),
      metric: metricOf(rule, { stage, flow }),
      threshold: rule.above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: rule.silencePages ? TreatMissingData.MISSING : TreatMissingData.NOT_BREACHING,
    });
    for (const pager of pagers) {
      alarm.addAlarmAction(new SnsAction(pager));
      alarm.addOkAction(new SnsAction(pager));
      if (rule.silencePages) alarm.addInsufficientDataAction(new SnsAction(pager));
    }
  }
}

/** One of our own metrics, as alarms and dashboard see it. */
export function ownMetric(key: MetricKey, of: { stage: string; flow: string }, minutes: number): Metric {
  const { name, statistic } = METRICS[key];
  return new Metric({
    namespace: NAMESPACE,
    metricName: name,
    dimensionsMap: { Stage: of.stage, Flow: of.flow },
    statistic,
    period: Duration.minutes(minutes),
  });
}

function metricOf(rule: AlarmRule, { stage, flow }: { stage: Stage; flow: FlowDefinition }): Metric {
  const { metric, minutes } = rule;
  if ('own' in metric) return ownMetric(metric.own, { stage: stage.name, flow: flow.name }, minutes);
  return new Metric({
    namespace: metric.namespace,
    metricName: metric.name,
    dimensionsMap: metric.dimensions,
    statistic: metric.statistic,
    period: Duration.minutes(minutes),
  });
}

function pagerOf(stack: Stack, name: string): ITopic {
  const arn = stack.formatArn({ service: 'sns', resource: name });
  return Topic.fromTopicArn(stack, `Pager-${name}`, arn);
}
