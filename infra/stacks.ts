import { type App, Aspects, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { Flow } from '../shared/engine/flow.ts';
import type { ServiceDefinition } from '../shared/engine/service.ts';
import type { FlowBundles, ServiceBundles } from './bundle.ts';
import { FlowStack } from './flow-stack.ts';
import { Guardrails } from './guardrails.ts';
import { ServiceStack } from './service-stack.ts';
import { SharedStack } from './shared-stack.ts';
import type { Stage } from './stage.ts';

export interface StacksProps {
  stage: Stage;
  flows: readonly Flow[];
  services: readonly ServiceDefinition[];
  bundle(flow: Flow): FlowBundles;
  bundleService(service: ServiceDefinition): ServiceBundles;
}

/** One stack for what all share, one per flow and per service; rules that every stack must keep are checked at synth. */
export function addStacks(app: App, { stage, flows, services, bundle, bundleService }: StacksProps): void {
  const shared = new SharedStack(app, { stage, flows, services });
  for (const flow of flows) {
    const stack = new FlowStack(app, { stage, flow, bundles: bundle(flow), egress: shared.egress });
    stack.addStackDependency(shared, 'its functions need the table and the secrets');
    Tags.of(stack).add('intertie:flow', flow.name);
  }
  for (const service of services) {
    const bundles = bundleService(service);
    const stack = new ServiceStack(app, { stage, service, bundles, egress: shared.egress });
    stack.addStackDependency(shared, 'its functions need the table and the secrets');
    Tags.of(stack).add('intertie:service', service.name);
  }
  Tags.of(app).add('intertie:stage', stage.name);
  Aspects.of(app).add(new Guardrails());
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}
