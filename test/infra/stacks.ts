import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { flows } from '../../functions/flows.ts';
import { services } from '../../functions/services.ts';
import type { FlowBundles, ServiceBundles } from '../../infra/bundle.ts';
import { addStacks } from '../../infra/stacks.ts';
import { readStage } from '../../infra/stage.ts';
import type { Flow } from '../../shared/engine/flow.ts';
import { polled } from './polled.ts';

export { Match };

/** Synthesised once per settings; the code of the functions does not matter here. */
export interface Synthesised {
  app: App;
  template(stack: string): Template;
}

export const settings = {
  recipients: { 'integration-on-call': 'nobody', 'payments-on-call': 'nobody' },
};

export function synthesise(
  change: Record<string, unknown> = {},
  all: readonly Flow[] = [...flows, polled],
): Synthesised {
  const app = new App();
  const context = new Map<string, unknown>([
    ['stage', 'test'],
    ['stages', { test: { ...settings, ...change } }],
  ]);
  const stage = readStage((key) => context.get(key), [...all, ...services]);
  addStacks(app, {
    ...{ stage, flows: all, services },
    bundle: () => noCode,
    bundleService: () => noServiceCode,
  });
  return {
    app,
    template: (name) => {
      const stack = app.node.findChild(name);
      if (!('templateOptions' in stack)) throw new Error(`${name} is not a stack`);
      return Template.fromStack(stack as Parameters<typeof Template.fromStack>[0]);
    },
  };
}

const code = Code.fromInline('export const handler = async () => undefined;');
const noCode: FlowBundles = {
  code: { receive: code, reconcile: code, scan: code, audit: code, keep: code },
  deployment: 'a-test',
};
const noServiceCode: ServiceBundles = {
  code: { api: code, work: code, timer: code },
  deployment: 'a-test',
};
