import { Duration, type Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Told } from '../../shared/engine/health.ts';
import { METRICS, type MetricKey, NAMESPACE } from '../../shared/hosts/aws/metrics.ts';
import { flowNames, stageNames } from '../../shared/hosts/aws/names.ts';
import type { Stage } from '../stage.ts';
import type { AlarmRule } from './alarm-rules.ts';
import { alarmText } from './alarm-text.ts';

/** Every alarm of one flow or service, on single metrics: what needs arithmetic is worked out by the flow's own functions. */
export function addAlarms(
  stack: Stack,
  { stage, of, rules }: { stage: Stage; of: Told; rules: readonly AlarmRule[] },
): void {
  const pagers = of.whoIsPaged.page.map((contact) => pagerOf(stack, stageNames(stage.name).topic(contact)));
  for (const rule of rules) {
    const alarm = new Alarm(stack, `Alarm-${rule.name}`, {
      alarmName: flowNames(stage.name, of.name).alarm(rule.name),
      alarmDescription: alarmText(of, stage.name, rule),
      metric: metricOf(rule, { stage: stage.name, flow: of.name }),
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

/** One of a service's own. */
export function gaugeMetric(name: string, of: { stage: string; flow: string }, minutes: number): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: name,
    dimensionsMap: { Stage: of.stage, Flow: of.flow },
    statistic: 'Maximum',
    period: Duration.minutes(minutes),
  });
}

function metricOf(rule: AlarmRule, of: { stage: string; flow: string }): Metric {
  const { metric, minutes } = rule;
  if ('own' in metric) return ownMetric(metric.own, of, minutes);
  if ('gauge' in metric) return gaugeMetric(metric.gauge, of, minutes);
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
