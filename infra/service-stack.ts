import { type App, CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { FunctionUrlAuthType, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { MAX_RECEIVES } from '../shared/engine/ports.ts';
import { SERVICE_VISIBILITY, type ServiceDefinition } from '../shared/engine/service.ts';
import { type FlowNames, flowNames, stageNames } from '../shared/hosts/aws/names.ts';
import { type ServiceHandlerName, timersOf } from '../shared/hosts/aws/schedules.ts';
import type { ServiceBundles } from './bundle.ts';
import { addAlarms } from './parts/alarms.ts';
import { acknowledgeEnd, addChangeQueues, type ChangeQueues, sealed } from './parts/change-queue.ts';
import type { Egress } from './parts/egress.ts';
import { flowEnvironment } from './parts/flow-environment.ts';
import { deliver } from './parts/functions.ts';
import { addHandler } from './parts/lambda.ts';
import { permit } from './parts/permissions.ts';
import { addSchedules } from './parts/schedule.ts';
import { serviceAlarmRules } from './parts/service-alarm-rules.ts';
import type { Stage } from './stage.ts';

export interface ServiceProps {
  stage: Stage;
  service: ServiceDefinition;
  bundles: ServiceBundles;
  egress: Egress | undefined;
}

/** Everything that one service runs on, from its definition alone; deployed and rolled back by itself. */
export class ServiceStack extends Stack {
  constructor(app: App, props: ServiceProps) {
    const { stage, service } = props;
    const names = flowNames(stage.name, service.name);
    super(app, service.name, {
      stackName: names.stack,
      description: `Intertie, stage ${stage.name}: ${service.title}`,
    });
    const queues = {
      ...addChangeQueues(this, { lanes: ['live'], visibility: SERVICE_VISIBILITY }, names),
      events: addEvents(this, names),
    };
    const vpc = props.egress && Vpc.fromVpcAttributes(this, 'Egress', props.egress);
    const functions = addFunctions(this, { ...props, queues, vpc });
    // One payment may take most of a worker's time: few messages at once, and they do not wait for company.
    deliver(functions.work, queues, { concurrency: stage.concurrency, batchSize: 10 });
    addAddress(this, service, functions.api);
    addSchedules(this, { names, schedules: timersOf(service), functions, missedRuns: queues.missedRuns });
    addAlarms(this, { stage, of: service, rules: serviceAlarmRules(service, stage) });
  }
}

/** What the service tells the world, for whoever reads it; what its reader fails on ten times is kept apart. */
function addEvents(stack: Stack, names: FlowNames): Queue {
  const kept = { ...sealed, retentionPeriod: Duration.days(14) };
  const unread = new Queue(stack, 'UnreadEvents', { ...kept, queueName: names.unreadEvents });
  acknowledgeEnd(unread);
  return new Queue(stack, 'Events', {
    ...{ ...kept, queueName: names.events },
    deadLetterQueue: { queue: unread, maxReceiveCount: MAX_RECEIVES },
  });
}

function addFunctions(
  stack: Stack,
  { stage, service, bundles, queues, vpc }: ServiceProps & { queues: ChangeQueues; vpc: IVpc | undefined },
): Record<ServiceHandlerName, LambdaFunction> {
  const { table } = stageNames(stage.name);
  const names = flowNames(stage.name, service.name);
  const { deployment } = bundles;
  const environment = flowEnvironment({ stage, flow: service, queues, table, deployment });
  const add = (handler: ServiceHandlerName) => {
    const made = addHandler(stack, {
      ...{ handler, stage, names, environment, vpc },
      code: bundles.code[handler],
      ...(handler === 'api' && { reservedConcurrency: stage.concurrency.api }),
      ...(handler === 'timer' && { missedRuns: queues.missedRuns }),
    });
    permit(made, handler, { ...{ stage, flow: service, queues, table }, files: true });
    return made;
  };
  return { api: add('api'), work: add('work'), timer: add('timer') };
}

/** Callers have keys of the service's own, and vendors sign: the function itself checks both. */
function addAddress(stack: Stack, service: ServiceDefinition, api: LambdaFunction): void {
  const { url } = api.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
  new CfnOutput(stack, 'Api', { value: url, description: `Address of ${service.title}` });
  for (const source of Object.keys(service.hooks))
    new CfnOutput(stack, `Webhook-${source}`, {
      value: `${url}hooks/${service.name}/${source}`,
      description: `Give this address to ${source}`,
    });
  Validations.of(api).acknowledge({
    id: 'Serverless-LambdaTracing',
    reason: 'Each payment has a timeline of its own.',
  });
}
