import * as z from 'zod';
import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import type { Connector } from '../connector.ts';
import type { PaymentProvider } from '../payment-provider.ts';
import { read } from './client.ts';
import { readDispute } from './disputes.ts';
import { VENDOR } from './faults.ts';
import { capture, voidPayment } from './holds.ts';
import { KEY_LIFE, LATENESS, paypalAccount } from './limits.ts';
import { findPayment, readPayment } from './lookups.ts';
import { objection } from './money.ts';
import { authorise, prepare } from './orders.ts';
import { findRefund, readRefund, refund } from './refunds.ts';
import { SecretSchema } from './schema.ts';
import { settlements } from './settlements.ts';
import { paypalWebhook } from './webhook.ts';

/** PayPal, for hosts and the operator's tools. */
export const connector: Connector = { vendor: VENDOR, title: 'PayPal', secret: SecretSchema, check };

/** PayPal as the payments hub sees it, by the account's name: an order is made, authorised, captured. A payment's id is its order's. */
export function paypalProvider(account: string): PaymentProvider {
  return {
    vendor: VENDOR,
    title: 'PayPal',
    account: paypalAccount(account),
    opens: 'two-step',
    lateness: LATENESS,
    keyLife: KEY_LIFE,
    objection,
    prepare,
    authorise,
    capture,
    void: voidPayment,
    refund,
    read: readPayment,
    readRefund,
    readDispute,
    findRefund,
    find: findPayment,
    settlements,
    webhook: paypalWebhook(),
  };
}

const WebhooksSchema = z.object({ webhooks: z.array(z.object({ id: z.string(), url: z.string() })) });

async function check(session: Session): Promise<string> {
  const reading = { operation: 'webhooks.list', path: '/v1/notifications/webhooks' };
  const known = new Set((await read(session, reading, WebhooksSchema))?.webhooks.map(({ id }) => id));
  const { webhookIds = [], baseUrl } = await session.secret(SecretSchema);
  const missing = webhookIds.find((id) => !known.has(id));
  if (missing !== undefined)
    throw new Fault('auth-expired', {
      vendor: VENDOR,
      operation: reading.operation,
      field: 'webhookIds',
      message: `the app has no webhook ${missing}; take the id from the app's page at developer.paypal.com`,
      mend: 'npm run intertie -- connect paypal',
    });
  return `PayPal at ${new URL(baseUrl).host}, Orders v2, ${webhookIds.length} of ${known.size} webhooks known`;
}
