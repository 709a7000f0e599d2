import { Duration, type Stack, Validations } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Flow } from '../../shared/engine/flow.ts';
import { flowNames, stageNames } from '../../shared/hosts/aws/names.ts';
import type { HandlerName } from '../../shared/hosts/aws/schedules.ts';
import type { FlowBundles } from '../bundle.ts';
import type { Stage } from '../stage.ts';
import type { ChangeQueues } from './change-queue.ts';
import { flowEnvironment } from './flow-environment.ts';
import { addHandler } from './lambda.ts';
import { permit } from './permissions.ts';

export interface FunctionsProps {
  stage: Stage;
  flow: Flow;
  bundles: FlowBundles;
  queues: ChangeQueues;
  vpc: IVpc | undefined;
}

/** `receive` is missing where no vendor pushes. */
export type FlowFunctions = Readonly<Record<Exclude<HandlerName, 'receive'>, LambdaFunction>> & {
  readonly receive?: LambdaFunction;
};

/** The functions of a flow, each with its own code, role and log. */
export function addFunctions(stack: Stack, props: FunctionsProps): FlowFunctions {
  const { stage, flow, bundles, queues, vpc } = props;
  const { table } = stageNames(stage.name);
  const { deployment } = bundles;
  const environment = flowEnvironment({ stage, flow, queues, table, deployment });
  const add = (handler: HandlerName) => {
    const made = addHandler(stack, {
      handler,
      stage,
      names: flowNames(stage.name, flow.name),
      code: bundles.code[handler],
      environment,
      vpc,
      ...(handler === 'receive' && { reservedConcurrency: stage.concurrency.webhook }),
      ...(TIMED.has(handler) && { missedRuns: queues.missedRuns }),
    });
    permit(made, handler, { stage, flow, queues, table });
    return made;
  };
  return {
    ...(Object.keys(flow.webhooks).length > 0 && { receive: add('receive') }),
    reconcile: add('reconcile'),
    scan: add('scan'),
    audit: add('audit'),
    keep: add('keep'),
  };
}

const TIMED: ReadonlySet<HandlerName> = new Set(['scan', 'audit', 'keep']);

/** Lambda hands over up to 100 messages, gathered for a second: records then share the vendor's batch calls. */
export function addDeliveries(reconcile: LambdaFunction, queues: ChangeQueues, stage: Stage): void {
  deliver(reconcile, queues, { concurrency: stage.concurrency, batchSize: 100, gatherSeconds: 1 });
}

export interface DeliverProps {
  concurrency: Stage['concurrency'];
  batchSize: number;
  /** Absent = a message waits for no other. */
  gatherSeconds?: number;
}

export function deliver(worker: LambdaFunction, queues: ChangeQueues, props: DeliverProps): void {
  const { concurrency, batchSize, gatherSeconds } = props;
  Validations.of(worker).acknowledge({
    id: 'Serverless-LambdaEventSourceMappingDestination',
    reason:
      'A queue has no such destination: what keeps failing moves to the dead-letter queue of the queue itself.',
  });
  for (const [lane, queue] of queues.lanes) {
    queue.grantConsumeMessages(worker);
    worker.addEventSourceMapping(`Deliver-${lane}`, {
      eventSourceArn: queue.queueArn,
      batchSize,
      ...(gatherSeconds !== undefined && { maxBatchingWindow: Duration.seconds(gatherSeconds) }),
      maxConcurrency: concurrency[lane],
      reportBatchItemFailures: true,
    });
  }
}
