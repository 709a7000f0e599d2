import { type App, Aspects, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { Flow } from '../shared/engine/flow.ts';
import type { FlowBundles } from './bundle.ts';
import { FlowStack } from './flow-stack.ts';
import { Guardrails } from './guardrails.ts';
import { SharedStack } from './shared-stack.ts';
import type { Stage } from './stage.ts';

export interface StacksProps {
  stage: Stage;
  flows: readonly Flow[];
  bundle(flow: Flow): FlowBundles;
}

/** One stack for what flows share, one per flow; rules that every stack must keep are checked at synth. */
export function addStacks(app: App, { stage, flows, bundle }: StacksProps): void {
  const shared = new SharedStack(app, { stage, flows });
  for (const flow of flows) {
    const stack = new FlowStack(app, { stage, flow, bundles: bundle(flow), egress: shared.egress });
    stack.addStackDependency(shared, 'its functions need the table and the secrets');
    Tags.of(stack).add('intertie:flow', flow.name);
  }
  Tags.of(app).add('intertie:stage', stage.name);
  Aspects.of(app).add(new Guardrails());
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}
