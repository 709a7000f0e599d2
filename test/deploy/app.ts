import { App } from 'aws-cdk-lib';
import { flows } from '../../functions/flows.ts';
import { bundleFlow } from '../../infra/bundle.ts';
import { addStacks } from '../../infra/stacks.ts';
import { readStage } from '../../infra/stage.ts';
import { hooked } from './hooked/flow.ts';

// The next version of the product: the same flows with code of another name, and one more that has a webhook.
const app = new App();
const all = [...flows, hooked];
addStacks(app, {
  stage: readStage((key) => app.node.tryGetContext(key), all),
  flows: all,
  bundle: (flow) => {
    const bundles = flow === hooked ? bundleFlow(flow, 'test/deploy/hooked/handlers.ts') : bundleFlow(flow);
    return { ...bundles, deployment: `${bundles.deployment}-next` };
  },
});
app.synth();
