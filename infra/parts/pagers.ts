import { Annotations, Duration, RemovalPolicy, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { stageNames } from '../../shared/hosts/aws/names.ts';
import type { Stage } from '../stage.ts';

/** One topic per contact name: a flow's alarms reach exactly those whom it names. */
export function addPagers(stack: Stack, stage: Stage): void {
  // The key that AWS manages does not let alarms publish, so it has to be one of our own.
  const key = new Key(stack, 'PagerKey', {
    description: `Alarm texts of Intertie, stage ${stage.name}`,
    enableKeyRotation: true,
    // Texts of alarms are not kept anywhere, so nothing needs the key once its stage is gone.
    removalPolicy: RemovalPolicy.DESTROY,
    pendingWindow: Duration.days(7),
  });
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  );
  for (const [contact, address] of Object.entries(stage.recipients)) {
    const topic = new Topic(stack, `Pager-${contact}`, {
      topicName: stageNames(stage.name).topic(contact),
      displayName: `Intertie ${stage.name}`,
      masterKey: key,
      enforceSSL: true,
    });
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
    if (address === 'nobody')
      Annotations.of(topic).addInfo(`alarms for "${contact}" page nobody in stage "${stage.name}"`);
    else subscribe(topic, address);
  }
}

function subscribe(topic: Topic, address: string): void {
  topic.addSubscription(new EmailSubscription(address));
  Validations.of(topic).acknowledge({
    id: 'Serverless-SNSRedrivePolicy',
    reason:
      'A page that no mailbox takes is not worth keeping: its alarm stays red, and says so again when it changes.',
  });
}
