import { Duration, type Stack } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, Metric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { type FlowDefinition, lanesOf } from '../../shared/engine/flow.ts';
import { flowNames, stageNames } from '../../shared/hosts/aws/names.ts';
import type { Stage } from '../stage.ts';
import { ownMetric } from './alarms.ts';

/** One dashboard for all flows of the stage, one row each; its metrics are found by name. */
export function addDashboard(
  stack: Stack,
  { stage, flows }: { stage: Stage; flows: readonly FlowDefinition[] },
): void {
  const dashboard = new Dashboard(stack, 'Dashboard', {
    dashboardName: stageNames(stage.name).dashboard,
    defaultInterval: Duration.hours(12),
  });
  for (const flow of flows) {
    dashboard.addWidgets(new TextWidget({ width: 24, height: 2, markdown: heading(flow) }));
    dashboard.addWidgets(...row(stage, flow));
  }
}

function heading({ title, moves, whenItBreaks, whoIsPaged, whereToLook }: FlowDefinition): string {
  const arrow = moves.direction === 'two-way' ? '↔' : '→';
  return [
    `## ${title}: ${moves.from} ${arrow} ${moves.to}`,
    `${whenItBreaks.impact} Owner: ${whoIsPaged.owner}. Runbook: ${whereToLook.runbook}`,
  ].join('\n');
}

function row(stage: Stage, flow: FlowDefinition): GraphWidget[] {
  const of = { stage: stage.name, flow: flow.name };
  const names = flowNames(stage.name, flow.name);
  const queued = (lane: string) =>
    new Metric({
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensionsMap: { QueueName: names.queue(lane) },
      statistic: 'Maximum',
      label: lane,
    });
  const graph = (title: string, left: Metric[]) => new GraphWidget({ title, left, width: 6, height: 6 });
  return [
    graph('Delivered', [ownMetric('delivered', of, 5)]),
    graph('Waiting messages', lanesOf(flow).map(queued)),
    graph('Waits for a person', [ownMetric('parked', of, 5), ownMetric('deadLetters', of, 5)]),
    graph('Age in seconds', [ownMetric('oldestUnfinished', of, 5), ownMetric('heartbeatAge', of, 5)]),
  ];
}
