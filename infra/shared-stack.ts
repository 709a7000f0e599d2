import { type App, CfnOutput, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Flow } from '../shared/engine/flow.ts';
import type { ServiceDefinition } from '../shared/engine/service.ts';
import { stageNames } from '../shared/hosts/aws/names.ts';
import { addDashboard } from './parts/dashboard.ts';
import { addFixedEgress, type Egress } from './parts/egress.ts';
import { addPagers } from './parts/pagers.ts';
import { addStateTable } from './parts/state-table.ts';
import { accountsOf, type Stage } from './stage.ts';

export interface SharedProps {
  stage: Stage;
  flows: readonly Flow[];
  services: readonly ServiceDefinition[];
}

/** What all flows of a stage share: sync state, vendor credentials, who is paged, one dashboard. */
export class SharedStack extends Stack {
  readonly egress: Egress | undefined;

  constructor(app: App, { stage, flows, services }: SharedProps) {
    const names = stageNames(stage.name);
    super(app, 'shared', {
      stackName: names.sharedStack,
      description: `Intertie, stage ${stage.name}: what all flows share`,
    });
    if (!stage.existingTable) addStateTable(this, names.table);
    for (const account of accountsOf([...flows, ...services])) {
      if (!stage.existingSecrets.includes(account))
        addSecret(this, account, `${names.secretPrefix}${account}`);
    }
    addPagers(this, stage);
    addDashboard(this, { stage, flows, services });
    this.egress = stage.egress === 'nat' ? addFixedEgress(this) : undefined;
    new CfnOutput(this, 'Table', { value: names.table });
  }
}

/**
 * Created without a value, which the engine treats as missing: the account is held and pages once. A value in
 * the template would overwrite the real credentials whenever its text changed.
 */
function addSecret(stack: Stack, account: string, name: string): void {
  const secret = new CfnSecret(stack, `Secret-${account.replaceAll('/', '-')}`, {
    name,
    description: `Credentials of ${account} for Intertie; "intertie connect" puts them in`,
  });
  secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      "The vendor issues these credentials, so a Lambda cannot rotate them: OAuth tokens are renewed by the flow itself, keys by a person with 'intertie connect'.",
  });
}
