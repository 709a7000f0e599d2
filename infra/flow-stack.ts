import { type App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { type Flow, lanesOf, visibilityTimeout } from '../shared/engine/flow.ts';
import { flowNames } from '../shared/hosts/aws/names.ts';
import { schedulesOf } from '../shared/hosts/aws/schedules.ts';
import type { FlowBundles } from './bundle.ts';
import { alarmRules } from './parts/alarm-rules.ts';
import { addAlarms } from './parts/alarms.ts';
import { addChangeQueues } from './parts/change-queue.ts';
import type { Egress } from './parts/egress.ts';
import { addDeliveries, addFunctions } from './parts/functions.ts';
import { addSchedules } from './parts/schedule.ts';
import { addWebhookEndpoint } from './parts/webhook-endpoint.ts';
import type { Stage } from './stage.ts';

export interface FlowProps {
  stage: Stage;
  flow: Flow;
  bundles: FlowBundles;
  egress: Egress | undefined;
}

/** Everything that one flow runs on, from its definition alone; deployed and rolled back by itself. */
export class FlowStack extends Stack {
  constructor(app: App, props: FlowProps) {
    const { stage, flow } = props;
    const names = flowNames(stage.name, flow.name);
    super(app, flow.name, {
      stackName: names.stack,
      description: `Intertie, stage ${stage.name}: ${flow.title}`,
    });
    const queues = addChangeQueues(
      this,
      { lanes: lanesOf(flow), visibility: visibilityTimeout(flow) },
      names,
    );
    const vpc = props.egress && Vpc.fromVpcAttributes(this, 'Egress', props.egress);
    const functions = addFunctions(this, { ...props, queues, vpc });
    addDeliveries(functions.reconcile, queues, stage);
    if (functions.receive) addWebhookEndpoint(this, flow, functions.receive);
    addSchedules(this, { names, schedules: schedulesOf(flow), functions, missedRuns: queues.missedRuns });
    addAlarms(this, { stage, of: flow, rules: alarmRules(flow, stage) });
  }
}
