import { App } from 'aws-cdk-lib';
import { flows } from '../../functions/flows.ts';
import { services } from '../../functions/services.ts';
import { bundleFlow, bundleService } from '../../infra/bundle.ts';
import { addStacks } from '../../infra/stacks.ts';
import { readStage } from '../../infra/stage.ts';

// The next version of the product: the same flows with code of another name.
const app = new App();
addStacks(app, {
  stage: readStage((key) => app.node.tryGetContext(key), [...flows, ...services]),
  flows,
  services,
  bundleService,
  bundle: (flow) => {
    const bundles = bundleFlow(flow);
    return { ...bundles, deployment: `${bundles.deployment}-next` };
  },
});
app.synth();
