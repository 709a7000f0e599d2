import { Duration, type Stack } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, Metric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { type FlowDefinition, lanesOf } from '../../shared/engine/flow.ts';
import type { Told } from '../../shared/engine/health.ts';
import type { ServiceDefinition } from '../../shared/engine/service.ts';
import { flowNames, stageNames } from '../../shared/hosts/aws/names.ts';
import type { Stage } from '../stage.ts';
import { gaugeMetric, ownMetric } from './alarms.ts';

/** One dashboard for all flows of the stage, one row each; its metrics are found by name. */
export function addDashboard(
  stack: Stack,
  {
    stage,
    flows,
    services,
  }: { stage: Stage; flows: readonly FlowDefinition[]; services: readonly ServiceDefinition[] },
): void {
  const dashboard = new Dashboard(stack, 'Dashboard', {
    dashboardName: stageNames(stage.name).dashboard,
    defaultInterval: Duration.hours(12),
  });
  for (const flow of flows) {
    dashboard.addWidgets(
      new TextWidget({
        width: 24,
        height: 2,
        markdown: headingOf(flow, flow.moves.direction === 'two-way' ? '↔' : '→'),
      }),
    );
    dashboard.addWidgets(...row(stage, flow));
  }
  for (const service of services) {
    dashboard.addWidgets(new TextWidget({ width: 24, height: 2, markdown: headingOf(service, '→') }));
    dashboard.addWidgets(...serviceRow(stage, service));
  }
}

function headingOf(
  { title, moves, whenItBreaks, whoIsPaged, whereToLook }: Told & { moves: { from: string; to: string } },
  arrow: string,
): string {
  return [
    `## ${title}: ${moves.from} ${arrow} ${moves.to}`,
    `${whenItBreaks.impact} Owner: ${whoIsPaged.owner}. Runbook: ${whereToLook.runbook}`,
  ].join('\n');
}

function row(stage: Stage, flow: FlowDefinition): GraphWidget[] {
  const of = { stage: stage.name, flow: flow.name };
  const names = flowNames(stage.name, flow.name);
  const queued = (lane: string) => waiting(names.queue(lane), lane);
  return [
    graph('Delivered', [ownMetric('delivered', of, 5)]),
    graph('Waiting messages', lanesOf(flow).map(queued)),
    graph('Waits for a person', [ownMetric('parked', of, 5), ownMetric('deadLetters', of, 5)]),
    graph('Age in seconds', [ownMetric('oldestUnfinished', of, 5), ownMetric('heartbeatAge', of, 5)]),
  ];
}

function serviceRow(stage: Stage, { name, gauges }: ServiceDefinition): GraphWidget[] {
  const names = flowNames(stage.name, name);
  const of = { stage: stage.name, flow: name };
  return [
    graph('Waiting messages', [waiting(names.queue('live'), 'live'), waiting(names.events, 'events')]),
    graph('Dead letters', [waiting(names.deadLetters, 'dead letters')]),
    graph(
      'What pages',
      gauges.map((gauge) => gaugeMetric(gauge.name, of, 5)),
    ),
  ];
}

function graph(title: string, left: Metric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 6, height: 6 });
}

function waiting(queue: string, label: string): Metric {
  return new Metric({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensionsMap: { QueueName: queue },
    statistic: 'Maximum',
    label,
  });
}
