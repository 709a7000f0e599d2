import { Duration, RemovalPolicy, type Stack, Validations } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { WORKER_TIMEOUT } from '../../shared/engine/flow.ts';
import type { FlowNames } from '../../shared/hosts/aws/names.ts';
import type { HandlerName, ServiceHandlerName } from '../../shared/hosts/aws/schedules.ts';
import type { Stage } from '../stage.ts';

/** In megabytes: memory also buys processor time, which a cold start and a page of 100 records spend. */
const MEMORY = {
  ...{ receive: 256, reconcile: 512, scan: 512, audit: 512, keep: 256 },
  // Somebody waits for the answer of an API.
  ...{ api: 1_024, work: 512, timer: 512 },
} as const satisfies Record<HandlerName | ServiceHandlerName, number>;

export interface HandlerProps {
  handler: HandlerName | ServiceHandlerName;
  stage: Stage;
  names: FlowNames;
  code: Code;
  environment: Record<string, string>;
  /** Where a timed run goes that failed three times; absent for functions that somebody waits for. */
  missedRuns?: IQueue;
  vpc: IVpc | undefined;
  reservedConcurrency?: number;
}

/** One function with a role and a log group of its own; what it may touch is granted by the caller. */
export function addHandler(stack: Stack, props: HandlerProps): LambdaFunction {
  const { handler, names, stage, vpc, missedRuns, reservedConcurrency } = props;
  const logGroup = new LogGroup(stack, `Log-${handler}`, {
    logGroupName: names.logGroup(handler),
    retention: stage.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(stack, `Role-${handler}`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `Runs ${names.handler(handler)}`,
  });
  logGroup.grantWrite(role);
  if (vpc) allowVpc(role);
  const made = new LambdaFunction(stack, `Function-${handler}`, {
    functionName: names.handler(handler),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: props.code,
    memorySize: MEMORY[handler],
    timeout: Duration.millis(WORKER_TIMEOUT),
    environment: props.environment,
    role,
    logGroup,
    ...(vpc && { vpc }),
    ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
    ...(missedRuns ? asyncFailures(missedRuns) : {}),
  });
  acknowledgeRules(made, missedRuns !== undefined);
  return made;
}

/** A timed run is tried three times; the reason of the last failure goes to the queue. */
function asyncFailures(missedRuns: IQueue) {
  return { onFailure: new SqsDestination(missedRuns), retryAttempts: 2, maxEventAge: Duration.minutes(15) };
}

function allowVpc(role: Role): void {
  role.addManagedPolicy(
    ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaVPCAccessExecutionRole'),
  );
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole]',
    reason:
      'Network interfaces are made by Lambda in names of its own choosing; AWS keeps this policy up to date.',
  });
}

function acknowledgeRules(made: LambdaFunction, timed: boolean): void {
  const rules = Validations.of(made);
  rules.acknowledge({
    id: 'Serverless-LambdaTracing',
    reason:
      'Each record has a trace id from hint to outcome in the audit trail; a second trace would cost more than the delivery.',
  });
  rules.acknowledge({
    id: 'Serverless-LambdaDLQ',
    reason: timed
      ? 'A run that failed goes to the queue of missed runs by its failure destination, with the reason.'
      : 'It is never invoked asynchronously: its caller waits for the answer, or its queue has a dead-letter queue.',
  });
  if (timed) return;
  rules.acknowledge({
    id: 'Serverless-LambdaAsyncFailureDestination',
    reason: 'It is never invoked asynchronously.',
  });
}
