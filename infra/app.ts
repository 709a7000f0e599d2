import { App } from 'aws-cdk-lib';
import { flows } from '../functions/flows.ts';
import { services } from '../functions/services.ts';
import { bundleFlow, bundleService } from './bundle.ts';
import { addStacks } from './stacks.ts';
import { readStage, StageProblem } from './stage.ts';

// What the CDK command line runs. A mistake in the stage's settings is one line, not a stack trace.
try {
  const app = new App();
  const stage = readStage((key) => app.node.tryGetContext(key), [...flows, ...services]);
  addStacks(app, { stage, flows, services, bundle: bundleFlow, bundleService });
  app.synth();
} catch (error) {
  if (!(error instanceof StageProblem)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
