import { ArnFormat, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Flow } from '../../shared/engine/flow.ts';
import { accountKey } from '../../shared/engine/session.ts';
import { stageNames } from '../../shared/hosts/aws/names.ts';
import type { HandlerName, ServiceHandlerName } from '../../shared/hosts/aws/schedules.ts';
import { DOCUMENT_PREFIX, LINK_PREFIX, TABLE } from '../../shared/hosts/aws/table.ts';
import type { Stage } from '../stage.ts';
import type { ChangeQueues } from './change-queue.ts';

/** What each function does beside its use of the state table. Reconcile receives by its event sources. */
const DOES = {
  receive: { sends: true, renewsSecrets: true, deadLetters: 'none' },
  reconcile: { sends: true, renewsSecrets: true, deadLetters: 'adds' },
  scan: { sends: true, renewsSecrets: true, deadLetters: 'none' },
  audit: { sends: true, renewsSecrets: true, deadLetters: 'none' },
  keep: { sends: false, renewsSecrets: false, deadLetters: 'tends' },
  api: { sends: true, renewsSecrets: true, deadLetters: 'none' },
  work: { sends: true, renewsSecrets: true, deadLetters: 'none' },
  timer: { sends: true, renewsSecrets: true, deadLetters: 'none' },
} as const satisfies Record<
  HandlerName | ServiceHandlerName,
  { sends: boolean; renewsSecrets: boolean; deadLetters: 'none' | 'adds' | 'tends' }
>;

export interface PermissionProps {
  stage: Stage;
  flow: Pick<Flow, 'name' | 'accounts'>;
  queues: ChangeQueues;
  table: string;
  /** It files documents in lists. */
  files?: boolean;
}

/** Exactly what the function needs: no star, and of the table only this flow's links and the shared documents. */
export function permit(
  made: LambdaFunction,
  handler: HandlerName | ServiceHandlerName,
  props: PermissionProps,
): void {
  const stack = made.stack;
  const allow = (actions: string[], resources: string[]) =>
    made.addToRolePolicy(new PolicyStatement({ actions, resources }));
  const { lanes, deadLetters } = props.queues;
  const { sends, renewsSecrets, deadLetters: letters } = DOES[handler];
  const laneArns = [...lanes.values()].map((queue) => queue.queueArn);
  made.addToRolePolicy(tableStatement(stack, props));
  allow(['sqs:GetQueueAttributes', ...(sends ? ['sqs:SendMessage'] : [])], laneArns);
  if (letters === 'adds') allow(['sqs:SendMessage'], [deadLetters.queueArn]);
  if (letters === 'tends')
    allow(
      ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:SendMessage'],
      [deadLetters.queueArn],
    );
  if (props.queues.events) allow(['sqs:SendMessage'], [props.queues.events.queueArn]);
  const secrets = secretArns(stack, props);
  allow(
    ['secretsmanager:GetSecretValue', ...(renewsSecrets ? ['secretsmanager:PutSecretValue'] : [])],
    secrets,
  );
  for (const account of props.flow.accounts) {
    const { secretPrefix } = stageNames(props.stage.name);
    const name = `${secretPrefix}${accountKey(account)}-??????`;
    Validations.of(made.role ?? made).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${name}]`,
      reason:
        'AWS ends the ARN of a secret with six characters of its own; the name before them is complete.',
    });
  }
}

function tableStatement(stack: Stack, { flow, table, files }: PermissionProps): PolicyStatement {
  const arn = stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: table });
  return new PolicyStatement({
    actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    resources: [arn, ...Object.values(TABLE.indexes).map((index) => `${arn}/index/${index.name}`)],
    conditions: {
      'ForAllValues:StringLike': {
        'dynamodb:LeadingKeys': [
          ...[`${LINK_PREFIX}${flow.name}/*`, `${DOCUMENT_PREFIX}*`, flow.name],
          ...(files ? [`${flow.name}/*`] : []),
        ],
      },
    },
  });
}

function secretArns(stack: Stack, { stage, flow }: PermissionProps): string[] {
  const { secretPrefix } = stageNames(stage.name);
  return flow.accounts.map((account) =>
    stack.formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${secretPrefix}${accountKey(account)}-??????`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
}
