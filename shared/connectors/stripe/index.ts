import type { Session } from '../../engine/session.ts';
import type { Connector } from '../connector.ts';
import type { PaymentProvider } from '../payment-provider.ts';
import { read as get } from './client.ts';
import { readDispute } from './disputes.ts';
import { VENDOR } from './faults.ts';
import { find, readIntent } from './find.ts';
import { authorise, cancel, capture, prepare } from './intents.ts';
import { stripeAccount } from './limits.ts';
import { objection } from './money.ts';
import { findRefund, readRefund, refund } from './refunds.ts';
import { BalanceSchema, SecretSchema } from './schema.ts';
import { payoutEntries, settlements } from './settlements.ts';
import { webhook } from './webhook.ts';

const TITLE = 'Stripe';

/** Stripe, for hosts and the operator's tools. */
export const connector: Connector = { vendor: VENDOR, title: TITLE, secret: SecretSchema, check };

async function check(session: Session): Promise<string> {
  const { livemode } = await get(
    session,
    { operation: 'balance.retrieve', path: '/v1/balance', query: {} },
    BalanceSchema,
  );
  const { apiVersion } = await session.secret(SecretSchema);
  return `Stripe account in ${livemode ? 'LIVE' : 'test'} mode, API ${apiVersion}`;
}

/**
 * Chosen: nobody states for how long Stripe may still carry out a request whose client has gone; its own clients wait
 * 80 seconds for an answer, so no call is expected to take longer.
 */
const LATENESS = 80_000;
/** Keys may be pruned once they are 24 hours old ("Idempotent requests"); an hour is left for clocks and queues. */
const KEY_LIFE = 23 * 3_600_000;

/** Payments of one Stripe account, by its name. Two steps: a PaymentIntent is made first, then confirmed. */
export function stripeProvider(account: string): PaymentProvider {
  return {
    ...{ vendor: VENDOR, title: TITLE, account: stripeAccount(account) },
    ...{ opens: 'two-step', lateness: LATENESS, keyLife: KEY_LIFE, objection },
    ...{ prepare, authorise, capture, void: cancel, refund },
    ...{ read: readIntent, readRefund, readDispute, findRefund, find, settlements, payoutEntries, webhook },
  };
}
