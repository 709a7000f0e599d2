import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { FunctionUrlAuthType, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { FlowDefinition } from '../../shared/engine/flow.ts';

/**
 * A public address for the flow's webhooks. Vendors cannot sign as AWS wants it, so the function itself checks
 * each vendor's signature; its concurrency is reserved, so that a flood neither starves others nor runs up a bill.
 */
export function addWebhookEndpoint(stack: Stack, flow: FlowDefinition, receive: LambdaFunction): void {
  const { url } = receive.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
  for (const source of Object.keys(flow.webhooks)) {
    new CfnOutput(stack, `Webhook-${source}`, {
      value: `${url}hooks/${flow.name}/${source}`,
      description: `Give this address to ${source}`,
    });
  }
}
