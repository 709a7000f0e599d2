import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { flows } from '../../functions/flows.ts';
import { services } from '../../functions/services.ts';
import { accountsOf } from '../../infra/stage.ts';
import { visibilityTimeout } from '../../shared/engine/flow.ts';
import { polled } from './polled.ts';
import { Match, settings, synthesise } from './stacks.ts';

const { template } = synthesise();
const shared = template('shared');
const flow = template('polled');
const pushed = template('ticketing-marketing');
const definition = polled;
const accounts = accountsOf([...flows, ...services]);

const idsOf = (of: typeof flow, type: string) => Object.keys(of.findResources(type)).sort();

describe('what flows share', () => {
  test('the state table is paid by use, can be restored to any second and outlives its stack', () => {
    shared.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: 'intertie-test-state',
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        GlobalSecondaryIndexes: [
          Match.objectLike({ IndexName: 'parked', Projection: { ProjectionType: 'KEYS_ONLY' } }),
          Match.objectLike({ IndexName: 'due', Projection: { ProjectionType: 'KEYS_ONLY' } }),
        ],
      },
    });
  });

  test('a secret for each account, without a value that a deployment could put over the real one', () => {
    const secrets = shared.findResources('AWS::SecretsManager::Secret');
    const found = Object.values(secrets).map(({ DeletionPolicy, Properties }) => [
      Properties.Name,
      DeletionPolicy,
      'SecretString' in Properties || 'GenerateSecretString' in Properties,
    ]);
    expect(found).toEqual([...accounts.map((account) => [`intertie/test/${account}`, 'Retain', false])]);
  });

  test('alarms of this account, and nobody else, may publish to a topic that is encrypted', () => {
    shared.hasResourceProperties('AWS::SNS::Topic', {
      TopicName: 'intertie-test-page-integration-on-call',
      KmsMasterKeyId: Match.anyValue(),
    });
    shared.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      }),
    });
  });

  test('an address is subscribed; "nobody" is not', () => {
    shared.resourceCountIs('AWS::SNS::Subscription', 0);
    const paged = synthesise({
      recipients: { ...settings.recipients, 'integration-on-call': 'oncall@theatre.org' },
    });
    paged.template('shared').hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'oncall@theatre.org',
    });
  });

  test('what exists already is not made again', () => {
    const again = synthesise({ existingTable: true, existingSecrets: ['hubspot/main'] });
    again.template('shared').resourceCountIs('AWS::DynamoDB::Table', 0);
    again.template('shared').resourceCountIs('AWS::SecretsManager::Secret', accounts.length - 1);
    again.template('ticketing-marketing').hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ INTERTIE_TABLE: 'intertie-test-state' }) },
    });
  });

  test('the dashboard has a row for each flow', () => {
    const [dashboard] = Object.values(shared.findResources('AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(dashboard?.Properties.DashboardBody);
    for (const { impact } of flows.map((each) => each.whenItBreaks)) expect(body).toContain(impact);
    expect(body).toContain('Delivered');
  });
});

describe('queues of a flow', () => {
  test.each(['live', 'bulk'])(
    '%s: encrypted, invisible for as long as the engine says, ten tries',
    (lane) => {
      flow.hasResourceProperties('AWS::SQS::Queue', {
        QueueName: `intertie-test-polled-${lane}`,
        SqsManagedSseEnabled: true,
        VisibilityTimeout: visibilityTimeout(definition) / 1_000,
        MessageRetentionPeriod: 1_209_600,
        RedrivePolicy: { maxReceiveCount: 10, deadLetterTargetArn: Match.anyValue() },
      });
    },
  );

  test('all four refuse whoever comes without TLS', () => {
    const policies = Object.values(flow.findResources('AWS::SQS::QueuePolicy'));
    expect(policies).toHaveLength(4);
    for (const { Properties } of policies) {
      expect(JSON.stringify(Properties.PolicyDocument)).toContain('"aws:SecureTransport":"false"');
    }
  });
});

describe('functions of a flow', () => {
  test('reconcile, scan, audit and keep; receive only where a vendor pushes', () => {
    const names = (of: typeof flow) =>
      Object.values(of.findResources('AWS::Lambda::Function')).map((each) => each.Properties.FunctionName);
    const own = ['reconcile', 'scan', 'audit', 'keep'];
    expect(names(flow).sort()).toEqual(own.map((each) => `intertie-test-polled-${each}`).sort());
    expect(names(pushed).sort()).toEqual(
      [...own, 'receive'].map((each) => `intertie-test-ticketing-marketing-${each}`).sort(),
    );
  });

  test('run on arm64 with Node 24, a minute long, and log to a group that forgets', () => {
    flow.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 60,
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    flow.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    flow.resourceCountIs('AWS::Logs::LogGroup', 4);
  });

  test('get each queue by its own event source, in batches of which a part may fail', () => {
    flow.resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
    for (const concurrency of [10, 5]) {
      flow.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
        BatchSize: 100,
        MaximumBatchingWindowInSeconds: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: concurrency },
      });
    }
  });

  test('are known by the variables that the host reads, and no secret is among them', () => {
    flow.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          INTERTIE_STAGE: 'test',
          INTERTIE_FLOW: 'polled',
          INTERTIE_TABLE: 'intertie-test-state',
          INTERTIE_QUEUES: Match.anyValue(),
          INTERTIE_DLQ_URL: Match.anyValue(),
          INTERTIE_SECRET_PREFIX: 'intertie/test/',
          INTERTIE_DEPLOYMENT: 'a-test',
        },
      },
    });
  });

  test('timed ones that fail three times end among the missed runs', () => {
    flow.resourceCountIs('AWS::Lambda::EventInvokeConfig', 3);
    flow.allResourcesProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
  });

  test('behind a webhook: a public address, and concurrency of its own', () => {
    flow.resourceCountIs('AWS::Lambda::Url', 0);
    pushed.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE' });
    pushed.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'intertie-test-ticketing-marketing-receive',
      ReservedConcurrentExecutions: 10,
    });
  });
});

describe('permissions', () => {
  const statements = Object.values(flow.findResources('AWS::IAM::Policy')).flatMap((policy) =>
    policy.Properties.PolicyDocument.Statement.map((statement: { Action: unknown; Resource: unknown }) => ({
      of: String(policy.Properties.PolicyName),
      actions: [statement.Action].flat().map(String),
      resources: JSON.stringify(statement.Resource),
      whole: JSON.stringify(statement),
    })),
  );
  const of = (handler: string) => statements.filter((each) => each.of.startsWith(`Role${handler}`));
  const may = (handler: string, action: string) =>
    of(handler).filter((each) => each.actions.includes(action));

  test('no star stands for actions or resources', () => {
    expect(statements.length).toBeGreaterThan(15);
    for (const each of statements) {
      expect(each.actions.filter((action: string) => action.includes('*'))).toEqual([]);
      expect(each.resources).not.toMatch(/"\*"|[^?]\*/);
    }
  });

  test('a flow reaches its own links and the shared documents, not the links of another flow', () => {
    for (const handler of ['reconcile', 'scan', 'audit', 'keep']) {
      const [table] = may(handler, 'dynamodb:UpdateItem');
      expect(table?.whole).toContain('"dynamodb:LeadingKeys":["link/polled/*","document/*","polled"]');
      expect(may(handler, 'dynamodb:Scan')).toEqual([]);
    }
  });

  test('of the table, exactly what the host calls', () => {
    const called = globSync('shared/hosts/aws/*.ts')
      .map((file) => readFileSync(file, 'utf8'))
      .filter((text) => text.includes("'@aws-sdk/client-dynamodb'"))
      .flatMap((text) => [...text.matchAll(/new (\w+)Command\(/g)].map(([, name]) => `dynamodb:${name}`))
      .filter((action) => /Item|Query|Scan|Statement/.test(action));
    for (const handler of ['reconcile', 'scan', 'audit', 'keep']) {
      const allowed = of(handler).flatMap((each) =>
        each.actions.filter((action: string) => /^dynamodb:/.test(action)),
      );
      expect(allowed.sort()).toEqual([...new Set(called)].sort());
    }
  });

  test('only reconcile receives changes; only keep removes dead letters', () => {
    const receives = (handler: string) =>
      may(handler, 'sqs:ReceiveMessage')
        .map((each) => each.resources)
        .join();
    expect(receives('reconcile')).toMatch(/Queuelive.*Queuebulk/);
    expect(receives('reconcile')).not.toContain('DeadLetters');
    expect(receives('scan') + receives('audit')).toBe('');
    expect(receives('keep')).toContain('DeadLetters');
    expect(receives('keep')).not.toContain('Queuelive');
  });

  test('secrets: those of the accounts of the flow, by name', () => {
    for (const handler of ['reconcile', 'scan', 'audit', 'keep']) {
      const resources = may(handler, 'secretsmanager:GetSecretValue')
        .map((each) => each.resources)
        .join();
      expect(resources).toContain('secret:intertie/test/tessitura/main-??????');
      expect(resources).toContain('secret:intertie/test/hubspot/main-??????');
    }
    expect(may('keep', 'secretsmanager:PutSecretValue')).toEqual([]);
  });
});

describe('schedules', () => {
  test('scan as often as the flow says, the audit by the clock of its place', () => {
    flow.hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: 'intertie-test-polled-scan',
      ScheduleExpression: 'rate(5 minutes)',
      Target: Match.objectLike({ Input: '{"errand":"scan"}', DeadLetterConfig: { Arn: Match.anyValue() } }),
    });
    flow.hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: 'intertie-test-polled-audit',
      ScheduleExpression: 'cron(30 2 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/London',
    });
  });
});

describe('names that must stay: a changed logical id would replace what it names', () => {
  test('of the table, the secrets, the queues and the functions', () => {
    expect(idsOf(shared, 'AWS::DynamoDB::Table')).toEqual(['StateTable9728C7E5']);
    expect(idsOf(shared, 'AWS::SecretsManager::Secret')).toEqual(
      accounts.map((account) => `Secret${account.replace('/', '')}`),
    );
    expect(idsOf(flow, 'AWS::SQS::Queue')).toEqual(
      ['DeadLettersBBF8BAAB', 'MissedRuns2A46D234', 'QueueliveF25C216B', 'Queuebulk9047662A'].sort(),
    );
    expect(idsOf(flow, 'AWS::Lambda::Function')).toEqual([
      'FunctionauditE506C77B',
      'FunctionkeepC819750C',
      'Functionreconcile2D8E0695',
      'Functionscan0276BC4C',
    ]);
    expect(idsOf(flow, 'AWS::Lambda::EventSourceMapping')).toEqual([
      'FunctionreconcileDeliverbulk8331DD66',
      'FunctionreconcileDeliverlive812C33A0',
    ]);
  });
});

describe('a fixed address', () => {
  test('all functions leave by one NAT gateway whose address is ours', () => {
    const { template: nat } = synthesise({ ...settings, egress: 'nat' });
    nat('shared').resourceCountIs('AWS::EC2::NatGateway', 1);
    nat('shared').hasOutput('EgressIp', {});
    nat('ticketing-marketing').allResourcesProperties('AWS::Lambda::Function', {
      VpcConfig: { SubnetIds: Match.anyValue(), SecurityGroupIds: Match.anyValue() },
    });
  });
});
