import { Fault } from '../../engine/fault.ts';
import type { Session } from '../../engine/session.ts';
import type { Connector } from '../connector.ts';
import type { PaymentProvider } from '../payment-provider.ts';
import { read as get } from './client.ts';
import { readDispute } from './disputes.ts';
import { RECONNECT, VENDOR } from './faults.ts';
import { find, readPayment } from './find.ts';
import { cancel, capture } from './holds.ts';
import { KEY_LIFE, LATENESS, squareAccount } from './limits.ts';
import { objection } from './money.ts';
import { authorise, charge, voidByKey } from './payments.ts';
import { findRefund, readRefund, refund } from './refunds.ts';
import { LocationReplySchema, SecretSchema } from './schema.ts';
import { PAID_OUT_WITHIN, payoutEntries, settlements } from './settlements.ts';
import { webhook } from './webhook.ts';

const TITLE = 'Square';

/** Square, for hosts and the operator's tools. */
export const connector: Connector = { vendor: VENDOR, title: TITLE, secret: SecretSchema, check };

async function check(session: Session): Promise<string> {
  const { locationId, apiVersion, baseUrl } = await session.secret(SecretSchema);
  const operation = 'locations.get';
  const call = { operation, path: `/v2/locations/${encodeURIComponent(locationId)}` };
  const { location } = await get(session, call, LocationReplySchema);
  if (location.status === 'INACTIVE')
    throw new Fault('auth-expired', {
      vendor: VENDOR,
      operation,
      field: 'locationId',
      message: `the location ${locationId} is not active; choose another one of the seller's`,
      mend: RECONNECT,
    });
  const where = new URL(baseUrl).host;
  return `Square location ${location.name ?? location.id} (${location.currency ?? '?'}) at ${where}, API ${apiVersion}`;
}

/**
 * Payments of one Square location, by the account's name. One step: a payment is created as a hold, and found again by
 * its key or reference.
 */
export function squareProvider(account: string): PaymentProvider {
  return {
    ...{ vendor: VENDOR, title: TITLE, account: squareAccount(account) },
    ...{ wholeCaptureOnly: true, settledAfter: PAID_OUT_WITHIN },
    ...{ opens: 'one-step', lateness: LATENESS, keyLife: KEY_LIFE, objection },
    ...{ authorise, charge, capture, void: cancel, voidByKey, refund },
    ...{ read: readPayment, readRefund, readDispute, findRefund, find, settlements, payoutEntries, webhook },
  };
}
